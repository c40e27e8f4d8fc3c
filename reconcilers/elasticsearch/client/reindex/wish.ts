import { canonicalJson, sha256 } from '../../../../src/core/canonical.ts'
import type { Change } from '../../../../src/core/resource.ts'
import { buildingAlias } from '../../markers.ts'
import { defaultTimes } from '../../normalize.ts'
import { standing } from '../../resource.ts'
import type { Index, IndexOptions } from '../../resource.ts'
import { isDeferred } from './blueprint.ts'

/** What a change asks for, as far as it does not depend on what the server shows. */
export interface Wish {
  readonly name: string
  /** The index that the plan was made for. */
  readonly sourceId: string
  /** The name that the plan gives the new index. */
  readonly target: string
  /** The building marker: it names what the target is built from and for. Documents are copied through this alias. */
  readonly building: string
  readonly options: IndexOptions
}

const defaults: IndexOptions = { onIncompatible: 'reindex', ...defaultTimes }

export function wishOf(change: Change<Index>): Wish {
  const { name, desired, observed } = change
  const after = change.fields.find(({ path }) => path === standing)?.after
  const sourceId = observed?.id ?? change.id ?? ''
  return {
    name,
    sourceId,
    target: typeof after === 'string' ? after : (observed?.facts?.next ?? ''),
    building: buildingAlias(hashOf(desired, sourceId), name),
    options: desired?.options ?? defaults,
  }
}

/**
 * 12 hex digits over what a target is created from: another wish, or another source, is another target. What the target gets at its
 * end only may change meanwhile.
 */
function hashOf(desired: Index | undefined, sourceId: string): string {
  const settings = Object.entries(desired?.body.settings ?? {}).filter(([key]) => !isDeferred(key))
  const mappings = desired?.body.mappings ?? {}
  return sha256(canonicalJson({ settings: Object.fromEntries(settings), mappings, sourceId })).slice(0, 12)
}
