import { join } from 'node:path'
import { z } from 'zod'

/** Where everything of a cluster is found, inside its network namespace. */
export const addresses = {
  node: '10.88.0.1',
  nodeWithPrefix: '10.88.0.1/24',
  nodeName: 'node',
  pods: '10.244.0.0/24',
  services: '10.96.0.0/16',
  kubernetesService: '10.96.0.1',
  dnsService: '10.96.0.10',
  domain: 'cluster.local',
} as const

export const ports = { etcd: 2379, etcdPeer: 2380, api: 6443 } as const

/** What the owner tells the process inside the namespaces, as a file. */
export const plan = z.object({
  id: z.string(),
  directory: z.string(),
  /** A cgroup, from the root of each hierarchy: `/infometis-…`. */
  cgroup: z.string(),
  path: z.string(),
  programs: z.object({
    etcd: z.string(),
    kubeApiserver: z.string(),
    kubectl: z.string(),
    kubeControllerManager: z.string(),
    kubeScheduler: z.string(),
    kubelet: z.string(),
    kubeProxy: z.string(),
  }),
  /** Archives that are loaded before the first pod. */
  images: z.array(z.string()),
  volumes: z.number().int(),
})

export type Plan = Readonly<z.output<typeof plan>>

/** The name of the variable that marks every process of a cluster; its value is the cluster's id. */
export const markName = 'INFOMETIS_CLUSTER'

export const paths = {
  plan: (directory: string) => join(directory, 'plan.json'),
  kubeconfig: (directory: string, user: string) => join(directory, `${user}.kubeconfig`),
  containerd: (directory: string) => join(directory, 'containerd.sock'),
  /** What the process inside says, and whatever it could not say. */
  log: (directory: string) => join(directory, 'cluster.log'),
} as const
