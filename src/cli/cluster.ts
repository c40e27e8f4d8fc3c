import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ExitError, ReconcileError } from '../errors.ts'
import { fromKubeconfig } from '../kube/kubeconfig.ts'
import { getConfigMap } from '../kube/apply.ts'
import { inCluster, type KubeConnection } from '../kube/connection.ts'
import { readSettings, runSettings } from '../config.ts'
import { desiredAnnotation, labels } from '../kube/names.ts'
import { type ConfigMap, splitKey } from '../kube/objects.ts'
import { listAll } from '../kube/paged-list.ts'
import { KubeClient } from '../kube/rest.ts'
import { readState } from '../kube/state-document.ts'
import type { State } from '../reconcile/state.ts'
import type { Context } from './context.ts'

/** A Kubernetes API, and the namespace in which the reconciler keeps its state. */
export interface Cluster {
  readonly client: KubeClient
  readonly namespace: string
}

/** One status object, read. */
export interface Status {
  /** `namespace/name` of the desired ConfigMap, and its parts. */
  readonly key: string
  readonly namespace: string
  readonly name: string
  /** The status object's own name, and the version it was read at. */
  readonly object: string
  readonly resourceVersion: string
  readonly component: string
  /** Empty for none. */
  readonly instance: string
  readonly type: string
  readonly state: State
}

type Options = Pick<Context, 'env'> & { readonly namespace?: string }

const advice = 'with the local stack: eval "$(infometis env)"; else set KUBECONFIG'

/** True when the environment names a cluster: a kubeconfig, or the pod it runs in. */
export function namesCluster(env: Context['env']): boolean {
  return [env['KUBECONFIG'], env['KUBERNETES_SERVICE_HOST']].some(
    (value) => value !== undefined && value !== '',
  )
}

/** The namespace of objects that name none, where no kubeconfig is read. */
export function namespaceOf(env: Context['env']): string {
  return readSettings(runSettings.pick({ INFOMETIS_NAMESPACE: true }), env).INFOMETIS_NAMESPACE ?? 'default'
}

/** Nothing is sent yet. Throws ExitError 1 when no cluster is configured. */
export async function openCluster(options: Options): Promise<Cluster> {
  const { env } = options
  const settings = readSettings(clusterSettings, env)
  try {
    const connection = await connectionOf(settings, env)
    const namespace = options.namespace ?? settings.INFOMETIS_NAMESPACE ?? connection.namespace
    return { client: new KubeClient(connection, { userAgent: 'infometis-cli' }), namespace }
  } catch (error) {
    throw withAdvice(error)
  }
}

const clusterSettings = runSettings.pick({
  KUBECONFIG: true,
  INFOMETIS_NAMESPACE: true,
  KUBERNETES_SERVICE_HOST: true,
  KUBERNETES_SERVICE_PORT: true,
  SERVICE_ACCOUNT_DIR: true,
})

/** The kubeconfig that the environment names, else the pod's account, else ~/.kube/config. */
async function connectionOf(
  settings: ReturnType<typeof clusterSettings.parse>,
  env: Context['env'],
): Promise<KubeConnection> {
  const named = settings.KUBECONFIG
  // Several files in one KUBECONFIG are merged by the client library, from the process's own environment.
  if (named !== undefined) return fromKubeconfig(named.includes(delimiter) ? undefined : named)
  if (settings.KUBERNETES_SERVICE_HOST !== undefined) return inCluster(settings)
  const usual = join(env['HOME'] ?? '/', '.kube', 'config')
  if (existsSync(usual)) return fromKubeconfig(usual)
  throw new ReconcileError(
    'InvalidConfiguration',
    `no cluster: KUBECONFIG is not set and ${usual} does not exist`,
  )
}

/** Every status object in the reconciler's namespace, by the name of what it speaks of. */
export async function readStatuses(cluster: Cluster, signal: AbortSignal): Promise<readonly Status[]> {
  const found = (await listLabelled(cluster, `${labels.kind}=status`, signal)).flatMap(toStatus)
  return found.sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** ConfigMaps of the reconciler's namespace. */
export async function listLabelled(
  { client, namespace }: Cluster,
  labelSelector: string,
  signal: AbortSignal,
): Promise<readonly ConfigMap[]> {
  try {
    return (await listAll(client, { namespace, labelSelector }, signal)).objects
  } catch (error) {
    throw withAdvice(error)
  }
}

/** The uid of a desired ConfigMap; undefined when it is gone. */
export async function readDesiredUid(
  cluster: Cluster,
  key: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  return (await getConfigMap(cluster.client, splitKey(key), signal))?.object.metadata.uid
}

function toStatus(configMap: ConfigMap): readonly Status[] {
  const key = configMap.metadata.annotations[desiredAnnotation]
  if (key === undefined) return []
  const { name: object, resourceVersion, labels: found } = configMap.metadata
  return [
    {
      key,
      ...splitKey(key),
      object,
      resourceVersion,
      component: found[labels.component] ?? '',
      instance: found[labels.instance] ?? '',
      type: found[labels.configType] ?? '',
      state: readState(configMap),
    },
  ]
}

/** Whoever cannot reach a cluster is told how to point at one. */
function withAdvice(error: unknown): unknown {
  if (!(error instanceof ReconcileError)) return error
  if (error.reason !== 'ApiServerUnreachable' && error.reason !== 'InvalidConfiguration') return error
  return new ExitError(1, `${error.message}\n  → ${advice}`)
}
