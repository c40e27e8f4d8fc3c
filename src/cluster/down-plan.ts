import type { Manifest } from '../environments/manifest.ts'
import type { DownChoice } from './choice.ts'
import { ownsClaim } from './claims.ts'
import { isData, isWorkload, type ObjectName, resourceOf } from './environment.ts'
import type { Facts } from './facts.ts'
import { kubectlCommand } from './kubectl-command.ts'
import { deadlines, type Plan, type PlanStep } from './plan.ts'
import { byNamespace, labelSelector } from './up-plan.ts'

/** Everything that `infometis down --on` does, in order. Pure. */
export function planDown(choice: DownChoice, facts: Facts): Plan {
  switch (facts.cluster.on) {
    case 'kind':
      return facts.cluster.exists ? [[kindDelete(choice.name)]] : []
    case 'k0s':
      return k0sReset(facts.cluster)
    case 'current':
      return deletion(choice, facts)
  }
}

function kindDelete(name: string): PlanStep {
  return {
    title: `Delete the kind cluster ${name}`,
    command: ['kind', 'delete', 'cluster', '--name', name],
    deadlineMs: deadlines.work,
    wayOut: 'Look at `docker ps --all` for its nodes, then run the command again.',
  }
}

function k0sReset(state: { readonly isInstalled: boolean; readonly isRunning: boolean }): Plan {
  const wayOut = 'Read k0s’s words, then run the command again; a reboot frees what is still mounted.'
  const common = { deadlineMs: deadlines.work, wayOut }
  return [
    ...(state.isRunning ? [[{ title: 'Stop k0s', command: ['k0s', 'stop'], ...common }]] : []),
    ...(state.isInstalled
      ? [[{ title: 'Reset k0s: its data and its service', command: ['k0s', 'reset'], ...common }]]
      : []),
  ]
}

/** Workloads first: whatever still runs would answer to what vanishes beside it. */
function deletion(choice: DownChoice, facts: Facts): Plan {
  const { environment } = facts
  const kept = environment.manifests.filter((each) => !isData(each))
  const workloads = kept.filter(isWorkload)
  const others = kept.filter((each) => !isWorkload(each))
  return [
    deletionOf('Delete the workloads', workloads, choice, facts),
    environment.workloads.map((workload) => ({
      title: `Wait until the pods of ${resourceOf(workload)} are gone`,
      command: [
        ...kubectlCommand(choice, facts),
        ...['wait', 'pods', '--for=delete', '--namespace', workload.namespace],
        ...['-l', labelSelector(workload.selector), '--timeout=290s'],
      ],
      deadlineMs: deadlines.work,
      wayOut: 'Something holds them: `kubectl describe` them, then run the command again.',
    })),
    deletionOf('Delete everything else, except what holds data', others, choice, facts),
    choice.deleteData ? dataSteps(choice, facts) : [],
  ].filter((group) => group.length > 0)
}

/** By name only: nothing that an object says, a Secret’s content for one, is handed to anybody. */
function deletionOf(
  title: string,
  manifests: readonly Manifest[],
  choice: DownChoice,
  facts: Facts,
): readonly PlanStep[] {
  if (manifests.length === 0) return []
  const items = manifests.toReversed().map(({ apiVersion, kind, metadata: { name, namespace } }) => ({
    apiVersion,
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  }))
  return [
    {
      title,
      command: [...kubectlCommand(choice, facts), 'delete', '--ignore-not-found', '-f', '-'],
      stdin: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
      deadlineMs: deadlines.work,
      wayOut: 'Correct what kubectl names and run the command again: what is gone is not asked for twice.',
    },
  ]
}

function dataSteps(choice: DownChoice, facts: Facts): readonly PlanStep[] {
  const { claims, statuses } = dataOf(facts)
  const remove = (kind: string, what: string, objects: readonly ObjectName[]): readonly PlanStep[] =>
    byNamespace(objects).map(([namespace, found]) => ({
      title: `Delete ${what}`,
      command: [
        ...kubectlCommand(choice, facts),
        ...['delete', kind, '--namespace', namespace, '--ignore-not-found', ...found.map(({ name }) => name)],
      ],
      deadlineMs: deadlines.work,
      wayOut: 'Run the command again.',
    }))
  return [
    ...remove('persistentvolumeclaim', 'the data of the services', claims),
    ...remove('configmap', 'what the reconcilers remember', statuses),
  ]
}

/** What outlives a `down` of this environment, as long as nobody says otherwise. */
export function dataOf({ live, environment }: Facts): {
  readonly claims: readonly ObjectName[]
  readonly statuses: readonly ObjectName[]
} {
  if (live === undefined || typeof live === 'string') return { claims: [], statuses: [] }
  const desired = new Set(environment.desired.map(({ namespace, name }) => `${namespace}/${name}`))
  return {
    claims: live.claims.filter((claim) => ownsClaim(environment, claim)),
    statuses: live.statuses.filter((each) => desired.has(each.desired)),
  }
}
