import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { InstallOptions } from './cache.ts'
import { runCommand } from './command.ts'
import { buildGoProgram, type GoProgram } from './go-program.ts'
import { projectFile } from './project.ts'
import type { StackPlaces } from './settings.ts'

/** Paths of the three programs of a Kubernetes API. */
export interface KubernetesBinaries {
  readonly etcd: string
  readonly kubeApiserver: string
  readonly kubectl: string
}

interface Program extends GoProgram {
  /** Asks a program for its version. */
  readonly versionArgs: readonly string[]
}

/** Of everything that is Kubernetes. */
export const kubernetesVersion = '1.34.4'
const versionPackage = 'k8s.io/component-base/version'
/** What makes a program of Kubernetes say its version. */
export const kubernetesFlags = `-s -w -X ${versionPackage}.gitVersion=v${kubernetesVersion} -X ${versionPackage}.gitMajor=1 -X ${versionPackage}.gitMinor=34`

/** Asked for on use: the commands that come this way inside the image have no checkout around them. */
const module = (): string => projectFile('src', 'stack', 'kubernetes')
const otherwise = 'KUBEBUILDER_ASSETS to a directory with etcd, kube-apiserver and kubectl'

const etcd: Program = {
  name: 'etcd',
  module,
  package: 'go.etcd.io/etcd/server/v3',
  version: '3.6.8',
  versionArgs: ['--version'],
  minutes: '1 min',
  linkerFlags: '-s -w',
  otherwise,
}
const kubeApiserver: Program = {
  name: 'kube-apiserver',
  module,
  package: 'k8s.io/kubernetes/cmd/kube-apiserver',
  version: kubernetesVersion,
  versionArgs: ['--version'],
  minutes: '4 min',
  linkerFlags: kubernetesFlags,
  otherwise,
}
const kubectl: Program = {
  name: 'kubectl',
  module,
  package: 'k8s.io/kubernetes/cmd/kubectl',
  version: kubernetesVersion,
  versionArgs: ['version', '--client'],
  minutes: '1 min',
  linkerFlags: kubernetesFlags,
  otherwise,
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
  return buildGoProgram(program, options)
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
