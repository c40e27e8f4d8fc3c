import { stat } from 'node:fs/promises'
import type { RunSettings } from '../config.ts'
import type { KubeConnection } from '../kube/connection.ts'
import { inCluster } from '../kube/connection.ts'
import { fromKubeconfig } from '../kube/kubeconfig.ts'
import { KubeClient } from '../kube/rest.ts'
import { KubeSurroundings, VolumeSurroundings } from '../kube/surroundings.ts'
import type { ServiceReconciler } from '../reconcile/service-reconciler.ts'
import { desiredOrigin } from '../runtime/desired-origin.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Metrics } from '../runtime/metrics.ts'
import type { Surroundings } from '../runtime/reconciler-process.ts'

interface SurroundingsParts {
  readonly service: Pick<ServiceReconciler, 'kind' | 'types'>
  readonly settings: RunSettings
  readonly metrics: Metrics
  readonly log: Logger
}

/** Nothing is sent yet. Throws InvalidConfiguration when neither a service account nor a kubeconfig nor a volume can be used. */
export async function openSurroundings(parts: SurroundingsParts): Promise<Surroundings> {
  const { service, settings, metrics, log } = parts
  const component = service.kind
  const types = service.types.map((type) => type.name)
  const origin = await desiredOrigin(settings, exists)
  if (origin === 'volume') {
    const namespace = settings.INFOMETIS_NAMESPACE ?? 'default'
    log.info({ directory: settings.DESIRED_DIR }, 'desired state from a volume')
    return new VolumeSurroundings(namespace, { component, types, settings, log })
  }
  const connection = origin === 'pod' ? await inCluster(settings) : await ofKubeconfig(settings)
  log.info(
    { server: connection.server.origin, namespace: connection.namespace },
    'desired state from Kubernetes',
  )
  const client = new KubeClient(connection, {
    userAgent: `infometis-${component}`,
    onRequest: (verb, _resource, status, seconds) => metrics.requested(verb, status, seconds),
  })
  return new KubeSurroundings(client, { component, types, settings, log })
}

async function ofKubeconfig(settings: RunSettings): Promise<KubeConnection> {
  const connection = await fromKubeconfig(settings.KUBECONFIG)
  return { ...connection, namespace: settings.INFOMETIS_NAMESPACE ?? connection.namespace }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
