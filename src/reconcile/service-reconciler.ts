import type { z } from 'zod'
import { type Resource, keyOf } from '../core/resource.ts'
import { ReconcileError, toReconcileError } from '../errors.ts'
import { applyPlan, keepIntent } from './apply-plan.ts'
import { describeIssue } from './document.ts'
import type { Fence } from './fence.ts'
import { finish } from './finish.ts'
import { keepOriginals } from './originals.ts'
import type { Pass } from './pass.ts'
import { makePlan } from './planner.ts'
import type { ResourceType } from './resource-type.ts'
import type { Result } from './result.ts'
import type { ServiceClient } from './service-client.ts'
import { standing } from './standing.ts'
import type { World } from './world.ts'
import type { Written } from './written.ts'

/** A subclass supplies nouns, never control flow. It holds no state: everything a reconcile touches is in the `World`. */
export abstract class ServiceReconciler<R extends Resource = Resource, S = unknown> {
  /** The value of the label `infometis.component`, and the command's word: `kafka`. */
  abstract readonly kind: string
  /** In dependency order. */
  abstract readonly types: readonly ResourceType<R>[]
  /** The service's own settings, by environment variable. */
  abstract readonly settings: z.ZodType<S>
  /** Cheap and synchronous: the connection is made by the first call. The client looks at the fence right before each request. */
  abstract connect(settings: S, fence?: Fence): ServiceClient<R>

  /**
   * One look at one ConfigMap, level-triggered: read top to bottom. Never throws: what went wrong is in status and in the
   * result. Status is written once, at the end, on every path; before that only the intent, and only when something is
   * to be changed.
   */
  async reconcile(key: string, world: World<R>, signal: AbortSignal): Promise<Result> {
    let pass: Pass<R> = startOf(key, world)
    try {
      const written = usable(pass, world)
      if (written !== undefined) {
        const type = this.#typeOf(written)
        pass = { ...pass, clusterId: await this.#rightCluster(pass, world, signal) }
        const { inventory, foreign, conflicts, donors } = standing(written, type.name, pass.inventory, world)
        const planned = await makePlan(
          type,
          written,
          world.client,
          this.#facts(pass, inventory, foreign, world),
          signal,
        )
        pass = { ...pass, inventory, conflicts, planned, approval: planned.approval }
        const safe = await keepOriginals(pass, planned, world, signal)
        pass = await keepIntent(safe.pass, safe.planned, world, signal)
        pass = await applyPlan(pass, safe.planned, world, signal)
        for (const donor of donors) world.requeue(donor)
      }
    } catch (thrown) {
      const error = toReconcileError(thrown)
      const ending = error.reason === 'Aborted' || error.reason === 'LeadershipLost'
      if (ending && signal.aborted) return { kind: 'retryable', error }
      if (error.reason === 'InternalError')
        world.log.error({ key, error: error.cause }, 'reconcile failed unexpectedly')
      pass = { ...pass, stopped: { reason: error.reason, message: error.message } }
    }
    return finish(pass, world, signal)
  }

  #typeOf(written: Written): ResourceType<R> {
    const type = this.types.find((each) => each.name === written.type)
    if (type !== undefined) return type
    const known = this.types.map((each) => each.name).join(', ')
    const found = written.type === undefined ? 'has no config type' : `has the config type "${written.type}"`
    throw new ReconcileError('InvalidDocument', `the ConfigMap ${found}; ${this.kind} knows ${known}`)
  }

  /** The id of the cluster that answers, if it is the one meant: by setting, else the one this inventory was made on. */
  async #rightCluster(pass: Pass<R>, world: World<R>, signal: AbortSignal): Promise<string> {
    const { clusterId } = await world.client.ping(signal)
    const meant = world.expectedClusterId ?? (pass.inventory.size > 0 ? pass.before?.clusterId : undefined)
    if (meant === undefined || meant === clusterId) return clusterId
    throw new ReconcileError(
      'WrongCluster',
      `the server is cluster ${clusterId}, but ${meant} is meant; nothing was changed`,
    )
  }

  #facts(
    pass: Pass<R>,
    inventory: Pass['inventory'],
    foreign: ReadonlySet<`${string}/${string}`>,
    world: World<R>,
  ): Parameters<typeof makePlan>[3] {
    const now = world.now()
    const asked = pass.written?.controls.reconcileAt
    return {
      inventory,
      foreign,
      brake: { recent: world.deletions.recent(now), inventory: world.ownership.inventorySize },
      approval: pass.approval,
      elsewhere: () => others(pass.key, world),
      applies: pass.written?.controls.policy !== 'observe-only',
      kind: this.kind,
      secrets: world.secrets,
      now,
      // A person who asks for a reconcile asks for another try of what was rejected, too.
      ...(asked === pass.before?.reconciledAt ? { rejections: world.rejections } : {}),
    }
  }
}

function* others<R extends Resource>(key: string, { source }: World<R>): Iterable<Written> {
  for (const other of source.keys()) {
    const written = other === key ? undefined : source.read(other)
    if (written !== undefined) yield written
  }
}

function startOf<R extends Resource>(key: string, world: World<R>): Pass<R> {
  const before = world.store.read(key)
  return {
    key,
    written: world.source.read(key),
    before,
    inventory: before?.inventory ?? new Map(),
    clusterId: before?.clusterId,
    approval: before?.approval,
    sent: [],
    conflicts: [],
  }
}

/** The document, if there is one to work on; undefined when the ConfigMap is gone. Throws why it cannot be used. */
function usable<R extends Resource>(pass: Pass<R>, world: World<R>): Written | undefined {
  const { written } = pass
  if (world.suspended())
    throw new ReconcileError('Suspended', 'everything is suspended by the ConfigMap infometis-control')
  if (written === undefined) {
    const left = [...pass.inventory.values()].filter(
      (entry) => world.ownership.holder(keyOf(entry)) === pass.key,
    )
    if (left.length === 0) return undefined
    throw new ReconcileError(
      'SourceGone',
      `the ConfigMap is gone; the ${left.length} resources it made are kept`,
    )
  }
  if (written.entries === undefined) {
    throw new ReconcileError(
      written.issueReason ?? 'InvalidDocument',
      written.issues.map(describeIssue).join('; '),
    )
  }
  if (written.controls.suspend) throw new ReconcileError('Suspended', 'suspended by infometis.io/suspend')
  return written
}
