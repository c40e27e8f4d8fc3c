import { services } from '../../reconcilers/index.ts'
import { composed } from '../../src/cli/composed.ts'
import { readSettings, runSettings } from '../../src/config.ts'
import type { Resource } from '../../src/core/resource.ts'
import type { ServiceClient } from '../../src/reconcile/service-client.ts'
import type { ServiceReconciler } from '../../src/reconcile/service-reconciler.ts'
import { createLogger } from '../../src/runtime/logger.ts'
import { Metrics } from '../../src/runtime/metrics.ts'

/** A reconciler at work whose pages are served. */
export interface Watched {
  readonly component: string
  readonly port: number
  stop(): Promise<void>
}

/**
 * The reconciler of a service as `infometis run` composes it, on a real Kubernetes API and as a candidate for its Lease, in this
 * process; only the client of the service is given.
 */
export async function startWatched(
  component: string,
  client: ServiceClient<Resource>,
  environment: Readonly<Record<string, string>>,
): Promise<Watched> {
  const service: ServiceReconciler | undefined = await services[component]?.reconciler()
  if (service === undefined) throw new Error(`there is no reconciler for ${component}`)
  const own = { HTTP_HOST: '127.0.0.1', HTTP_PORT: '0', LEADER_ELECTION: 'true' }
  const settings = readSettings(runSettings, { ...own, ...environment })
  const metrics = new Metrics(service.kind, '0')
  const log = createLogger({ level: 'error', pretty: false }, () => undefined)
  const process = await composed({ service, settings, metrics, log, connect: () => client })
  return { component, port: await process.start(), stop: () => process.stop() }
}
