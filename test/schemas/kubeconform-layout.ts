import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isFields } from '../../src/environments/manifest.ts'
import type { SchemaSet } from '../../src/environments/schema-set.ts'
import { refsIn, type Schema } from './compact.ts'

/** What kubeconform is given as `-schema-location`, below the directory that the schemas were written into. */
export const schemaLocation = '{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json'

/** Writes the schemas as kubeconform wants them: one file for each kind, with everything in it. */
export async function writeKubeconformSchemas(directory: string, sets: readonly SchemaSet[]): Promise<void> {
  const definitions = Object.assign({}, ...sets.map((set) => set.definitions)) as Readonly<
    Record<string, Schema>
  >
  for (const { kinds } of sets) {
    for (const [kind, definition] of Object.entries(kinds)) {
      const file = join(directory, fileOf(kind))
      const needed = reachable(definition, definitions)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, JSON.stringify({ $ref: `#/definitions/${definition}`, definitions: needed }))
    }
  }
}

/** `apps/v1/Deployment` is `apps/deployment_v1.json`; kubeconform calls the group of the core `v1`. */
function fileOf(kind: string): string {
  const parts = kind.split('/')
  const [group = '', version = ''] = parts.length === 3 ? parts : ['v1', 'v1']
  return `${group}/${(parts.at(-1) ?? '').toLowerCase()}_${version}.json`
}

function reachable(name: string, all: Readonly<Record<string, Schema>>): Readonly<Record<string, unknown>> {
  const found: Record<string, unknown> = {}
  const visit = (each: string): void => {
    const schema = all[each]
    if (schema === undefined) throw new Error(`there is no definition ${each}`)
    if (found[each] !== undefined) return
    found[each] = here(schema)
    for (const ref of refsIn(schema)) visit(ref.replace(/^.*\//, ''))
  }
  visit(name)
  return found
}

/** Every definition is in the same file here. */
function here(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(here)
  if (!isFields(schema)) return schema
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string' ? value.replace(/^[^#]*/, '') : here(value),
    ]),
  )
}
