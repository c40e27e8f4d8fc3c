import { objectOf } from '../../json.ts'

/*
 * Hidden aliases of a reindex beside those of ../../markers.ts. They live on indices that bear no name yet, and the swap takes
 * them off in the same request that moves the name.
 */

/** On the target: its `index_routing` says how far the copy is (progress.ts). Nothing is ever routed by it. */
export function copiedAlias(name: string): string {
  return `infometis-copied-${name}`
}

/**
 * On the target while a swap is allowed: the swap must take it off. It is taken off before a write block is lifted, so that a swap
 * whose answer got lost, and that arrives late, can no longer happen.
 */
export function permitAlias(name: string): string {
  return `infometis-swap-${name}`
}

/** On the clone of a concrete index until the swap: a clone that was left over by a crash is stale and goes. */
export function cloneAlias(name: string): string {
  return `infometis-clone-${name}`
}

/** One of them, as an action of `_aliases`; `add` also changes what is there. */
export function addMark(
  index: string,
  alias: string,
  more: readonly (readonly [string, string])[] = [],
): object {
  return {
    add: objectOf<string | boolean>([['index', index], ['alias', alias], ['is_hidden', true], ...more]),
  }
}

/** Fails, with everything beside it, where the alias is not there. */
export function takeOff(index: string, alias: string): object {
  return { remove: { index, alias, must_exist: true } }
}
