import { absent, fingerprintSecret, getSecret } from '../kube/secret-object.ts'
import type { NotUsable, Secret, SecretSource } from '../reconcile/secrets.ts'
import type { Cluster } from './cluster.ts'
import type { Context } from './context.ts'
import { line } from './context.ts'

/**
 * Secrets with the rights of whoever plans; without a cluster, none. Nothing is written: where the reconciler's key cannot be read,
 * values are not compared. A value is shown nowhere.
 */
export class UserSecrets implements SecretSource {
  readonly #cluster: Cluster | undefined
  readonly #component: string
  /** What could not be read, and is not missing either. */
  readonly #unread = new Set<string>()
  #keyUnread = false

  constructor(cluster: Cluster | undefined, component: string) {
    this.#cluster = cluster
    this.#component = component
  }

  async read(namespace: string, name: string, signal: AbortSignal): Promise<Secret | NotUsable | 'unread'> {
    if (this.#cluster !== undefined) {
      const found = await getSecret(this.#cluster.client, namespace, name, signal)
      if (found === 'absent') return absent(namespace, name)
      if (found !== 'forbidden') return found
    }
    this.#unread.add(`${namespace}/${name}`)
    return 'unread'
  }

  async fingerprintKey(signal: AbortSignal): Promise<Uint8Array | 'unread'> {
    if (this.#cluster !== undefined) {
      const { client, namespace } = this.#cluster
      const found = await getSecret(client, namespace, fingerprintSecret(this.#component), signal)
      const key = typeof found === 'string' ? undefined : found.data.get('key')
      if (key !== undefined && key.length > 0) return key
    }
    this.#keyUnread = true
    return 'unread'
  }

  /** One line about what the plan does not know, if there is any. */
  tell(err: Context['err']): void {
    const why = this.#cluster === undefined ? 'no cluster is asked for' : 'you may not read'
    const what = [...this.#unread].sort()
    if (this.#keyUnread && this.#cluster !== undefined)
      what.push(`the key of fingerprints in ${fingerprintSecret(this.#component)}`)
    if (what.length > 0)
      line(err, `Values from Secrets are not compared, but taken as they stand: ${why} ${what.join(', ')}.`)
  }
}
