import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { delimiter, join } from 'node:path'
import { sha256 } from '../core/canonical.ts'
import { ReconcileError } from '../errors.ts'
import { buildEnvironment, installed, type InstallOptions } from './cache.ts'
import { runCommand } from './command.ts'
import { projectFile } from './project.ts'
import type { StackPlaces } from './settings.ts'

/** Paths of the three programs of a Kubernetes API. */
export interface KubernetesBinaries {
  readonly etcd: string
  readonly kubeApiserver: string
  readonly kubectl: string
}

interface Program {
  readonly name: string
  readonly package: string
  readonly version: string
  /** Asks a program for its version. */
  readonly versionArgs: readonly string[]
  /** Minutes a first build takes on two cores; measured. */
  readonly minutes: string
  readonly linkerFlags: string
}

const kubernetesVersion = '1.34.4'
const versionPackage = 'k8s.io/component-base/version'
const kubernetesFlags = `-s -w -X ${versionPackage}.gitVersion=v${kubernetesVersion} -X ${versionPackage}.gitMajor=1 -X ${versionPackage}.gitMinor=34`

const etcd: Program = {
  name: 'etcd',
  package: 'go.etcd.io/etcd/server/v3',
  version: '3.6.8',
  versionArgs: ['--version'],
  minutes: '1 min',
  linkerFlags: '-s -w',
}
const kubeApiserver: Program = {
  name: 'kube-apiserver',
  package: 'k8s.io/kubernetes/cmd/kube-apiserver',
  version: kubernetesVersion,
  versionArgs: ['--version'],
  minutes: '4 min',
  linkerFlags: kubernetesFlags,
}
const kubectl: Program = {
  name: 'kubectl',
  package: 'k8s.io/kubernetes/cmd/kubectl',
  version: kubernetesVersion,
  versionArgs: ['version', '--client'],
  minutes: '1 min',
  linkerFlags: kubernetesFlags,
}

/** Finds or builds etcd, kube-apiserver and kubectl: KUBEBUILDER_ASSETS, the PATH, the cache, a build, in this order. */
export async function installKubernetes(options: InstallOptions): Promise<KubernetesBinaries> {
  // One after another: each build uses every core.
  return {
    etcd: await provide(etcd, options),
    kubeApiserver: await provide(kubeApiserver, options),
    kubectl: await provide(kubectl, options),
  }
}

async function provide(program: Program, options: InstallOptions): Promise<string> {
  const { places, signal } = options
  if (places.kubebuilderAssets !== undefined) {
    const asset = join(places.kubebuilderAssets, program.name)
    if (existsSync(asset)) return asset
  }
  const onPath = places.path
    .split(delimiter)
    .map((directory) => join(directory, program.name))
    .find(existsSync)
  if (onPath !== undefined && (await isWantedVersion(onPath, program, places, signal))) return onPath
  return build(program, options)
}

async function isWantedVersion(
  file: string,
  program: Program,
  places: StackPlaces,
  signal?: AbortSignal,
): Promise<boolean> {
  const options = { env: { PATH: places.path, HOME: places.cache }, deadlineMs: 10_000, signal }
  const result = await runCommand(file, program.versionArgs, options).catch(() => undefined)
  signal?.throwIfAborted()
  return result !== undefined && sameMinor(result.stdout, program.version)
}

/** True when a program's own words name the wanted major and minor version. Debian’s and others’ suffixes do not matter. */
export function sameMinor(words: string, version: string): boolean {
  const found = /\bv?(\d+\.\d+)\.\d+/.exec(words)?.[1]
  return found !== undefined && version.startsWith(`${found}.`)
}

async function build(program: Program, options: InstallOptions): Promise<string> {
  const { places, signal, say } = options
  const source = projectFile('src', 'stack', 'kubernetes')
  const locked = await readFile(join(source, 'go.sum'), 'utf8')
  const key = sha256(locked + program.linkerFlags).slice(0, 8)
  const name = `${program.name}-${program.version}-${key}`
  const directory = await installed({ cache: places.cache, name, signal, say }, async (target) => {
    const started = Date.now()
    const cores = cpus().length
    const progress = (): void =>
      say?.(
        `building ${program.name}: ${elapsed(Date.now() - started)}, about ${program.minutes} on 2 cores (you have ${cores})`,
      )
    progress()
    const timer = setInterval(progress, 5_000)
    try {
      await goBuild(program, source, target, options)
    } finally {
      clearInterval(timer)
    }
  })
  return join(directory, program.name)
}

async function goBuild(
  program: Program,
  source: string,
  directory: string,
  install: InstallOptions,
): Promise<void> {
  const { signal } = install
  const target = join(directory, program.name)
  const args = [
    'build',
    '-trimpath',
    '-mod=readonly',
    '-ldflags',
    program.linkerFlags,
    '-o',
    target,
    program.package,
  ]
  const options = {
    env: { ...buildEnvironment(install), CGO_ENABLED: '0' },
    cwd: source,
    deadlineMs: 60 * 60_000,
    signal,
  }
  const result = await runCommand('go', args, options).catch((error: unknown) => {
    signal?.throwIfAborted()
    if (!(error instanceof ReconcileError) || error.reason !== 'MissingPrerequisite') throw error
    const way =
      'install Go 1.24 or newer, or set KUBEBUILDER_ASSETS to a directory with etcd, kube-apiserver and kubectl'
    throw new ReconcileError(
      'MissingPrerequisite',
      `${program.name} is built with Go and there is no go: ${way}`,
      { cause: error },
    )
  })
  if (result.code !== 0) throw goFailure(program.name, result.stderr)
}

/** Go's failure as a sentence that tells the network from the rest. */
export function goFailure(name: string, stderr: string): ReconcileError {
  const words = stderr.trim().slice(-2_000)
  const network =
    /dial tcp|no such host|connection (refused|reset)|i\/o timeout|proxyconnect|network is unreachable|module lookup disabled/i.test(
      stderr,
    )
  return network
    ? new ReconcileError(
        'MissingPrerequisite',
        `Go could not reach its module proxy to build ${name}: check the network and GOPROXY\n${words}`,
      )
    : new ReconcileError('StackFailed', `building ${name} failed: ${words}`)
}

/** `2m10s` of milliseconds. */
export function elapsed(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 60
    ? `${seconds}s`
    : `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, '0')}s`
}
