import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Launch } from '../../../src/stack/child.ts'
import { server, type Server } from '../../../src/stack/server.ts'
import type { Look } from './api.ts'
import { common, startDeadlineMs } from './control-plane.ts'
import type { Keys } from './keys.ts'
import { addresses, paths, type Plan } from './plan.ts'

const nodeObject = z.object({
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })) }),
})

export async function kubelet(plan: Plan, keys: Keys, look: Look, launch: Launch): Promise<Server> {
  const { directory } = plan
  const config = join(directory, 'kubelet.json')
  const home = join(directory, 'kubelet')
  await writeFile(config, JSON.stringify(kubeletConfig(plan, keys), undefined, 2))
  await writeFile(resolvConf(plan), '# Nothing outside is resolved.\n')
  const args = [
    `--config=${config}`,
    `--kubeconfig=${paths.kubeconfig(directory, 'kubelet')}`,
    `--hostname-override=${addresses.nodeName}`,
    `--node-ip=${addresses.node}`,
    `--root-dir=${home}`,
    `--cert-dir=${join(home, 'pki')}`,
    '--v=2',
  ]
  const node = `/api/v1/nodes/${addresses.nodeName}`
  return server({
    process: { ...common(plan, 'kubelet'), command: plan.programs.kubelet, args },
    ports: [10_248, 10_250],
    launch,
    startDeadlineMs,
    graceMs: 2_000,
    ready: () => async (signal) => {
      const { data } = nodeObject.safeParse(await look(node, signal))
      return data?.status.conditions.some((each) => each.type === 'Ready' && each.status === 'True') === true
    },
  })
}

/** What kubelet writes into pods’ resolv.conf beside the cluster’s own DNS: not what this machine has. */
const resolvConf = ({ directory }: Plan): string => join(directory, 'resolv.conf')

function kubeletConfig(plan: Plan, keys: Keys): object {
  const { directory, cgroup } = plan
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: keys.authority.certificate },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: keys.kubelet.certificate,
    tlsPrivateKeyFile: keys.kubelet.key,
    containerRuntimeEndpoint: `unix://${paths.containerd(directory)}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: cgroup,
    enforceNodeAllocatable: ['pods'],
    failCgroupV1: false,
    failSwapOn: false,
    // What is not as kubelet wants it is an error: it changes nothing of the machine.
    protectKernelDefaults: true,
    makeIPTablesUtilChains: false,
    oomScoreAdj: 0,
    clusterDNS: [addresses.dnsService],
    clusterDomain: addresses.domain,
    resolvConf: resolvConf(plan),
    podLogsDir: join(directory, 'pod-logs'),
    volumePluginDir: join(directory, 'volume-plugins'),
    staticPodPath: '',
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    // An image that is thrown away cannot be pulled again.
    imageGCHighThresholdPercent: 100,
    serializeImagePulls: false,
    // Pods of a test start many at once.
    eventRecordQPS: 0,
    kubeAPIQPS: 500,
    kubeAPIBurst: 1000,
  }
}
