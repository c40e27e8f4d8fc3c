import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { parseChecksums } from '../../../src/stack/checksums.ts'
import { versionFile } from './versions.ts'

async function lockedIn(part: string): Promise<ReadonlyMap<string, string>> {
  return parseChecksums(await readFile(versionFile(part, 'files.sha256'), 'utf8'))
}

const cases: readonly (readonly [string, readonly string[]])[] = [
  ['runtime', ['nifi-runtime-2.3.0.jar', 'nifi-stateless-api-2.3.0.jar', 'logback-classic-1.5.17.jar']],
  ['nars', ['nifi-framework-nar-2.3.0.nar', 'nifi-server-nar-2.3.0.nar', 'nifi-jetty-nar-2.3.0.nar']],
  ['processors', ['nifi-standard-processors-2.3.0.jar']],
]

describe('the installation of NiFi', () => {
  for (const [part, names] of cases) {
    it(`locks every file of ${part}`, async () => {
      const locked = await lockedIn(part)
      assert.ok([...locked.values()].every((checksum) => /^[0-9a-f]{64}$/.test(checksum)))
      for (const name of names) assert.ok(locked.has(name), name)
    })
  }

  it('locks every NAR that its pom names, and no other', async () => {
    const pom = await readFile(versionFile('nars', 'pom.xml'), 'utf8')
    const named = [...pom.matchAll(/<artifactId>(nifi-[a-z-]+-nar)</g)].map(
      ([, id]) => `${id ?? ''}-2.3.0.nar`,
    )
    assert.deepEqual([...(await lockedIn('nars')).keys()].sort(), named.sort())
  })

  it('locks nothing that is another file on another platform', async () => {
    const platforms = [...(await lockedIn('processors')).keys()].filter((name) =>
      /^native-|linux|osx|windows/.test(name),
    )
    assert.deepEqual(platforms, [])
  })
})
