import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ReconcileError } from '../../../src/errors.ts'
import { runCommand, runOrThrow } from '../../../src/stack/command.ts'
import type { Snapshotter } from './messages.ts'
import { addresses, type Plan } from './plan.ts'

/** Kernel settings that kubelet wants for the whole machine. Inside, files with its values lie over them: nothing is to be changed. */
const wantedSettings: Readonly<Record<string, string>> = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
}

/** Makes the mounts and the network of this process’s own namespaces what a node needs. */
export async function prepareSurroundings(plan: Plan): Promise<void> {
  await prepareMounts(plan)
  await prepareNetwork(plan)
}

/** What containerd, the network plugins and kubelet write to fixed places goes to memory that ends with the namespace. */
async function prepareMounts({ directory, path }: Plan): Promise<void> {
  const mount = async (...args: readonly string[]): Promise<void> => run('mount', args, path)
  const scratch = join(directory, 'scratch')
  await mkdir(scratch)
  await mount('-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', scratch)
  const [upper, work] = [join(scratch, 'var'), join(scratch, 'work')]
  await Promise.all([mkdir(upper), mkdir(work)])
  await mount('-t', 'overlay', '-o', `lowerdir=/var,upperdir=${upper},workdir=${work}`, 'overlay', '/var')
  await mount('-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/run')
  await mkdir('/run/lock')
  for (const [name, value] of Object.entries(wantedSettings)) {
    const setting = join('/proc/sys', name)
    if ((await readFile(setting, 'utf8')).trim() === value) continue
    const stand = join(scratch, name.replaceAll('/', '.'))
    await writeFile(stand, `${value}\n`)
    await mount('--bind', stand, setting)
  }
}

/** The node’s address stands on a bridge without ports: not every kernel has dummy devices, and kubelet refuses loopback. */
async function prepareNetwork({ path }: Plan): Promise<void> {
  const ip = async (...args: readonly string[]): Promise<void> => run('ip', args, path)
  await ip('link', 'set', 'lo', 'up')
  await ip('link', 'add', 'node0', 'type', 'bridge')
  await ip('address', 'add', addresses.nodeWithPrefix, 'dev', 'node0')
  await ip('link', 'set', 'node0', 'up')
  // The node itself must have a way to a service’s address before kube-proxy’s rules give it another. There is none to the world.
  await ip('route', 'add', addresses.services, 'dev', 'node0')
  await writeFile('/proc/sys/net/ipv4/ip_forward', '1')
}

async function run(command: string, args: readonly string[], path: string): Promise<void> {
  await runOrThrow(command, args, { env: { PATH: path }, deadlineMs: 10_000 }).catch((error: unknown) => {
    const words = error instanceof Error ? error.message : String(error)
    throw new ReconcileError(
      'MissingPrerequisite',
      `cannot prepare the cluster’s own namespaces (${command} ${args.join(' ')}): ${words}; in a container, it must be a privileged one`,
    )
  })
}

/** The snapshotter that works here: overlayfs cannot lie on overlayfs, on which a container’s own files are. */
export async function chooseSnapshotter({ directory, path }: Plan): Promise<Snapshotter> {
  const base = join(directory, 'overlay-probe')
  const [lower, upper, work, target] = ['lower', 'upper', 'work', 'target'].map((name) => join(base, name))
  if (lower === undefined || upper === undefined || work === undefined || target === undefined)
    return 'native'
  for (const each of [lower, upper, work, target]) await mkdir(each, { recursive: true })
  const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`
  const asked = { env: { PATH: path }, deadlineMs: 10_000 }
  const { code } = await runCommand('mount', ['-t', 'overlay', '-o', options, 'overlay', target], asked)
  if (code === 0) await runOrThrow('umount', [target], asked)
  await rm(base, { recursive: true, force: true })
  return code === 0 ? 'overlayfs' : 'native'
}
