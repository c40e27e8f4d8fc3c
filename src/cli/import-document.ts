import { stringify } from 'yaml'
import { isObject, own } from '../core/json.ts'
import type { Resource } from '../core/resource.ts'
import type { ResourceType } from '../reconcile/resource-type.ts'

export interface DocumentForm {
  readonly output: 'yaml' | 'json'
  /** Every config type of the service: a definition never takes the key of a document. */
  readonly types: readonly string[]
}

/** The data of a ConfigMap: the document, and each definition as readable JSON under a key of its own, `<name>.json`. */
export function documentData(
  type: Pick<ResourceType<Resource>, 'name' | 'definition'>,
  entries: ReadonlyMap<string, unknown>,
  { output, types }: DocumentForm,
): Readonly<Record<string, string>> {
  const definitions = new Map<string, string>()
  const taken = new Set(types.map((name) => `${name}.json`))
  const short = [...entries].map(([name, value]): readonly [string, unknown] => {
    const found = type.definition === undefined ? undefined : own(value, type.definition)
    if (type.definition === undefined || !isObject(found)) return [name, value]
    const key = freeKey(name, taken)
    taken.add(key)
    definitions.set(key, toJson(found))
    return [name, { ...(value as object), [type.definition]: { key } }]
  })
  const text =
    output === 'json' ? toJson(Object.fromEntries(short)) : stringify(new Map(short), { lineWidth: 0 })
  return { [`${type.name}.${output}`]: text, ...Object.fromEntries(definitions) }
}

/** Kubernetes takes letters, digits, `-`, `_` and `.` in a data key, 253 of them. */
function freeKey(name: string, taken: ReadonlySet<string>): string {
  const stem = name.replaceAll(/[^-._a-zA-Z0-9]+/g, '-').slice(0, 240)
  let key = `${stem}.json`
  for (let count = 2; taken.has(key); count += 1) key = `${stem}-${count}.json`
  return key
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}
