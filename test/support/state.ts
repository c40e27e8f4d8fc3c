import type { State } from '../../src/reconcile/state.ts'

/** All is well, and nothing more is known. */
export const emptyState: State = {
  ready: 'True',
  reason: 'Succeeded',
  message: 'as written',
  observedHash: 'hash-1',
  clusterId: 'cluster-1',
  reconciledAt: undefined,
  conditions: [],
  summary: '1 ready',
  resources: [],
  plan: undefined,
  history: [],
  approval: undefined,
  inventory: new Map(),
}
