import { randomBytes } from 'node:crypto'
import { ReconcileError } from '../errors.ts'
import type { NotUsable, Secret, SecretSource } from '../reconcile/secrets.ts'
import { hasStatus } from './kube-error.ts'
import { contentTypes, type KubeClient } from './rest.ts'
import { type SecretObject, absent, fingerprintSecret, getSecret, secretPath } from './secret-object.ts'

/** Replicas that make the key at the same moment: all but one try again, and find it then. */
const tries = 5
const keyBytes = 32
/** A shorter one could be guessed from the fingerprints in status. */
const leastKeyBytes = 16

/**
 * Secrets of the Kubernetes API, with the rights of a reconciler: each is read by its name, and anew for each plan, so a changed value
 * is seen by the next one. Nothing is listed or watched; of the values nothing is kept.
 */
export class KubeSecrets implements SecretSource {
  readonly #client: KubeClient
  readonly #component: string
  #key: Uint8Array | undefined

  constructor(client: KubeClient, component: string) {
    this.#client = client
    this.#component = component
  }

  async read(namespace: string, name: string, signal: AbortSignal): Promise<Secret | NotUsable> {
    const found = await getSecret(this.#client, namespace, name, signal)
    if (found === 'absent') return absent(namespace, name)
    if (found === 'forbidden') return this.#forbidden(namespace, name)
    return found
  }

  /** Made once for a namespace and kept there, so that fingerprints stay the same over restarts and replicas. */
  async fingerprintKey(signal: AbortSignal): Promise<Uint8Array | NotUsable> {
    if (this.#key !== undefined) return this.#key
    const { namespace } = this.#client.connection
    const name = fingerprintSecret(this.#component)
    for (let attempt = 0; attempt < tries; attempt += 1) {
      const found = await getSecret(this.#client, namespace, name, signal)
      if (found === 'forbidden') return this.#forbidden(namespace, name)
      const key = found === 'absent' ? undefined : found.data.get('key')
      if (key !== undefined && key.length > 0) return this.#keep(key, name)
      const refused = await this.#write(name, found, signal)
      if (refused !== undefined) return refused
    }
    throw new ReconcileError(
      'ApiServerRejected',
      `the Secret ${name} in namespace ${namespace} was changed by others ${tries} times in a row`,
    )
  }

  #keep(key: Uint8Array, name: string): Uint8Array | NotUsable {
    if (key.length < leastKeyBytes)
      return { problem: `the key in the Secret ${name} is shorter than ${leastKeyBytes} bytes: remove it` }
    this.#key = key
    return key
  }

  /** Only into what was read: whoever comes second gets a 409, and the key is the first one's. */
  async #write(
    name: string,
    found: SecretObject | 'absent',
    signal: AbortSignal,
  ): Promise<NotUsable | undefined> {
    const { namespace } = this.#client.connection
    const query = { fieldManager: 'infometis-fingerprint' }
    const data = { key: randomBytes(keyBytes).toString('base64') }
    try {
      if (found === 'absent') {
        const labels = { 'app.kubernetes.io/part-of': 'infometis' }
        const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace, labels }, data }
        await this.#client.request({ method: 'POST', path: secretPath(namespace), query, body, signal })
      } else {
        const { resourceVersion } = found
        await this.#client.request({
          method: 'PATCH',
          path: secretPath(namespace, name),
          query,
          contentType: contentTypes.merge,
          body: { metadata: { resourceVersion }, data },
          signal,
        })
      }
    } catch (error) {
      // 404: it is gone by now. Either way the next look tells.
      if (hasStatus(error, 404, 409)) return undefined
      if (hasStatus(error, 403))
        return { problem: `${error.message}; it holds the key of fingerprints, and deploy/secrets brings it` }
      throw error
    }
    return undefined
  }

  #forbidden(namespace: string, name: string): NotUsable {
    const account = `infometis-${this.#component}`
    const own = namespace === this.#client.connection.namespace
    const role = own ? `the Role ${account}` : `a Role that is bound to ${account} there`
    return {
      problem: `the Secret ${name} in namespace ${namespace} may not be read: add ${name} to the resourceNames of ${role}`,
    }
  }
}
