import type { z } from 'zod'
import type { Resource } from '../core/resource.ts'
import type { ResourceType } from './resource-type.ts'
import type { Result } from './result.ts'
import type { ServiceClient } from './service-client.ts'
import type { World } from './world.ts'

/** A subclass supplies nouns, never control flow. It holds no state: everything a reconcile touches is in the `World`. */
export abstract class ServiceReconciler<R extends Resource = Resource, S = unknown> {
  /** The value of the label `infometis.component`, and the command's word: `kafka`. */
  abstract readonly kind: string
  /** In dependency order. */
  abstract readonly types: readonly ResourceType<R>[]
  /** The service's own settings, by environment variable. */
  abstract readonly settings: z.ZodType<S>
  /** Cheap and synchronous: the connection is made by the first call. */
  abstract connect(settings: S): ServiceClient<R>

  /** The eight steps, read top to bottom. Never throws: what went wrong is in the result and in status. */
  async reconcile(key: string, world: World<R>, signal: AbortSignal): Promise<Result> {
    throw new Error(`not yet: ${key} ${String(world.now())} ${String(signal.aborted)}`)
  }
}
