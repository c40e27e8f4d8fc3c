import { isList, isMap } from '../../../src/core/canonical.ts'
import { objectOf } from '../../../src/core/json.ts'
import type { Json } from '../../../src/core/resource.ts'

/** Without members that are null, which mean the same as none. The very same value where there is none, so that nothing is kept twice. */
export function lean(value: Json): Json {
  if (isList(value)) {
    const list = value.map(lean)
    return list.some((each, index) => each !== value[index]) ? list : value
  }
  if (!isMap(value)) return value
  let same = true
  const members: (readonly [string, Json])[] = []
  for (const [name, member] of Object.entries(value)) {
    const kept = lean(member)
    same &&= kept === member && kept !== null
    if (kept !== null) members.push([name, kept])
  }
  return same ? value : objectOf(members)
}

/** What says nothing: null, an empty text, list or map. */
export function isEmpty(value: Json): boolean {
  return value === '' || (typeof value === 'object' && Object.keys(value ?? {}).length === 0)
}
