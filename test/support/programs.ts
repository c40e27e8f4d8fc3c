import { join } from 'node:path'
import { buildGoProgram, type GoProgram } from '../../src/stack/go-program.ts'
import { kubernetesFlags, kubernetesVersion } from '../../src/stack/kubernetes-install.ts'
import type { InstallOptions } from '../../src/stack/cache.ts'

const moduleOf = (name: string) => () => join(import.meta.dirname, 'programs', name)
const small = '-s -w'

function ofKubernetes(name: string, minutes: string): GoProgram {
  const source = { package: `k8s.io/kubernetes/cmd/${name}`, module: moduleOf('node') }
  return { name, version: kubernetesVersion, linkerFlags: kubernetesFlags, minutes, ...source }
}

/** Programs that only the tests run: what a cluster has beside its API server, Flux's controller, and a checker of manifests. */
const programs = {
  kubelet: ofKubernetes('kubelet', '1 min'),
  kubeProxy: ofKubernetes('kube-proxy', '10 s'),
  kubeScheduler: ofKubernetes('kube-scheduler', '10 s'),
  kubeControllerManager: ofKubernetes('kube-controller-manager', '20 s'),
  coredns: {
    name: 'coredns',
    package: 'github.com/coredns/coredns',
    version: '1.12.4',
    module: moduleOf('coredns'),
    minutes: '2 min',
    linkerFlags: small,
  },
  kustomizeController: {
    name: 'kustomize-controller',
    package: 'github.com/fluxcd/kustomize-controller',
    version: '1.7.3',
    module: moduleOf('flux'),
    minutes: '3 min',
    linkerFlags: small,
  },
  /** Without ACME, whose client is not to be had: the border brings its certificates from Secrets. */
  traefik: {
    name: 'traefik',
    package: 'github.com/traefik/traefik/v3/cmd/traefik',
    version: '3.6.12',
    module: moduleOf('traefik'),
    minutes: '4 min',
    linkerFlags: small,
  },
  kubeconform: {
    name: 'kubeconform',
    package: 'github.com/yannh/kubeconform/cmd/kubeconform',
    version: '0.7.0',
    module: moduleOf('kubeconform'),
    minutes: '10 s',
    linkerFlags: small,
  },
} as const satisfies Record<string, GoProgram>

export type ProgramName = keyof typeof programs

/** The path of one of them, built where it is not in the cache yet. */
export async function programFile(name: ProgramName, options: InstallOptions): Promise<string> {
  return buildGoProgram(programs[name], options)
}
