import { readdir } from 'node:fs/promises'
import { ReconcileError } from '../../../src/errors.ts'
import type { InstallOptions } from '../../../src/stack/cache.ts'
import { installKubernetes } from '../../../src/stack/kubernetes-install.ts'
import { programFile } from '../../support/programs.ts'
import { programImage } from './images.ts'
import { pauseImage } from './containerd.ts'
import { busyboxFile, superuserPath } from './packages.ts'
import type { Plan } from './plan.ts'

/** The longest path that fits before the names of kubelet’s sockets, which the kernel cuts at 107 characters. */
const longestDirectory = 64

/** Throws InvalidConfiguration for a directory in which no cluster can be. */
export async function assertUsable(directory: string): Promise<void> {
  const refuse = (why: string): never => {
    throw new ReconcileError('InvalidConfiguration', `the cluster’s directory ${directory} ${why}`)
  }
  if (directory.length > longestDirectory)
    refuse(`is longer than ${longestDirectory} characters: choose a shorter one`)
  if (/^\/(run|var)(\/|$)/.test(directory))
    refuse('is below /run or /var, where the cluster has its own: choose another')
  if ((await readdir(directory).catch(() => [])).length > 0) refuse('is not empty: choose another')
}

/** Installs the programs of a cluster and makes its first images, where they are not in the cache yet. */
export async function makePlan(directory: string, volumes: number, options: InstallOptions): Promise<Plan> {
  const kubernetes = await installKubernetes(options)
  const pause = { name: pauseImage, program: busyboxFile, args: ['sleep', '2147483647'] }
  const coredns = { name: 'localhost/coredns:1', program: await programFile('coredns', options), args: [] }
  const id = crypto.randomUUID().slice(0, 8)
  return {
    id,
    directory,
    cgroup: `/infometis-${id}`,
    path: superuserPath(options.places.path),
    programs: {
      ...kubernetes,
      kubeControllerManager: await programFile('kubeControllerManager', options),
      kubeScheduler: await programFile('kubeScheduler', options),
      kubelet: await programFile('kubelet', options),
      kubeProxy: await programFile('kubeProxy', options),
    },
    images: [await programImage(pause, options), await programImage(coredns, options)],
    volumes,
  }
}
