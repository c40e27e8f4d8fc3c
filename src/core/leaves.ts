import { equal, isList, isMap } from './canonical.ts'
import type { Json, Leaf } from './resource.ts'
import { shortened } from './text.ts'

/** So much is worth telling a person of one field. */
const mostLeaves = 20
const longestText = 300

/** Where two values differ, as deep as both have the same shape: at most 20 places, in the order of `after`. */
export function leafChanges(before: Json | undefined, after: Json | undefined): readonly Leaf[] {
  const leaves: Leaf[] = []
  descend('', before, after, leaves)
  return leaves
}

function descend(path: string, before: Json | undefined, after: Json | undefined, leaves: Leaf[]): void {
  if (leaves.length >= mostLeaves || equal(before, after)) return
  const names = namesOf(before, after)
  if (names === undefined) {
    leaves.push({
      path,
      ...(before === undefined ? {} : { before: brief(before) }),
      ...(after === undefined ? {} : { after: brief(after) }),
    })
    return
  }
  for (const name of names)
    descend(path === '' ? name : `${path}.${name}`, memberOf(before, name), memberOf(after, name), leaves)
}

/** What can be looked into on both sides: two lists, or two maps. */
function namesOf(before: Json | undefined, after: Json | undefined): readonly string[] | undefined {
  if (isList(before) && isList(after))
    return [...Array(Math.max(before.length, after.length)).keys()].map(String)
  if (!isMap(before) || !isMap(after)) return undefined
  return [...new Set([...Object.keys(after), ...Object.keys(before)])]
}

function memberOf(value: Json | undefined, name: string): Json | undefined {
  if (isList(value)) return value[Number(name)]
  return isMap(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

/** A value as it is worth showing: a long one is cut, and of a large one only its size is told. */
function brief(value: Json): Json {
  if (typeof value === 'string') return shortened(value, longestText)
  if (value === null || typeof value !== 'object') return value
  const text = JSON.stringify(value)
  if (text.length <= longestText) return value
  const size = isList(value) ? `${value.length} elements` : `${Object.keys(value).length} members`
  return `(${size}, ${text.length} characters)`
}
