import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ReconcileError } from '../errors.ts'
import type { InstallOptions } from './cache.ts'
import { createAuthority, type CertificateFiles } from './certificates.ts'
import { etcdServer } from './etcd.ts'
import { kubeApiserver } from './kube-apiserver.ts'
import { kubectlFor, writeKubeconfig, writeServiceAccount, type Kubectl } from './kubectl.ts'
import { installKubernetes } from './kubernetes-install.ts'
import { freePorts } from './port.ts'
import type { Server } from './server.ts'

export interface KubeApiOptions extends InstallOptions {
  /** Everything of this API is below it: data, logs, certificates. */
  readonly directory: string
  /** Default: a free one. */
  readonly port?: number
  /** The kubeconfig's namespace. */
  readonly namespace?: string
}

/** A Kubernetes API that is ready: etcd and kube-apiserver, RBAC, service accounts. No controller runs: nothing is garbage-collected. */
export interface RunningKubeApi {
  readonly host: string
  readonly port: number
  readonly url: string
  /** Of the administrator (system:masters), with a client certificate. */
  readonly kubeconfig: string
  readonly authority: string
  readonly admin: CertificateFiles
  readonly kubectlPath: string
  readonly kubectl: Kubectl
  readonly etcd: Server
  readonly apiserver: Server
  /** Writes token, ca.crt and namespace of an existing service account into a directory; calling it again renews the token. */
  writeServiceAccount(
    namespace: string,
    name: string,
    directory: string,
    tokenLifetime?: string,
  ): Promise<void>
  stop(): Promise<void>
}

/** Installs what is missing and starts both. Resolves when the API is ready; on failure nothing is left running. */
export async function startKubeApi(options: KubeApiOptions): Promise<RunningKubeApi> {
  const { places, directory, launch, signal } = options
  const binaries = await installKubernetes(options)
  const keys = join(directory, 'keys')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const authority = await createAuthority(keys, places.path, signal)
  const [serving, admin, serviceAccounts] = await Promise.all([
    authority.issue('apiserver', '/CN=kube-apiserver', ['DNS:kubernetes.default.svc', 'IP:10.96.0.1']),
    authority.issue('admin', '/O=system:masters/CN=admin'),
    authority.issue('service-accounts', '/CN=service-accounts'),
  ])
  const ports = await apiPorts(options.port)
  const etcd = etcdServer({
    binary: binaries.etcd,
    directory,
    launch,
    clientPort: ports.etcd,
    peerPort: ports.peer,
  })
  const apiserver = kubeApiserver({
    binary: binaries.kubeApiserver,
    directory,
    launch,
    port: ports.api,
    etcdPort: ports.etcd,
    authority: authority.certificate,
    serving,
    admin,
    serviceAccounts,
  })
  const stop = async (): Promise<void> => {
    await apiserver.stop()
    await etcd.stop()
  }
  try {
    await etcd.start(signal)
    await apiserver.start(signal)
  } catch (error) {
    await stop()
    throw error
  }
  const url = `https://127.0.0.1:${ports.api}`
  const kubeconfig = join(directory, 'kubeconfig')
  await writeKubeconfig(kubeconfig, url, authority.certificate, admin, options.namespace)
  const kubectl = kubectlFor({ binary: binaries.kubectl, kubeconfig, path: places.path, home: directory })
  return {
    host: '127.0.0.1',
    port: ports.api,
    url,
    kubeconfig,
    authority: authority.certificate,
    admin,
    kubectlPath: binaries.kubectl,
    kubectl,
    etcd,
    apiserver,
    writeServiceAccount: async (namespace, name, target, tokenLifetime = '12h') =>
      writeServiceAccount(kubectl, {
        namespace,
        name,
        directory: target,
        authority: authority.certificate,
        tokenLifetime,
      }),
    stop,
  }
}

async function apiPorts(
  wanted: number | undefined,
): Promise<{ readonly etcd: number; readonly peer: number; readonly api: number }> {
  const [etcd, peer, api] = await freePorts(3)
  if (etcd === undefined || peer === undefined || api === undefined)
    throw new ReconcileError('StackFailed', 'too few free ports')
  return { etcd, peer, api: wanted ?? api }
}
