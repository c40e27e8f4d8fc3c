import type { Json } from '../../../../src/core/resource.ts'
import { isJsonObject } from '../../../../src/core/json.ts'
import type { JsonObject } from '../../resource.ts'

/** A field by whose values documents can be sorted into drawers, the same ones in two indices. */
export interface TellingField {
  readonly path: string
  readonly type: string
}

const exact = new Set(['date', 'date_nanos', 'long', 'integer', 'short', 'unsigned_long'])
const decimal = new Set(['double', 'float', 'half_float', 'scaled_float'])
/** More are not asked how many values they have. */
const most = 8

/** Fields with ordered values on disk that are of one type in both mappings; dates first, which most documents have. */
export function tellingFields(one: JsonObject, other: JsonObject): readonly TellingField[] {
  const there = new Map([...orderedFields(other, '')].map(({ path, type }) => [path, type]))
  const both = [...orderedFields(one, '')].filter(({ path, type }) => there.get(path) === type)
  const isDate = ({ type }: TellingField) => type.startsWith('date')
  return [...both.filter(isDate), ...both.filter((field) => !isDate(field))].slice(0, most)
}

/** Fields of nested documents are left out: they are not their root's. */
function* orderedFields(of: JsonObject, prefix: string): Iterable<TellingField> {
  const { properties } = of
  for (const [name, definition] of Object.entries(isJsonObject(properties) ? properties : {})) {
    if (!isJsonObject(definition) || definition['type'] === 'nested') continue
    const { type } = definition
    if (isOrdered(type) && definition['doc_values'] !== false && definition['index'] !== false) {
      yield { path: `${prefix}${name}`, type }
    }
    yield* orderedFields(definition, `${prefix}${name}.`)
  }
}

function isOrdered(type: Json | undefined): type is string {
  return typeof type === 'string' && (exact.has(type) || decimal.has(type))
}

/** A query for the values from `from` on and below `to`, rather a little more than less. */
export function drawerQuery({ path, type }: TellingField, from: number, to: number): object {
  const margin = (to - from) / 100
  const bounds = decimal.has(type)
    ? { gte: from - margin, lte: to + margin }
    : { gte: Math.floor(from - margin), lte: Math.ceil(to + margin) }
  return { range: { [path]: { ...bounds, ...(type.startsWith('date') ? { format: 'epoch_millis' } : {}) } } }
}
