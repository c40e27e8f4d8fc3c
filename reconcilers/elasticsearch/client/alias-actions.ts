import type { Json } from '../../../src/core/resource.ts'
import { objectOf } from '../../../src/core/json.ts'
import type { JsonObject } from '../resource.ts'

/** An action of `_aliases`, with filter, routing and flags; it replaces an alias whole that is there. */
export function addAlias(index: string, alias: string, parameters: JsonObject): object {
  return {
    add: objectOf<Json>([...Object.entries(parameters), ['index', index], ['alias', alias]]),
  }
}

/** With `mustExist` it fails, with everything beside it, where the alias is not there. */
export function removeAlias(index: string, alias: string, mustExist: boolean): object {
  return { remove: { index, alias, must_exist: mustExist } }
}

/** One of our marks (../markers.ts): an alias that nobody is shown. */
export function addMark(
  index: string,
  alias: string,
  more: readonly (readonly [string, string])[] = [],
): object {
  return addAlias(index, alias, objectOf<Json>([['is_hidden', true], ...more]))
}

/** Fails, with everything beside it, where the alias is not there. */
export function takeOff(index: string, alias: string): object {
  return removeAlias(index, alias, true)
}
