import { readFileSync } from 'node:fs'
import type { RequestOptions } from 'node:https'
import { ReconcileError } from '../errors.ts'
import type { KubeConnection } from './connection.ts'

/**
 * The connection of a kubeconfig's current context: the path given, else $KUBECONFIG and ~/.kube/config as kubectl looks
 * for them. The client library costs 90 MB and a third of a second, so it is loaded here only; a pod never comes here.
 */
export async function fromKubeconfig(path?: string): Promise<KubeConnection> {
  const { KubeConfig } = await import('./kubeconfig-library.ts')
  const config = new KubeConfig()
  try {
    if (path === undefined) config.loadFromDefault()
    else config.loadFromString(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new ReconcileError(
      'InvalidConfiguration',
      `the kubeconfig${path === undefined ? '' : ` ${path}`} cannot be read`,
      { cause },
    )
  }
  const cluster = config.getCurrentCluster()
  if (cluster === null) {
    throw new ReconcileError(
      'InvalidConfiguration',
      'the kubeconfig has no current context: kubectl config use-context NAME',
    )
  }
  const namespace = config.getContextObject(config.getCurrentContext())?.namespace ?? 'default'
  const credentials = async (): Promise<RequestOptions> => {
    const options: RequestOptions = {}
    await config.applyToHTTPSOptions(options)
    return options
  }
  const first = await credentials()
  return {
    server: new URL(cluster.server),
    namespace,
    ca: pem(first.ca),
    cert: pem(first.cert),
    key: pem(first.key),
    serverName: cluster.tlsServerName,
    insecure: cluster.skipTLSVerify,
    // An exec plugin's token ends; the library asks the plugin again when it has.
    token: async () => bearerOf((await credentials()).headers),
  }
}

function pem(value: RequestOptions['ca'] | RequestOptions['key']): string | Buffer | undefined {
  return typeof value === 'string' || Buffer.isBuffer(value) ? value : undefined
}

function bearerOf(headers: RequestOptions['headers']): string | undefined {
  if (headers === undefined || Array.isArray(headers)) return undefined
  const value = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1]
  return typeof value === 'string' && value.startsWith('Bearer ') ? value.slice('Bearer '.length) : undefined
}
