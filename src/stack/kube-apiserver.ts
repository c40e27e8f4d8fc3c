import { readFile } from 'node:fs/promises'
import { get } from 'node:https'
import { join } from 'node:path'
import type { CertificateFiles } from './certificates.ts'
import type { Launch } from './child.ts'
import { server, type Server } from './server.ts'

export interface KubeApiserverSpec {
  readonly binary: string
  readonly directory: string
  readonly launch: Launch
  readonly port: number
  readonly etcdPort: number
  readonly authority: string
  readonly serving: CertificateFiles
  readonly admin: CertificateFiles
  /** Signs service account tokens; the certificate stands for its public key. */
  readonly serviceAccounts: CertificateFiles
  /** More arguments. Of two that contradict each other the later one counts, so these do. */
  readonly args?: readonly string[]
}

/** A kube-apiserver with RBAC and real service accounts, and no controllers beside it: nothing else runs in this cluster. */
export function kubeApiserver(spec: KubeApiserverSpec): Server {
  const args = [
    `--etcd-servers=http://127.0.0.1:${spec.etcdPort}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${spec.port}`,
    `--tls-cert-file=${spec.serving.certificate}`,
    `--tls-private-key-file=${spec.serving.key}`,
    `--client-ca-file=${spec.authority}`,
    '--authorization-mode=RBAC',
    '--service-cluster-ip-range=10.96.0.0/24',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${spec.serviceAccounts.certificate}`,
    `--service-account-signing-key-file=${spec.serviceAccounts.key}`,
    // Without it the server holds on to its own endpoint record for 15 s when it stops.
    '--endpoint-reconciler-type=none',
    '--profiling=false',
    ...(spec.args ?? []),
  ]
  const logFile = join(spec.directory, 'kube-apiserver.log')
  return server({
    process: { name: 'kube-apiserver', command: spec.binary, args, cwd: spec.directory, logFile },
    ports: [spec.port],
    launch: spec.launch,
    startDeadlineMs: 60_000,
    graceMs: 5_000,
    ready: () => async (signal) => isReady(spec, signal),
  })
}

async function isReady(spec: KubeApiserverSpec, signal: AbortSignal): Promise<boolean> {
  const [ca, cert, key] = await Promise.all(
    [spec.authority, spec.admin.certificate, spec.admin.key].map(async (file) => readFile(file)),
  )
  return new Promise((resolve) => {
    const request = get(
      { host: '127.0.0.1', port: spec.port, path: '/readyz', ca, cert, key, signal, agent: false },
      (response) => {
        response.resume()
        resolve(response.statusCode === 200)
      },
    )
    request.setTimeout(2_000, () => request.destroy())
    request.once('error', () => resolve(false))
  })
}
