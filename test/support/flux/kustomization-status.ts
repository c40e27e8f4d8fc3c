import { z } from 'zod'
import type { Kubectl } from '../../../src/stack/kubectl.ts'

const condition = z.object({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string(),
  message: z.string(),
  lastTransitionTime: z.string(),
})

const kustomization = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string(), generation: z.number() }),
  status: z
    .object({
      conditions: z.array(condition).default([]),
      lastAppliedRevision: z.string().optional(),
      lastAttemptedRevision: z.string().optional(),
      lastHandledReconcileAt: z.string().optional(),
      observedGeneration: z.number().optional(),
    })
    .default({ conditions: [] }),
})
const kustomizations = z.object({ items: z.array(kustomization) })

export type Condition = z.infer<typeof condition>

/** What Flux says of a Kustomization. */
export interface KustomizationStatus {
  readonly ready: Condition | undefined
  readonly healthy: Condition | undefined
  readonly reconciling: Condition | undefined
  /** The revision of the last reconcile that ended Ready. */
  readonly lastAppliedRevision: string | undefined
  readonly lastAttemptedRevision: string | undefined
  readonly lastHandledReconcileAt: string | undefined
}

const everyMs = 200

/** The Kustomizations of a cluster. However many wait, the API server is asked once in `everyMs`. */
export class Kustomizations {
  readonly #kubectl: Kubectl
  #last: Promise<ReadonlyMap<string, KustomizationStatus>> | undefined
  #lastAt = -Infinity

  constructor(kubectl: Kubectl) {
    this.#kubectl = kubectl
  }

  /** By `namespace/name`, no older than `everyMs` when the question was asked. */
  async all(): Promise<ReadonlyMap<string, KustomizationStatus>> {
    if (this.#last === undefined || performance.now() - this.#lastAt > everyMs) {
      this.#lastAt = performance.now()
      this.#last = this.#list()
    }
    return this.#last
  }

  async #list(): Promise<ReadonlyMap<string, KustomizationStatus>> {
    const text = await this.#kubectl(['get', '--raw', '/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations'])
    const { items } = kustomizations.parse(JSON.parse(text))
    return new Map(
      items.map(({ metadata, status }) => [`${metadata.namespace}/${metadata.name}`, statusOf(status)]),
    )
  }
}

function statusOf(status: z.infer<typeof kustomization>['status']): KustomizationStatus {
  const conditionOf = (type: string): Condition | undefined =>
    status.conditions.find((each) => each.type === type)
  return {
    ready: conditionOf('Ready'),
    healthy: conditionOf('Healthy'),
    reconciling: conditionOf('Reconciling'),
    lastAppliedRevision: status.lastAppliedRevision,
    lastAttemptedRevision: status.lastAttemptedRevision,
    lastHandledReconcileAt: status.lastHandledReconcileAt,
  }
}
