import { mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { Launch } from '../../../src/stack/child.ts'
import { runOrThrow } from '../../../src/stack/command.ts'
import { server, type Server } from '../../../src/stack/server.ts'
import { common, startDeadlineMs } from './control-plane.ts'
import type { Snapshotter } from './messages.ts'
import { addresses, paths, type Plan } from './plan.ts'

/** The image of the container that holds a pod’s network. */
export const pauseImage = 'localhost/pause:1'

export async function containerd(plan: Plan, snapshotter: Snapshotter, launch: Launch): Promise<Server> {
  const config = join(plan.directory, 'containerd.toml')
  await writeFile(config, containerdConfig(plan.directory, snapshotter))
  await mkdir(join(plan.directory, 'cni'))
  await writeFile(join(plan.directory, 'cni', 'pods.conflist'), JSON.stringify(podNetwork(plan.directory)))
  return server({
    process: { ...common(plan, 'containerd'), command: 'containerd', args: ['--config', config] },
    ports: [],
    launch,
    startDeadlineMs,
    graceMs: 5_000,
    ready: () => async () => connects(paths.containerd(plan.directory)),
  })
}

/** True when something accepts connections on a socket: containerd does once all its plugins are there. */
async function connects(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path })
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}

function containerdConfig(directory: string, snapshotter: Snapshotter): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"'
  return `version = 2
root = "${directory}/containerd/root"
state = "${directory}/containerd/state"

[grpc]
address = "${paths.containerd(directory)}"

[plugins."io.containerd.internal.v1.opt"]
path = "${directory}/containerd/opt"

[${cri}]
sandbox_image = "${pauseImage}"
# The machine may not let us lower a process’s oom_score_adj; without this no pod would start there.
restrict_oom_score_adj = true
# A profile would be loaded into the machine’s kernel and stay.
disable_apparmor = true

[${cri}.containerd]
snapshotter = "${snapshotter}"

[${cri}.cni]
bin_dir = "/usr/lib/cni"
conf_dir = "${directory}/cni"
`
}

/**
 * Every pod has a link of its own to the node, not a common bridge: what goes to a service passes the node’s rules in both
 * directions, whatever the machine’s br_netfilter is set to.
 */
function podNetwork(directory: string): object {
  const ipam = {
    type: 'host-local',
    dataDir: join(directory, 'pod-addresses'),
    ranges: [[{ subnet: addresses.pods }]],
    routes: [{ dst: '0.0.0.0/0' }],
  }
  const plugins = [
    { type: 'ptp', ipMasq: false, ipam },
    { type: 'portmap', capabilities: { portMappings: true } },
  ]
  return { cniVersion: '0.4.0', name: 'pods', plugins }
}

/** Loads an archive, of OCI’s or Docker’s format, into the node’s images. */
export async function loadImage(
  place: { readonly directory: string; readonly path: string; readonly snapshotter: Snapshotter },
  file: string,
  signal?: AbortSignal,
): Promise<void> {
  const to = ['--address', paths.containerd(place.directory), '--namespace', 'k8s.io']
  const args = [...to, 'images', 'import', '--snapshotter', place.snapshotter, file]
  await runOrThrow('ctr', args, { env: { PATH: place.path }, deadlineMs: 10 * 60_000, signal })
}
