import { parseDuration } from '../../src/core/duration.ts'
import type { Json } from '../../src/core/resource.ts'
import { canonicalAliases } from './aliases.ts'
import { indexFields } from './index-fields.ts'
import { objectOf, toJsonObject } from '../../src/core/json.ts'
import type { Index, IndexBody, IndexOptions } from './resource.ts'
import type { WrittenIndex } from './schema.ts'
import { flatSettings } from './settings-text.ts'

export { normalizeDefinition, observeDefinition } from './definition.ts'
export { toWrittenDefinition, toWrittenIndex } from './to-written.ts'

/** Of an entry that says nothing of them. Milliseconds. */
export const defaultTimes = { maxWriteBlock: 30_000, keepOldIndex: 86_400_000 }

/** Written → desired: only what is written, options filled. Before `canonicalIndex`, mappings are as a person spelled them. */
export function normalizeIndex(name: string, written: WrittenIndex): Index {
  const body: IndexBody = {
    settings: flatSettings(written.settings ?? {}).settings,
    mappings: toJsonObject(written.mappings),
    aliases: canonicalAliases(written.aliases),
  }
  return { type: 'indices', name, fields: indexFields(name, body), body, options: optionsOf(written) }
}

function optionsOf(written: WrittenIndex): IndexOptions {
  return {
    onIncompatible: written['on-incompatible'] ?? 'hold',
    maxWriteBlock: parseDuration(written['max-write-block'] ?? '') ?? defaultTimes.maxWriteBlock,
    keepOldIndex: parseDuration(written['keep-old-index'] ?? '') ?? defaultTimes.keepOldIndex,
  }
}

/**
 * Desired in the server's spelling (from `_simulate`): mappings as the server prints them; of the settings and aliases only those
 * that desired has, because the server adds some of its own.
 */
export function canonicalIndex(desired: Index, spelled: IndexBody): Index {
  const body: IndexBody = {
    settings: sameKeys(desired.body.settings, spelled.settings),
    mappings: spelled.mappings,
    aliases: sameKeys(desired.body.aliases, spelled.aliases),
  }
  return { ...desired, fields: indexFields(desired.name, body), body }
}

/** What `theirs` says under the keys of `ours`; what it does not say stays as it is. */
function sameKeys<V extends Json>(
  ours: Readonly<Record<string, V>>,
  theirs: Readonly<Record<string, V>>,
): Readonly<Record<string, V>> {
  return objectOf(
    Object.entries(ours).map(([key, own]) => {
      const value = Object.hasOwn(theirs, key) ? theirs[key] : undefined
      return [key, value === undefined ? own : value] as const
    }),
  )
}
