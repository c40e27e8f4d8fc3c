import type { Json } from '../../../../src/core/resource.ts'
import { objectOf } from '../../../../src/core/json.ts'
import { blockedAlias, cloneAlias, copiedAlias, isMarker, permitAlias, rollbackAlias } from '../../markers.ts'
import { addAlias, addMark, takeOff } from '../alias-actions.ts'
import type { SiteIndex } from './site.ts'
import type { Wish } from './wish.ts'

/** What a swap is between. */
interface Swap {
  readonly wish: Wish
  readonly source: SiteIndex
  readonly target: SiteIndex
  /** Of a concrete index, which has to give up its name: what stays of it. */
  readonly clone: SiteIndex | undefined
  /** Whether the source bears our mark of a write block (somebody else may have blocked it before). */
  readonly marked: boolean
  /** Milliseconds since 1970. */
  readonly keepUntil: number
}

/**
 * The actions of the one request that moves the name, all or none. The name and every mark that gives us the right to move it must
 * still be where they were. Every other alias of the source goes with it, with its filter, routing and flags.
 */
export function swapActions({ wish, source, target, clone, marked, keepUntil }: Swap): readonly object[] {
  const { name, building } = wish
  const carried = [...source.aliases].filter(([alias]) => !isMarker(alias))
  const others = carried.filter(([alias]) => alias !== name)
  const own = source.aliases.get(name) ?? objectOf<Json>([['is_write_index', true]])
  const rollback = rollbackAlias(name, keepUntil)
  return [
    ...[building, copiedAlias(name), permitAlias(name)].map((alias) => takeOff(target.name, alias)),
    ...(clone === undefined
      ? [
          ...carried.map(([alias]) => takeOff(source.name, alias)),
          ...(marked ? [takeOff(source.name, blockedAlias(name))] : []),
          addMark(source.name, rollback),
        ]
      : [
          { remove_index: { index: source.name } },
          takeOff(clone.name, cloneAlias(name)),
          addMark(clone.name, rollback),
        ]),
    addAlias(target.name, name, own),
    ...others.map(([alias, definition]) => addAlias(target.name, alias, definition)),
  ]
}
