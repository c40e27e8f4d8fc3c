import { type ResourceKey, keyOf } from '../../src/core/resource.ts'
import { type NifiResource, isFlow } from './resource.ts'

/** The parameter contexts that a flow's groups are bound to. What a context inherits is made before it in the same turn. */
export function requirements(resource: NifiResource): readonly ResourceKey[] {
  const names = isFlow(resource) ? (resource.options?.contexts.values() ?? []) : []
  return [...new Set(names)].map((name) => keyOf({ type: 'parameter-contexts', name }))
}
