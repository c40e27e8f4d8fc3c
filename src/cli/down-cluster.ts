import type { DownChoice } from '../cluster/choice.ts'
import { dataOf, planDown } from '../cluster/down-plan.ts'
import type { ObjectName } from '../cluster/environment.ts'
import type { Facts } from '../cluster/facts.ts'
import { missingPrograms } from '../cluster/prerequisites.ts'
import { refusalsOfDown } from '../cluster/refusals.ts'
import { runPlan } from '../cluster/run-plan.ts'
import { kubectlCommand } from '../cluster/kubectl-command.ts'
import { type ClusterContext, factsFor, mentionStop, refuse, showOnly } from './cluster-place.ts'
import { line } from './context.ts'

export interface DownClusterOptions extends ClusterContext {
  readonly choice: DownChoice
  readonly dryRun: boolean
}

/** Takes the stack off a cluster, or the cluster that was made for it. 0: it is gone. 2: a dry run met what would stand in the way. */
export async function downCluster(options: DownClusterOptions): Promise<0 | 2> {
  const { choice, out } = options
  const missing = await missingPrograms(choice, options)
  if (missing.length > 0 && !options.dryRun) refuse(missing)
  const facts = await factsFor(choice, options, missing)
  const refusals = [...missing, ...refusalsOfDown(choice, facts)]
  const plan = planDown(choice, facts)
  if (choice.on === 'current') line(out, `${whatIsTouched(facts)}.`)
  if (options.dryRun) return showOnly(plan, refusals, options)
  refuse(refusals)
  if (plan.length === 0) {
    line(out, `There is no ${choice.on === 'kind' ? `kind cluster ${choice.name}` : choice.on} here.`)
    return 0
  }
  await mentionStop(options, async () => runPlan(plan, options))
  for (const text of kept(choice, facts)) line(out, text)
  return 0
}

function whatIsTouched({ cluster, environment }: Facts): string {
  const where = cluster.on === 'current' ? `${cluster.context.name} (${cluster.context.server})` : ''
  return `Environment ${environment.name} on the context ${where}, namespace ${environment.namespaces.join(', ')}`
}

/** What is left, and how it is removed. */
function kept(choice: DownChoice, facts: Facts): readonly string[] {
  if (choice.on !== 'current') return ['Gone, with everything in it.']
  const kubectl = kubectlCommand(choice, facts).join(' ')
  const { claims, statuses } = dataOf(facts)
  const namespaces = facts.environment.ownNamespaces.map(
    (name) =>
      `Kept: the namespace ${name}. \`${kubectl} delete namespace ${name}\` deletes it with all that is in it.`,
  )
  if (choice.deleteData) return ['Gone, with its data.', ...namespaces]
  return [
    ...keptOf('the data of the services', 'PersistentVolumeClaim', claims),
    ...keptOf('what the reconcilers remember', 'ConfigMap', statuses),
    ...(claims.length + statuses.length === 0
      ? []
      : ['The same command with --delete-data deletes both; the next `up` goes on with them.']),
    ...namespaces,
  ]
}

function keptOf(what: string, kind: string, objects: readonly ObjectName[]): readonly string[] {
  if (objects.length === 0) return []
  const names = objects.map(({ namespace, name }) => `${namespace}/${name}`)
  return [`Kept, ${what}: ${kind} ${names.join(', ')}.`]
}
