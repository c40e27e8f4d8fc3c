import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Launch } from '../../../src/stack/child.ts'
import { server, type Server } from '../../../src/stack/server.ts'
import { common, startDeadlineMs } from './control-plane.ts'
import { addresses, paths, type Plan } from './plan.ts'

export async function kubeProxy(plan: Plan, launch: Launch): Promise<Server> {
  const { directory } = plan
  const config = join(directory, 'kube-proxy.json')
  const port = 10_256
  await writeFile(
    config,
    JSON.stringify({
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      clientConnection: { kubeconfig: paths.kubeconfig(directory, 'proxy') },
      mode: 'nftables',
      clusterCIDR: addresses.pods,
      healthzBindAddress: `127.0.0.1:${port}`,
      oomScoreAdj: 0,
      // These are settings of the whole machine, and not to be changed.
      conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    }),
  )
  const args = [`--config=${config}`, `--hostname-override=${addresses.nodeName}`]
  return server({
    process: { ...common(plan, 'kube-proxy'), command: plan.programs.kubeProxy, args },
    ports: [port],
    launch,
    startDeadlineMs,
    graceMs: 2_000,
    ready: () => async (signal) => {
      const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal }).catch(() => undefined)
      return response?.ok === true
    },
  })
}
