import { ReconcileError } from '../errors.ts'
import { hasStatus } from './kube-error.ts'
import { readConfigMap, type ConfigMap } from './objects.ts'
import { configMapPath, contentTypes, type KubeClient } from './rest.ts'

/** What is applied of a ConfigMap; a uid binds it to the object that was read, so that a late write cannot make a new one. */
export interface Applied {
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly uid?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly data?: Readonly<Record<string, string>>
  readonly binaryData?: Readonly<Record<string, string>>
}

/** Server-side apply. `force` takes fields over from other managers; without it their conflict is a 409. The object as it is then. */
export async function applyConfigMap(
  client: KubeClient,
  applied: Applied,
  options: { readonly manager: string; readonly force: boolean; readonly signal: AbortSignal },
): Promise<ConfigMap> {
  const { namespace, name } = applied.metadata
  const { body } = await client.request({
    method: 'PATCH',
    path: configMapPath(namespace, name),
    query: { fieldManager: options.manager, force: options.force },
    contentType: contentTypes.apply,
    body: { apiVersion: 'v1', kind: 'ConfigMap', ...applied },
    signal: options.signal,
  })
  const object = readConfigMap(body)
  if (object === undefined) {
    throw new ReconcileError(
      'ApiServerUnreachable',
      `the answer to patch configmaps ${name} is not a ConfigMap`,
    )
  }
  return object
}

/** The object, or undefined when there is none. */
export async function getConfigMap(
  client: KubeClient,
  key: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<{ readonly object: ConfigMap; readonly date: Date | undefined } | undefined> {
  try {
    const { body, date } = await client.request({
      method: 'GET',
      path: configMapPath(key.namespace, key.name),
      signal,
    })
    const object = readConfigMap(body)
    return object === undefined ? undefined : { object, date }
  } catch (error) {
    if (hasStatus(error, 404)) return undefined
    throw error
  }
}
