import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Say } from '../../src/stack/cache.ts'
import { installElasticsearch } from '../../reconcilers/elasticsearch/stack/install.ts'
import { installKafka } from '../../reconcilers/kafka/stack/install.ts'
import { installNifi } from '../../reconcilers/nifi/stack/install.ts'
import { installKubernetes } from '../../src/stack/kubernetes-install.ts'
import { installPackages } from '../e2e/cluster/packages.ts'
import { isRootOnLinux } from '../e2e/support/root.ts'
import { testLaunch, testPlaces } from './places.ts'
import { programFile } from './programs.ts'
import { installPrometheus } from './prometheus.ts'

let installing: Promise<void> | undefined

/** Installs every real component that the suites start and bundles the reconciler, once; `say` hears of progress. */
export function installAll(say: Say): Promise<void> {
  installing ??= install(say)
  return installing
}

async function install(say: Say): Promise<void> {
  const options = { places: testPlaces(), launch: testLaunch(), say }
  // One after the other: each of them uses every core it finds.
  await installKafka('4.3.1', options)
  await installKafka('3.9.2', options)
  for (const version of ['8.19.21', '7.17.29', '9.5.3'] as const) await installElasticsearch(version, options)
  await installNifi(options)
  await installKubernetes(options)
  for (const name of ['kubeconform', 'kustomizeController', 'traefik'] as const)
    await programFile(name, options)
  await installPrometheus(options)
  say('bundling the reconciler')
  await promisify(execFile)(process.execPath, ['src/bootstrap.mjs', '--build'])
}

const ofCluster = [
  'kubelet',
  'kubeProxy',
  'kubeScheduler',
  'kubeControllerManager',
  'coredns',
  'kustomizeController',
] as const

/** The same for the end-to-end suite alone. Whoever may not have a cluster has its tests skipped, and installs nothing. */
export async function installCluster(say: Say): Promise<void> {
  if (!isRootOnLinux) return
  const options = { places: testPlaces(), launch: testLaunch(), say }
  await installPackages(options)
  await installKafka('4.3.1', options)
  await installElasticsearch('8.19.21', options)
  await installKubernetes(options)
  for (const name of ofCluster) await programFile(name, options)
}
