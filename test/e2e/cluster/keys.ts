import { join } from 'node:path'
import { createAuthority, type CertificateFiles } from '../../../src/stack/certificates.ts'
import { writeKubeconfig } from '../../../src/stack/kubectl.ts'
import { addresses, paths, type Plan, ports } from './plan.ts'

/** The certificates of a cluster, and a kubeconfig for each of its users. */
export interface Keys {
  readonly authority: CertificateFiles
  readonly apiServer: CertificateFiles
  readonly admin: CertificateFiles
  readonly serviceAccounts: CertificateFiles
  /** What kubelet shows to the API server, which asks it for logs and exec. */
  readonly kubelet: CertificateFiles
}

const apiUrl = `https://${addresses.node}:${ports.api}`

const users = {
  controllers: '/CN=system:kube-controller-manager',
  scheduler: '/CN=system:kube-scheduler',
  kubelet: `/O=system:nodes/CN=system:node:${addresses.nodeName}`,
  proxy: '/CN=system:kube-proxy',
} as const

export async function createKeys({ directory, path }: Plan): Promise<Keys> {
  const authority = await createAuthority(join(directory, 'keys'), path)
  const node = `IP:${addresses.node}`
  const service = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc'].map((name) => `DNS:${name}`)
  const names = [...service, `IP:${addresses.kubernetesService}`, node]
  const kubeconfig = async (user: string, certificate: CertificateFiles): Promise<void> =>
    writeKubeconfig(paths.kubeconfig(directory, user), apiUrl, authority.certificate, certificate)
  const [apiServer, admin, serviceAccounts, kubelet] = await Promise.all([
    authority.issue('apiserver', '/CN=kube-apiserver', names),
    authority.issue('admin', '/O=system:masters/CN=admin'),
    authority.issue('service-accounts', '/CN=service-accounts'),
    authority.issue('kubelet-serving', `/CN=${addresses.nodeName}`, [node]),
    ...Object.entries(users).map(async ([user, subject]) =>
      kubeconfig(user, await authority.issue(user, subject)),
    ),
  ])
  await kubeconfig('admin', admin)
  return { authority, apiServer, admin, serviceAccounts, kubelet }
}
