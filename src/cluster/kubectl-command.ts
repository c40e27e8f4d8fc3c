import { join } from 'node:path'
import type { DownChoice, UpChoice } from './choice.ts'
import type { Facts } from './facts.ts'

/** kubectl and the cluster it is for: no command depends on what the current context is by the time it runs. */
export function kubectlCommand(choice: UpChoice | DownChoice, facts: Facts): readonly string[] {
  const { cluster } = facts
  switch (cluster.on) {
    case 'kind':
      return ['kubectl', '--context', kindContext(choice.name)]
    case 'k0s':
      return ['k0s', 'kubectl', '--kubeconfig', k0sKubeconfig(facts)]
    case 'current':
      return ['kubectl', '--context', cluster.context.name]
  }
}

export function kindContext(name: string): string {
  return `kind-${name}`
}

export function k0sKubeconfig({ workDirectory }: Pick<Facts, 'workDirectory'>): string {
  return join(workDirectory, 'k0s.kubeconfig')
}
