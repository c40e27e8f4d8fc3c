import { type ResourceKey, keyOf } from '../../src/core/resource.ts'
import { type NifiResource, isFlow } from './resource.ts'

/** The parameter contexts that have to be there first: those of a flow's groups, and those that a context inherits from. */
export function requirements(resource: NifiResource): readonly ResourceKey[] {
  const names = isFlow(resource) ? [...(resource.options?.contexts.values() ?? [])] : inherited(resource)
  return [...new Set(names)].map((name) => keyOf({ type: 'parameter-contexts', name }))
}

function inherited({ fields }: NifiResource): readonly string[] {
  const names = fields.get('inherits')
  return Array.isArray(names) ? names.map(String) : []
}
