import type { ChildProcess } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { ReconcileError } from '../../../src/errors.ts'
import type { InstallOptions } from '../../../src/stack/cache.ts'
import { runOrThrow } from '../../../src/stack/command.ts'
import { createCgroup } from './cgroups.ts'
import { converse } from './conversation.ts'
import { openRecord, type OpenRecord } from './guarded-record.ts'
import { assertUsable, makePlan } from './make-plan.ts'
import type { Timings } from './messages.ts'
import { startInside } from './namespaces.ts'
import { loadImage } from './containerd.ts'
import { installPackages } from './packages.ts'
import { addresses, paths, type Plan } from './plan.ts'
import { clearDead } from './record.ts'

export interface ClusterOptions extends InstallOptions {
  /** Everything of the cluster is below it. It must be empty or not exist, and is removed in the end. */
  readonly directory: string
  /** How many volumes there are to claim. Default: 60. */
  readonly volumes?: number
}

/** A Kubernetes of one node, in namespaces of its own: nothing of it is reached from outside but through `inside`. */
export interface Cluster {
  readonly directory: string
  /** Of the administrator; its server is reached from inside only. */
  readonly kubeconfig: string
  /** Words to put before a command that is to run in the cluster’s network. */
  readonly inside: readonly string[]
  readonly nodeAddress: string
  /** Milliseconds after the start at which each part was ready. */
  readonly timings: Timings
  kubectl(args: readonly string[], input?: string, signal?: AbortSignal): Promise<string>
  /** Loads an archive, of OCI’s or Docker’s format, into the node’s images. */
  loadImage(file: string): Promise<void>
  /** Stops the API server and starts it again. Resolves, when it is ready, with the milliseconds that took. */
  restartApiServer(): Promise<number>
  /** Ends everything and removes the directory. */
  stop(): Promise<void>
}

/** Installs what is missing and starts a cluster. Resolves when its node is ready and names resolve; on failure nothing is left. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const directory = resolve(options.directory)
  await assertUsable(directory)
  await installPackages(options)
  await clearDead(options.places.cache, options.say)
  const plan = await makePlan(directory, options.volumes ?? 60, options)
  const record = await openRecord(plan, options)
  try {
    await createCgroup(plan.cgroup)
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await writeFile(paths.plan(directory), JSON.stringify(plan))
    const process = await startInside(plan, options.launch)
    return await opened(plan, process, record, options)
  } catch (error) {
    await record.close()
    throw error
  }
}

async function opened(
  plan: Plan,
  child: ChildProcess,
  record: OpenRecord,
  options: ClusterOptions,
): Promise<Cluster> {
  const { directory, path } = plan
  const conversation = converse(child, paths.log(directory))
  const { timings, snapshotter } = await conversation.next('ready', options.signal)
  const inside = ['nsenter', `--net=/proc/${child.pid ?? 0}/ns/net`]
  const kubeconfig = paths.kubeconfig(directory, 'admin')
  const [enter = 'nsenter', ...entering] = inside
  const env = { PATH: path, HOME: directory, KUBECONFIG: kubeconfig }
  return {
    directory,
    kubeconfig,
    inside,
    nodeAddress: addresses.node,
    timings,
    kubectl: async (args, input, signal) =>
      runOrThrow(enter, [...entering, plan.programs.kubectl, ...args], {
        env,
        deadlineMs: 10 * 60_000,
        signal,
        ...(input === undefined ? {} : { stdin: input }),
      }).catch((error: unknown) => {
        const { ended } = conversation
        if (ended.length === 0 || !(error instanceof ReconcileError)) throw error
        throw new ReconcileError(error.reason, `${error.message}\n${ended.join('\n')}`, { cause: error })
      }),
    loadImage: async (file) => loadImage({ directory, path, snapshotter }, file),
    restartApiServer: async () => {
      const answer = conversation.next('restarted')
      conversation.send({ kind: 'restartApiServer' })
      return (await answer).ms
    },
    stop: async () => record.close(),
  }
}
