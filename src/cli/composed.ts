import type { RunSettings } from '../config.ts'
import type { Resource } from '../core/resource.ts'
import { BatchingClient } from '../reconcile/batching-client.ts'
import { systemClock } from '../reconcile/clock.ts'
import type { Fence } from '../reconcile/fence.ts'
import type { ServiceClient } from '../reconcile/service-client.ts'
import type { ServiceReconciler } from '../reconcile/service-reconciler.ts'
import type { Logger } from '../runtime/logger.ts'
import { meteredClient } from '../runtime/metered-client.ts'
import type { Metrics } from '../runtime/metrics.ts'
import { ReconcilerProcess } from '../runtime/reconciler-process.ts'
import { openSurroundings } from './run-surroundings.ts'

interface Parts {
  readonly service: ServiceReconciler
  readonly settings: RunSettings
  readonly metrics: Metrics
  readonly log: Logger
  /** The way to the service; the fence is there where a Lease is asked for. */
  readonly connect: (fence: Fence | undefined) => ServiceClient<Resource>
}

/** A reconciler put together, not yet begun. Throws InvalidConfiguration where there is no desired state to be had. */
export async function composed({ connect, ...parts }: Parts): Promise<ReconcilerProcess<Resource>> {
  const { surroundings, election } = await openSurroundings(parts)
  const client = meteredClient(connect(election?.leadership), parts.metrics)
  return new ReconcilerProcess({
    ...parts,
    surroundings,
    election,
    // A shared call that hangs must end while those who wait for it still have time to say so in their status.
    client: new BatchingClient(client, parts.settings.RECONCILE_TIMEOUT / 2),
    clock: systemClock,
  })
}
