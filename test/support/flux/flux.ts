import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ReconcileError } from '../../../src/errors.ts'
import type { InstallOptions } from '../../../src/stack/cache.ts'
import type { Child, ChildSpec } from '../../../src/stack/child.ts'
import { waitUntil } from '../../../src/stack/deadline.ts'
import type { Kubectl } from '../../../src/stack/kubectl.ts'
import { server, type Server } from '../../../src/stack/server.ts'
import { programFile } from '../programs.ts'
import { fluxDefinitions } from './definitions.ts'
import { GitCheckout } from './git-checkout.ts'
import { GitPublisher } from './git-publisher.ts'
import { Kustomizations, type KustomizationStatus } from './kustomization-status.ts'

export interface FluxOptions extends InstallOptions {
  /** As an administrator. */
  readonly kubectl: Kubectl
  /** For the controller, as an administrator. */
  readonly kubeconfig: string
  /** Everything of this Flux is below it: Git repositories, artifacts, logs. */
  readonly directory: string
  /** An address of this machine that the controller reaches; default: loopback. */
  readonly address?: string
  /** Words before a command that run it where the API server can be reached, such as `nsenter --net=…`. */
  readonly inside?: readonly string[]
  /** Further flags for the controller. */
  readonly flags?: readonly string[]
}

/** Flux's own kustomize-controller. source-controller is not there: a publisher does its work. */
export interface Flux {
  readonly controller: Server
  /** Of the GitRepository `infometis` in `flux-system`. */
  readonly publisher: GitPublisher
  /** A further repository, for the GitRepository of that name. */
  addRepository(namespace: string, name: string): Promise<GitPublisher>
  /** Undefined when there is no such Kustomization. */
  kustomizationStatus(name: string, namespace?: string): Promise<KustomizationStatus | undefined>
  /** Waits until the Kustomization is as wanted. Throws StackFailed at the deadline, with what Flux said last. */
  untilKustomization(
    name: string,
    wanted: (status: KustomizationStatus) => boolean,
    deadlineMs: number,
    namespace?: string,
  ): Promise<KustomizationStatus>
  /**
   * Waits until Flux has given up on a revision, and answers why. Read from the controller's log: a retry can follow at once, and
   * then the status says so for a moment only.
   */
  untilFailed(name: string, revision: string, deadlineMs: number, namespace?: string): Promise<string>
  /** Asks for a reconcile now, as `flux reconcile kustomization` does, and does not wait for it. Returns the request. */
  reconcile(name: string, namespace?: string): Promise<string>
  /** What the controller has written so far. */
  log(): Promise<string>
  stop(): Promise<void>
}

export const fluxNamespace = 'flux-system'
export const fluxRepository = 'infometis'

/** Installs the CRDs, starts the controller and the server of artifacts. On failure nothing is left running. */
export async function startFlux(options: FluxOptions): Promise<Flux> {
  const { directory, kubectl, signal, places } = options
  const artifacts = join(directory, 'artifacts')
  await mkdir(artifacts, { recursive: true })
  const [definitions, binary] = await Promise.all([
    fluxDefinitions(options),
    programFile('kustomizeController', options),
  ])
  await applyDefinitions(definitions, kubectl, signal)
  const files = artifactServer(options, artifacts)
  const controller = kustomizeController(options, binary)
  const stop = async (): Promise<void> => {
    await controller.stop()
    await files.stop()
  }
  const log = async (): Promise<string> => readFile(controller.logFile, 'utf8')
  try {
    await files.start(signal)
    await controller.start(signal)
    const url = servedAt(await readFile(files.logFile, 'utf8'))
    const addRepository = async (namespace: string, name: string): Promise<GitPublisher> => {
      const checkout = await GitCheckout.create(join(directory, 'git', namespace, name), places.path)
      return new GitPublisher({ checkout, kubectl, artifacts, url, namespace, name })
    }
    const publisher = await addRepository(fluxNamespace, fluxRepository)
    return { controller, publisher, addRepository, log, stop, ...observer(options, log) }
  } catch (error) {
    await stop()
    throw error
  }
}

/** CRDs with room for objects of their kinds: resolves when the API server serves them. */
async function applyDefinitions(
  files: readonly string[],
  kubectl: Kubectl,
  signal: AbortSignal | undefined,
): Promise<void> {
  const named = files.flatMap((file) => ['-f', file])
  await kubectl(['apply', '--server-side', '--field-manager=flux', ...named], undefined, signal)
  const wait = ['wait', '--for=condition=Established', '--timeout=30s', ...named]
  await kubectl(wait, undefined, signal)
}

