import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunSettings } from '../config.ts'
import { ReconcileError } from '../errors.ts'
import { systemClock, type Clock } from '../reconcile/clock.ts'

/**
 * How to reach one API server. The TLS fields are read for every request, so they may change while it runs: pass a connection
 * on as it is, a copy would not see a rotated CA.
 */
export interface KubeConnection {
  readonly server: URL
  /** Where requests go that name no namespace: state and control live here. */
  readonly namespace: string
  readonly ca?: string | Buffer | undefined
  readonly cert?: string | Buffer | undefined
  readonly key?: string | Buffer | undefined
  /** The name the certificate must carry, when it is not the host. */
  readonly serverName?: string | undefined
  /** True skips the check of the server's certificate; only a kubeconfig can ask for it. */
  readonly insecure?: boolean | undefined
  /** The bearer token, or undefined when a client certificate speaks. `fresh`: not from memory (a 401 has just come). */
  token(fresh?: boolean): Promise<string | undefined>
}

/** The kubelet renews a token long before it ends, and a ConfigMap volume within a minute. */
const rereadAfterMs = 60_000

type ClusterSettings = Pick<
  RunSettings,
  'KUBERNETES_SERVICE_HOST' | 'KUBERNETES_SERVICE_PORT' | 'SERVICE_ACCOUNT_DIR' | 'INFOMETIS_NAMESPACE'
>

/** The connection of a pod: its service account's mounted files. Throws InvalidConfiguration outside a cluster. */
export async function inCluster(
  settings: ClusterSettings,
  clock: Clock = systemClock,
): Promise<KubeConnection> {
  const host = settings.KUBERNETES_SERVICE_HOST
  if (host === undefined) {
    throw new ReconcileError('InvalidConfiguration', 'KUBERNETES_SERVICE_HOST is not set: this is not a pod')
  }
  const directory = settings.SERVICE_ACCOUNT_DIR
  const namespace = settings.INFOMETIS_NAMESPACE ?? (await readMounted(directory, 'namespace')).trim()
  const authority = host.includes(':') ? `[${host}]` : host
  const account = new ServiceAccount(
    new URL(`https://${authority}:${settings.KUBERNETES_SERVICE_PORT}`),
    namespace,
    directory,
    clock,
  )
  await account.token(true)
  return account
}

class ServiceAccount implements KubeConnection {
  readonly server: URL
  readonly namespace: string
  readonly #directory: string
  readonly #clock: Clock
  #token = ''
  #ca = ''
  #readAt = 0

  constructor(server: URL, namespace: string, directory: string, clock: Clock) {
    this.server = server
    this.namespace = namespace
    this.#directory = directory
    this.#clock = clock
  }

  get ca(): string {
    return this.#ca
  }

  /** Token and CA are read together: the client asks for the token before it looks at the CA. */
  async token(fresh = false): Promise<string> {
    const age = this.#clock.now() - this.#readAt
    if (!fresh && age < rereadAfterMs) return this.#token
    this.#ca = await readMounted(this.#directory, 'ca.crt')
    this.#token = (await readMounted(this.#directory, 'token')).trim()
    this.#readAt = this.#clock.now()
    return this.#token
  }
}

async function readMounted(directory: string, file: string): Promise<string> {
  const path = join(directory, file)
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new ReconcileError(
      'InvalidConfiguration',
      `the service account file ${path} cannot be read: set SERVICE_ACCOUNT_DIR, or automountServiceAccountToken: true`,
      { cause },
    )
  }
}
