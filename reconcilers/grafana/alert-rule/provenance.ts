import type { Edits } from '../resource.ts'

/** Of files, an import or another tool: Grafana takes nobody else's change to it. */
export function isProvisionedElsewhere(provenance: string): boolean {
  return provenance !== '' && provenance !== 'api'
}

/** Whether people may change a rule of this provenance in Grafana's pages. */
export function editsUnder(provenance: string): Edits {
  return provenance === '' ? 'allowed' : 'locked'
}
