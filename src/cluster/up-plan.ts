import { join } from 'node:path'
import type { UpChoice } from './choice.ts'
import { clusterSteps } from './cluster-steps.ts'
import { resourceOf, type Workload } from './environment.ts'
import type { Facts } from './facts.ts'
import { imageSteps } from './image-steps.ts'
import { imageName } from './image.ts'
import { kubectlCommand } from './kubectl-command.ts'
import { overlay } from './overlay.ts'
import { deadlines, type Plan, type PlanStep } from './plan.ts'

/** What an answer to a request carries, so that an older one is not taken for it. */
const stampAnnotation = 'infometis.io/reconcile-at'
/** On every pod template of an environment. */
const ourPods = 'app.kubernetes.io/part-of=infometis'
const fieldManager = 'infometis-cli'

/** Everything that `infometis up --on` does, in order. Pure: the same choice and facts give the same commands. */
export function planUp(choice: UpChoice, facts: Facts): Plan {
  const images = imageSteps(choice, facts)
  const alone = [
    ...clusterSteps(choice, facts),
    ...images,
    applyStep(choice, facts),
    ...(images.length === 0 ? [] : restartSteps(choice, facts)),
  ].map((step) => [step])
  const waits = choice.wait ? [rolloutSteps(choice, facts), stampSteps(choice, facts)] : []
  return [...alone, ...waits].filter((group) => group.length > 0)
}

function applyStep(choice: UpChoice, facts: Facts): PlanStep {
  const { root, workDirectory, environment } = facts
  const name = [choice.on, ...(choice.on === 'kind' ? [choice.name] : []), environment.name].join('-')
  const write = overlay({
    root,
    directory: join(workDirectory, name),
    environment: environment.name,
    components: componentsOf(choice),
    image: choice.image,
  })
  const folder =
    write === undefined ? join(root, 'environments', environment.name) : join(workDirectory, name)
  return {
    title: `Apply the environment ${environment.name}`,
    command: [...kubectlCommand(choice, facts), 'apply', '-k', folder],
    ...(write === undefined ? {} : { write }),
    deadlineMs: deadlines.work,
    wayOut:
      'Correct what kubectl names and run the command again. What is forbidden needs a right; what is immutable has to be deleted first (`infometis down` keeps its data).',
  }
}

/** kind and k0s have no load balancer: what comes from outside goes to a port of the node. */
function componentsOf({ on }: UpChoice): readonly string[] {
  return on === 'current' ? [] : ['node-ports']
}

/** A new image under the tag of an old one: what runs already would go on with the old one. */
function restartSteps(choice: UpChoice, facts: Facts): readonly PlanStep[] {
  const { live, environment } = facts
  if (live === undefined || typeof live === 'string') return []
  const running = environment.workloads.filter(
    (each) =>
      each.images.some((image) => image.split(/[:@]/)[0] === imageName) &&
      live.deployments.some(({ name, namespace }) => name === each.name && namespace === each.namespace),
  )
  return byNamespace(running).map(([namespace, workloads]) => ({
    title: 'Restart the reconcilers with the new image',
    command: [
      ...kubectlCommand(choice, facts),
      ...['rollout', 'restart', '--namespace', namespace],
      ...workloads.map(resourceOf),
    ],
    deadlineMs: deadlines.answer,
    wayOut: 'Run the command again.',
  }))
}

function rolloutSteps(choice: UpChoice, facts: Facts): readonly PlanStep[] {
  const kubectl = kubectlCommand(choice, facts)
  const seconds = Math.ceil(choice.timeoutMs / 1_000)
  return facts.environment.workloads.map((workload) => {
    const { namespace, selector } = workload
    return {
      title: `Wait for ${resourceOf(workload)}`,
      command: [
        ...kubectl,
        ...['rollout', 'status', resourceOf(workload), '--namespace', namespace, `--timeout=${seconds}s`],
      ],
      // Of all of them: the others are stopped when one fails, and what ails them is worth as much.
      pods: [...kubectl, 'get', 'pods', '--namespace', namespace, '-l', ourPods, '-o', 'json'],
      // kubectl’s own deadline comes first: it says how far it got.
      deadlineMs: (seconds + 10) * 1_000,
      wayOut: `Look at it with \`kubectl --namespace ${namespace} describe pods -l ${labelSelector(selector)}\`; run the command again with a longer --timeout if it only needs longer (images are large).`,
    }
  })
}

/** Asks every reconciler to look at what is desired now, and to say that it did. */
function stampSteps(choice: UpChoice, facts: Facts): readonly PlanStep[] {
  return byNamespace(facts.environment.desired).map(([namespace, desired]) => ({
    title: 'Ask the reconcilers for an answer',
    command: [
      ...kubectlCommand(choice, facts),
      ...['annotate', 'configmap', ...desired.map(({ name }) => name), '--namespace', namespace],
      ...['--overwrite', `--field-manager=${fieldManager}`, `${stampAnnotation}=${facts.stamp}`],
    ],
    deadlineMs: deadlines.answer,
    wayOut: 'Run the command again.',
  }))
}

export function labelSelector(labels: Workload['selector']): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',')
}

export function byNamespace<T extends { readonly namespace: string }>(
  objects: readonly T[],
): readonly (readonly [string, readonly T[]])[] {
  return [...Map.groupBy(objects, ({ namespace }) => namespace)]
}
