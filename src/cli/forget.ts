import { ExitError } from '../errors.ts'
import { configMapPath } from '../kube/rest.ts'
import { openCluster, readDesiredUid, readStatuses } from './cluster.ts'
import { type Context, line } from './context.ts'
import { select } from './select.ts'
import { printable } from '../core/text.ts'
import { plural } from './text.ts'

export interface ForgetOptions extends Context {
  /** `name` or `namespace/name` of the ConfigMap that is gone. */
  readonly name: string
  readonly namespace?: string
}

/** Deletes the status of a ConfigMap that is gone. What it made stays on the service, and nobody owns it any more. */
export async function forget(options: ForgetOptions): Promise<0> {
  const cluster = await openCluster(options)
  try {
    const all = await readStatuses(cluster, options.signal)
    const { key, object, resourceVersion, state } = select(all, options.name, cluster.namespace)
    const gone = (await readDesiredUid(cluster, key, options.signal)) === undefined
    if (state.reason !== 'SourceGone' || !gone) {
      const why = gone ? `its status says ${state.reason}, not SourceGone` : 'it is still there'
      throw new ExitError(1, `${key} cannot be forgotten: ${why}`)
    }
    for (const resource of state.inventory.keys())
      line(options.out, `  ${printable(resource)}  stays, and is nobody’s`)
    await cluster.client.request({
      method: 'DELETE',
      path: configMapPath(cluster.namespace, object),
      body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { resourceVersion } },
      signal: options.signal,
    })
    line(options.out, `Forgotten: ${key}, which had made ${plural(state.inventory.size, 'resource')}.`)
    return 0
  } finally {
    cluster.client.close()
  }
}
