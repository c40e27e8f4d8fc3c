import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SchemaSet } from '../../src/environments/schema-set.ts'
import { projectFile } from '../../src/stack/project.ts'
import { startKubeApi } from '../support/kube-api.ts'
import { testLaunch, testPlaces } from '../support/places.ts'
import { fluxSchemas, showSchemas, traefikSchemas } from './sets.ts'
import { kubernetesSchemas } from './kubernetes.ts'

/** `node test/schemas/generate.ts`: writes what `infometis validate` knows of each kind into src/environments/schemas. */
const signal = AbortSignal.timeout(10 * 60_000)
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const install = { places: testPlaces(), launch: testLaunch(), signal, say }

const api = await startKubeApi({ signal, say })
try {
  await write('kubernetes', await kubernetesSchemas(api.kubectl))
} finally {
  await api.stop()
}
await write('flux', await fluxSchemas(install))
await write('traefik', await traefikSchemas(install))

async function write(name: string, set: SchemaSet): Promise<void> {
  const file = join(projectFile('src', 'environments', 'schemas'), `${name}.json`)
  const before = await readFile(file, 'utf8').catch(() => '')
  const after = showSchemas(set)
  if (after !== before) await writeFile(file, after)
  const kinds = Object.keys(set.kinds).length
  say(`${after === before ? 'as it was' : 'rewritten'}: ${set.origin}, ${kinds} kinds, ${after.length} bytes`)
}