function observer(
  options: FluxOptions,
  log: () => Promise<string>,
): Pick<Flux, 'kustomizationStatus' | 'untilKustomization' | 'untilFailed' | 'reconcile'> {
  const { kubectl, signal } = options
  const kustomizations = new Kustomizations(kubectl)
  const kustomizationStatus: Flux['kustomizationStatus'] = async (name, namespace = fluxNamespace) =>
    (await kustomizations.all()).get(`${namespace}/${name}`)
  const untilKustomization: Flux['untilKustomization'] = async (
    name,
    wanted,
    deadlineMs,
    namespace = fluxNamespace,
  ) => {
    let last: KustomizationStatus | undefined
    const what = `the Kustomization ${namespace}/${name} to be as wanted`
    await waitUntil(
      async () => {
        last = await kustomizationStatus(name, namespace)
        return last !== undefined && wanted(last)
      },
      { what, deadlineMs, everyMs: 100, signal },
    ).catch((cause: unknown) => {
      const said = last === undefined ? 'there is no such object' : JSON.stringify(last, undefined, 2)
      const sentence = cause instanceof Error ? cause.message : String(cause)
      throw new ReconcileError('StackFailed', `${sentence}; Flux said last: ${said}`, { cause })
    })
    if (last === undefined) throw new ReconcileError('StackFailed', `there is no Kustomization ${name}`)
    return last
  }
  const untilFailed: Flux['untilFailed'] = async (name, revision, deadlineMs, namespace = fluxNamespace) => {
    let found: string | undefined
    const what = `Flux to give up on ${revision} of ${namespace}/${name}`
    await waitUntil(
      async () => {
        found = failureIn(await log(), { name, namespace, revision })
        return found !== undefined
      },
      { what, deadlineMs, everyMs: 200, signal },
    )
    return found ?? ''
  }
  const reconcile: Flux['reconcile'] = async (name, namespace = fluxNamespace) => {
    const request = new Date().toISOString()
    const target = ['kustomization.kustomize.toolkit.fluxcd.io', name, '--namespace', namespace]
    const annotation = `reconcile.fluxcd.io/requestedAt=${request}`
    await kubectl([
      'annotate',
      '--overwrite',
      '--field-manager=flux-client-side-apply',
      ...target,
      annotation,
    ])
    return request
  }
  return { kustomizationStatus, untilKustomization, untilFailed, reconcile }
}

const failedLine = z.object({
  Kustomization: z.object({ name: z.string(), namespace: z.string() }),
  revision: z.string(),
  error: z.string(),
})

/** What the controller said of the first reconcile of this revision that failed. */
function failureIn(
  log: string,
  of: { readonly name: string; readonly namespace: string; readonly revision: string },
): string | undefined {
  const lines = log.split('\n').filter((line) => line.includes('Reconciliation failed after'))
  for (const line of lines) {
    const { Kustomization, revision, error } = failedLine.parse(JSON.parse(line.slice(line.indexOf('{'))))
    if (
      Kustomization.name === of.name &&
      Kustomization.namespace === of.namespace &&
      revision === of.revision
    )
      return error
  }
  return undefined
}

function kustomizeController(options: FluxOptions, binary: string): Server {
  const args = [
    '--watch-all-namespaces=true',
    '--enable-leader-election=false',
    '--metrics-addr=0',
    '--health-addr=0',
    '--events-addr=',
    '--log-level=info',
    '--log-encoding=console',
    ...(options.flags ?? []),
  ]
  return processOf(options, 'kustomize-controller', [binary, ...args], 'Starting workers')
}

function artifactServer(options: FluxOptions, artifacts: string): Server {
  const program = join(import.meta.dirname, 'artifact-server.ts')
  const address = options.address ?? '127.0.0.1'
  return processOf(options, 'artifact-server', [process.execPath, program, artifacts, address], 'serving at')
}

/** A process that is ready when its log says so: whether its ports can be reached from here is not known. */
function processOf(options: FluxOptions, name: string, words: readonly string[], readyWords: string): Server {
  const [command = '', ...args] = [...(options.inside ?? []), ...words]
  const { directory, kubeconfig, launch } = options
  const logFile = join(directory, `${name}.log`)
  const env = { KUBECONFIG: kubeconfig, HOME: directory, TMPDIR: directory }
  const spec: ChildSpec = { name, command, args, cwd: directory, env, logFile }
  const ready = (child: Child) => async (): Promise<boolean> =>
    (await readFile(logFile, 'utf8')).slice(child.logStart).includes(readyWords)
  return server({ process: spec, ports: [], launch, startDeadlineMs: 30_000, graceMs: 10_000, ready })
}

function servedAt(log: string): string {
  const url = /serving at (\S+)/.exec(log)?.[1]
  if (url === undefined) throw new ReconcileError('StackFailed', 'the artifact server names no address')
  return url
}
