import { ExitError } from '../errors.ts'
import { applyConfigMap } from '../kube/apply.ts'
import { hasStatus } from '../kube/kube-error.ts'
import { splitKey } from '../kube/objects.ts'
import { type Cluster, openCluster, readDesiredUid, readStatuses } from './cluster.ts'
import { type Context, line } from './context.ts'
import { select } from './select.ts'

export interface ApproveOptions extends Context {
  /** `name` or `namespace/name` of the desired ConfigMap. */
  readonly name: string
  /** Refuse unless exactly this is held now. */
  readonly hash?: string
  readonly namespace?: string
}

/** Lets what is held now through, once, and shows what that is. */
export async function approve(options: ApproveOptions): Promise<0> {
  const cluster = await openCluster(options)
  try {
    const found = select(await readStatuses(cluster, options.signal), options.name, cluster.namespace)
    const { plan } = found.state
    if (plan?.hash === undefined) throw new ExitError(1, `nothing is held for ${found.key}`)
    if (options.hash !== undefined && options.hash !== plan.hash) {
      throw new ExitError(
        1,
        `what is held has changed: its hash is ${plan.hash} now, not ${options.hash}. Read it first: infometis status ${found.key}`,
      )
    }
    line(options.out, plan.text)
    await annotate(cluster, found.key, plan.hash, options.signal)
    line(options.out, `Approved: infometis.io/approve=${plan.hash} on ${found.key}`)
    line(
      options.err,
      'Where Flux manages this ConfigMap, commit the annotation to Git instead: Git then tells who let what through.',
    )
    return 0
  } finally {
    cluster.client.close()
  }
}

/** Server-side apply with the uid, so that a ConfigMap deleted meanwhile is not made again, empty. */
async function annotate(cluster: Cluster, key: string, hash: string, signal: AbortSignal): Promise<void> {
  const { namespace, name } = splitKey(key)
  const uid = await readDesiredUid(cluster, key, signal)
  if (uid === undefined) throw new ExitError(1, `${key} is gone; there is nothing to approve`)
  const annotations = { 'infometis.io/approve': hash }
  try {
    await applyConfigMap(
      cluster.client,
      { metadata: { name, namespace, uid, annotations } },
      { manager: 'infometis-cli', force: false, signal },
    )
  } catch (error) {
    if (!hasStatus(error, 409)) throw error
    throw new ExitError(
      1,
      `infometis.io/approve on ${key} is set by another field manager, so it is kept in Git or by kubectl: change it there to "${hash}"`,
    )
  }
}
