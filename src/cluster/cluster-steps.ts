import { join } from 'node:path'
import type { UpChoice } from './choice.ts'
import type { Facts } from './facts.ts'
import { k0sKubeconfig, kindContext, kubectlCommand } from './kubectl-command.ts'
import { deadlines, type PlanStep } from './plan.ts'

/** What the Helm chart in k0s.yaml calls it. */
const k0sStorageClass = 'openebs-hostpath'

/** Makes the cluster where it is ours to make. What is there already is left as it is. */
export function clusterSteps(choice: UpChoice, facts: Facts): readonly PlanStep[] {
  switch (facts.cluster.on) {
    case 'kind':
      return kindSteps(choice.name, facts, facts.cluster)
    case 'k0s':
      return k0sSteps(choice, facts, facts.cluster)
    case 'current':
      return []
  }
}

/** The file that describes a cluster of ours. */
export function clusterFile({ root }: Pick<Facts, 'root'>, on: 'kind' | 'k0s'): string {
  return join(root, 'deploy', 'clusters', `${on}.yaml`)
}

interface KindState {
  readonly exists: boolean
  readonly hasContext: boolean
}

function kindSteps(name: string, facts: Facts, { exists, hasContext }: KindState): readonly PlanStep[] {
  if (exists && hasContext) return []
  if (exists)
    return [
      {
        title: `Put the context ${kindContext(name)} into the kubeconfig`,
        command: ['kind', 'export', 'kubeconfig', '--name', name],
        deadlineMs: deadlines.answer,
        wayOut: `\`infometis down --on kind --name ${name}\` deletes the cluster; then run the command again.`,
      },
    ]
  const config = clusterFile(facts, 'kind')
  return [
    {
      title: `Create the kind cluster ${name}`,
      command: ['kind', 'create', 'cluster', '--name', name, '--config', config, '--wait', '180s'],
      deadlineMs: deadlines.download,
      // Half a cluster would look like a whole one to the next `up`.
      undo: ['kind', 'delete', 'cluster', '--name', name],
      wayOut: `If a port is taken, write another hostPort into ${config}; then run the command again.`,
    },
  ]
}

interface K0sState {
  readonly isInstalled: boolean
  readonly isRunning: boolean
  readonly isOurs: boolean
}

function k0sSteps(choice: UpChoice, facts: Facts, state: K0sState): readonly PlanStep[] {
  const kubectl = kubectlCommand(choice, facts)
  const wayOut = 'Read `journalctl -u k0scontroller`, then run the command again.'
  const slow = { deadlineMs: deadlines.work, retry: true, wayOut }
  const install = {
    title: 'Install k0s as a service of this machine',
    command: ['k0s', 'install', 'controller', '--single', '--config', clusterFile(facts, 'k0s')],
    deadlineMs: deadlines.answer,
    wayOut: 'Run `k0s sysinfo`: it names what the machine lacks.',
  }
  const start = { title: 'Start k0s', command: ['k0s', 'start'], deadlineMs: deadlines.work, wayOut }
  const storage = {
    title: 'Wait for its storage class',
    command: [...kubectl, 'get', 'storageclass', k0sStorageClass],
    deadlineMs: deadlines.download,
    retry: true,
    wayOut:
      'Look at `k0s kubectl --namespace kube-system get charts`: k0s fetches the chart that k0s.yaml names.',
  }
  return [
    ...(state.isInstalled ? [] : [install]),
    ...(state.isRunning ? [] : [start]),
    { title: 'Wait for k0s', command: ['k0s', 'status'], ...slow },
    {
      title: 'Write its kubeconfig',
      command: ['k0s', 'kubeconfig', 'admin'],
      output: k0sKubeconfig(facts),
      ...slow,
    },
    {
      title: 'Wait for its node',
      command: [...kubectl, 'wait', 'nodes', '--all', '--for=condition=Ready', '--timeout=5s'],
      ...slow,
    },
    // A k0s of somebody else has whatever storage its owner gave it.
    ...(state.isInstalled && !state.isOurs ? [] : [storage]),
  ]
}
