import { join } from 'node:path'
import { etcdServer } from '../../../src/stack/etcd.ts'
import { kubeApiserver } from '../../../src/stack/kube-apiserver.ts'
import type { Launch } from '../../../src/stack/child.ts'
import { accepts } from '../../../src/stack/port.ts'
import { server, type Server } from '../../../src/stack/server.ts'
import type { Look } from './api.ts'
import type { Keys } from './keys.ts'
import { addresses, paths, type Plan, ports } from './plan.ts'

export function etcd(plan: Plan, launch: Launch): Server {
  return etcdServer({
    binary: plan.programs.etcd,
    directory: plan.directory,
    launch,
    clientPort: ports.etcd,
    peerPort: ports.etcdPeer,
  })
}

export function apiServer(plan: Plan, keys: Keys, launch: Launch): Server {
  return kubeApiserver({
    binary: plan.programs.kubeApiserver,
    directory: plan.directory,
    launch,
    port: ports.api,
    etcdPort: ports.etcd,
    authority: keys.authority.certificate,
    serving: keys.apiServer,
    admin: keys.admin,
    serviceAccounts: keys.serviceAccounts,
    args: [
      '--bind-address=0.0.0.0',
      `--advertise-address=${addresses.node}`,
      '--authorization-mode=Node',
      '--enable-admission-plugins=NodeRestriction',
      `--service-cluster-ip-range=${addresses.services}`,
      `--kubelet-client-certificate=${keys.admin.certificate}`,
      `--kubelet-client-key=${keys.admin.key}`,
      `--kubelet-certificate-authority=${keys.authority.certificate}`,
      // The node has a name that no DNS knows.
      '--kubelet-preferred-address-types=InternalIP',
    ],
  })
}

const apiRate = ['--kube-api-qps=500', '--kube-api-burst=1000']

/** Ready when it has made the first service account: without one no pod is admitted. */
export function controllerManager(plan: Plan, keys: Keys, look: Look, launch: Launch): Server {
  const name = 'kube-controller-manager'
  const args = [
    `--kubeconfig=${paths.kubeconfig(plan.directory, 'controllers')}`,
    `--service-account-private-key-file=${keys.serviceAccounts.key}`,
    `--root-ca-file=${keys.authority.certificate}`,
    '--use-service-account-credentials=true',
    '--bind-address=127.0.0.1',
    '--leader-elect=false',
    // It starts its controllers one after another, each with some requests: at the usual 20 in a second that alone takes five.
    ...apiRate,
  ]
  const account = '/api/v1/namespaces/default/serviceaccounts/default'
  return server({
    process: { ...common(plan, name), command: plan.programs.kubeControllerManager, args },
    ports: [10_257],
    launch,
    startDeadlineMs,
    graceMs: 2_000,
    ready: () => async (signal) => (await look(account, signal)) !== undefined,
  })
}

export function scheduler(plan: Plan, launch: Launch): Server {
  const port = 10_259
  const kubeconfig = paths.kubeconfig(plan.directory, 'scheduler')
  const args = [`--kubeconfig=${kubeconfig}`, '--bind-address=127.0.0.1', '--leader-elect=false', ...apiRate]
  return server({
    process: { ...common(plan, 'kube-scheduler'), command: plan.programs.kubeScheduler, args },
    ports: [port],
    launch,
    startDeadlineMs,
    graceMs: 2_000,
    ready: () => async () => accepts(port),
  })
}

/** A part is ready in seconds, but not on a machine that builds something at the same time. */
export const startDeadlineMs = 120_000

/** Every part writes its own log into the cluster’s directory. */
export function common(
  { directory }: Plan,
  name: string,
): { readonly name: string; readonly cwd: string; readonly logFile: string } {
  return { name, cwd: directory, logFile: join(directory, `${name}.log`) }
}
