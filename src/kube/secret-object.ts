import { own, ownObject } from '../core/json.ts'
import type { NotUsable, Secret } from '../reconcile/secrets.ts'
import { KubeError } from './kube-error.ts'
import { annotationPrefix } from './names.ts'
import type { KubeClient } from './rest.ts'

/** A Secret as it was read. */
export interface SecretObject extends Secret {
  readonly resourceVersion: string
}

/** Who may use a Secret: a list of `component/type` or `component`, with commas. */
const usableByAnnotation = `${annotationPrefix}usable-by`

/** Where its values may be sent: addresses, with commas. */
const allowedUrlsAnnotation = `${annotationPrefix}allowed-urls`

/** The Secret that holds what a reconciler makes fingerprints with, under `key`; `deploy/secrets` names it so, too. */
export function fingerprintSecret(component: string): string {
  return `infometis-fingerprint-${component}`
}

/** `secretPath('a')` to create one, `secretPath('a', 'b')` for one. */
export function secretPath(namespace: string, name?: string): string {
  const list = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`
  return name === undefined ? list : `${list}/${encodeURIComponent(name)}`
}

/** The Secret as it is now, that there is none, or that the API server does not say. Throws for any other answer. */
export async function getSecret(
  client: KubeClient,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<SecretObject | 'absent' | 'forbidden'> {
  try {
    const { body } = await client.request({ method: 'GET', path: secretPath(namespace, name), signal })
    return secretOf(body)
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return 'absent'
    if (error instanceof KubeError && error.status === 403) return 'forbidden'
    throw error
  }
}

/** What a missing Secret is called, for people. */
export function absent(namespace: string, name: string): NotUsable {
  return { problem: `there is no Secret ${name} in namespace ${namespace}` }
}

function secretOf(body: unknown): SecretObject {
  const metadata = ownObject(body, 'metadata')
  const words = (annotation: string): ReadonlySet<string> => {
    const text = own(metadata['annotations'], annotation)
    const all = typeof text === 'string' ? text.split(',').map((each) => each.trim()) : []
    return new Set(all.filter((word) => word !== ''))
  }
  const data = Object.entries(ownObject(body, 'data')).flatMap(([key, value]) =>
    typeof value === 'string' ? [[key, Buffer.from(value, 'base64')] as const] : [],
  )
  const { resourceVersion } = metadata
  return {
    usableBy: words(usableByAnnotation),
    allowedUrls: words(allowedUrlsAnnotation),
    data: new Map(data),
    resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : '',
  }
}
