import { stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import type { RunSettings } from '../config.ts'
import { ReconcileError } from '../errors.ts'
import type { KubeConnection } from '../kube/connection.ts'
import { inCluster } from '../kube/connection.ts'
import { fromKubeconfig } from '../kube/kubeconfig.ts'
import { KubeLease } from '../kube/lease.ts'
import { KubeClient, type KubeClientOptions } from '../kube/rest.ts'
import { KubeSurroundings, VolumeSurroundings } from '../kube/surroundings.ts'
import { systemClock } from '../reconcile/clock.ts'
import type { ServiceReconciler } from '../reconcile/service-reconciler.ts'
import { desiredOrigin } from '../runtime/desired-origin.ts'
import { electionTimes, LeaderElection } from '../runtime/leader-election.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Metrics } from '../runtime/metrics.ts'
import type { Surroundings } from '../runtime/reconciler-process.ts'

interface SurroundingsParts {
  readonly service: Pick<ServiceReconciler, 'kind' | 'types'>
  readonly settings: RunSettings
  readonly metrics: Metrics
  readonly log: Logger
}

export interface Opened {
  readonly surroundings: Surroundings
  /** Where LEADER_ELECTION asks for one. */
  readonly election: LeaderElection | undefined
}

/** Nothing is sent yet. Throws InvalidConfiguration when neither a service account nor a kubeconfig nor a volume can be used. */
export async function openSurroundings(parts: SurroundingsParts): Promise<Opened> {
  const { service, settings, log } = parts
  const component = service.kind
  const { types } = service
  const origin = await desiredOrigin(settings, exists)
  if (origin === 'volume') {
    if (settings.LEADER_ELECTION) throw new ReconcileError('InvalidConfiguration', noLease)
    const namespace = settings.INFOMETIS_NAMESPACE ?? 'default'
    log.info({ directory: settings.DESIRED_DIR }, 'desired state from a volume')
    const surroundings = new VolumeSurroundings(namespace, { component, types, settings, log })
    return { surroundings, election: undefined }
  }
  const connection = origin === 'pod' ? await inCluster(settings) : await ofKubeconfig(settings)
  log.info(
    { server: connection.server.origin, namespace: connection.namespace },
    'desired state from Kubernetes',
  )
  const election = settings.LEADER_ELECTION ? electionOn(connection, parts) : undefined
  const fence = election && { fence: election.leadership }
  const client = new KubeClient(connection, { ...clientOptions(parts), ...fence })
  return { surroundings: new KubeSurroundings(client, { component, types, settings, log }), election }
}

const noLease =
  'LEADER_ELECTION=true needs the Kubernetes API, and desired state comes from a volume here: set it to false and run one replica, or mount a service account token'

/** Every process is another candidate, a restarted one too: what an earlier one left under way is not its own. */
function electionOn(connection: KubeConnection, parts: SurroundingsParts): LeaderElection {
  const { service, settings, metrics, log } = parts
  const lease = new KubeLease({
    client: new KubeClient(connection, clientOptions(parts)),
    component: service.kind,
    instance: settings.INFOMETIS_INSTANCE,
    identity: `${settings.POD_NAME ?? hostname()}_${crypto.randomUUID().slice(0, 8)}`,
    durationMs: electionTimes.lease,
    now: () => Date.now(),
  })
  const told = (leading: boolean): void => metrics.leader(lease.name, leading)
  return new LeaderElection({ lease, clock: systemClock, log, told })
}

function clientOptions({ service, metrics }: SurroundingsParts): KubeClientOptions {
  return {
    userAgent: `infometis-${service.kind}`,
    onRequest: (verb, _resource, status, seconds) => metrics.requested(verb, status, seconds),
  }
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
