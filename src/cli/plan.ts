import type { ServiceReconciler } from '../reconcile/service-reconciler.ts'
import { passing } from '../core/plan.ts'
import { type Change, type Resource, type ResourceKey, keyOf } from '../core/resource.ts'
import { ExitError, ReconcileError, reasons } from '../errors.ts'
import { type Planned, makePlan } from '../reconcile/planner.ts'
import type { ServiceClient } from '../reconcile/service-client.ts'
import type { Policy } from '../reconcile/written.ts'
import { documentProblems } from './check.ts'
import { type Cluster, type Status, namesCluster, namespaceOf, openCluster, readStatuses } from './cluster.ts'
import type { Context } from './context.ts'
import { line } from './context.ts'
import { readDesired, type DesiredDocument } from './desired.ts'
import { printJson, printText, type DocumentPlan } from './plan-output.ts'
import { type Connect, connect } from './services.ts'
import { assumedStanding, knownStanding, type Standing } from './standing.ts'
import { nothingFound, showProblem } from './problem.ts'
import { UserSecrets } from './user-secrets.ts'

export interface PlanOptions extends Context {
  readonly file: readonly string[]
  readonly service?: string
  readonly output?: 'json'
  /** Stands in for each document's own policy. */
  readonly policy?: Policy
  /** Plan without the operator's state even where a cluster can be reached. */
  readonly standalone?: boolean
  /** Milliseconds for everything. */
  readonly timeout: number
  /** How the live service is reached; a test gives its own. */
  readonly connect?: Connect
}

/** Files against the live service. Never writes. 0: nothing to do. 2: changes. Throws for what cannot be told. */
export async function plan(options: PlanOptions): Promise<0 | 2> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeout)])
  const known = await readKnown(options, signal)
  try {
    return await planKnown(known, { ...options, signal })
  } finally {
    known.cluster?.client.close()
  }
}

async function planKnown(known: Known, options: PlanOptions): Promise<0 | 2> {
  const documents = await usable(options, known.namespace)
  const plans: DocumentPlan[] = []
  const problems: string[] = []
  const services = new Set(documents.map((document) => document.service))
  for (const service of services) {
    const mine = documents.filter((document) => document.service === service)
    try {
      plans.push(...(await planService(service, mine, known, options)))
    } catch (error) {
      if (services.size === 1) throw error
      problems.push(`${service.kind} has no plan: ${foreseen(error, options.signal)}`)
    }
  }
  if (problems.length < services.size) {
    const print = options.output === 'json' ? printJson : printText
    print(plans, options)
  }
  const invalid = plans.reduce((sum, { planned }) => sum + planned.document.invalid.length, 0)
  if (invalid > 0) problems.push(`${invalid} invalid; the plan is of the others`)
  if (problems.length > 0) throw new ExitError(1, problems.join('\n'))
  return plans.every(({ planned, conflicts }) => planned.plan.changes.length + conflicts.length === 0) ? 0 : 2
}

/** Why one service has no plan, which keeps no other from its own. What nobody foresaw, and the end of the command, go on as they are. */
function foreseen(thrown: unknown, signal: AbortSignal): string {
  if (signal.aborted) throw thrown
  if (thrown instanceof ExitError) return thrown.message
  if (!(thrown instanceof ReconcileError) || thrown.reason === 'InternalError') throw thrown
  return `${thrown.message}\n  → ${reasons[thrown.reason].advice}`
}

/** What the operator keeps, where a cluster can be reached; undefined statuses: nobody knows who owns what. */
interface Known {
  readonly namespace: string
  readonly statuses: readonly Status[] | undefined
  readonly cluster: Cluster | undefined
}

async function readKnown(options: PlanOptions, signal: AbortSignal): Promise<Known> {
  const standalone = options.standalone === true || !namesCluster(options.env)
  if (standalone) {
    line(
      options.err,
      'Ownership is not known without the operator’s state: what exists is taken as owned, orphans do not show.',
    )
    return { namespace: namespaceOf(options.env), statuses: undefined, cluster: undefined }
  }
  const cluster = await openCluster(options)
  try {
    return { namespace: cluster.namespace, statuses: await readStatuses(cluster, signal), cluster }
  } catch (error) {
    cluster.client.close()
    throw error
  }
}

async function usable(options: PlanOptions, namespace: string): Promise<readonly DesiredDocument[]> {
  const desired = await readDesired({ ...options, namespace })
  const problems = desired.problems.map(showProblem)
  problems.push(...documentProblems(desired.documents).map(showProblem))
  if (problems.length > 0) throw new ExitError(1, problems.join('\n'))
  const documents = desired.documents.filter((document) => !document.base)
  if (documents.length === 0) throw new ExitError(1, nothingFound(options.file))
  return ofInstance(documents, options).map((document) => underPolicy(document, options.policy))
}

/** The environment names one cluster, so only the documents of its instance belong to it. */
function ofInstance(
  documents: readonly DesiredDocument[],
  { env, err }: PlanOptions,
): readonly DesiredDocument[] {
  const instance = env['INFOMETIS_INSTANCE'] ?? ''
  const mine = documents.filter((document) => document.instance === instance)
  const others = new Set(documents.map((each) => each.instance).filter((each) => each !== instance))
  if (others.size > 0) {
    const names = [...others].map((each) => (each === '' ? '(none)' : each)).join(', ')
    line(err, `Left out: documents of the instance ${names}; INFOMETIS_INSTANCE says which to plan.`)
  }
  return mine
}

function underPolicy(document: DesiredDocument, policy: Policy | undefined): DesiredDocument {
  if (policy === undefined) return document
  const { written } = document
  return { ...document, written: { ...written, controls: { ...written.controls, policy } } }
}

async function planService(
  service: ServiceReconciler,
  documents: readonly DesiredDocument[],
  known: Known,
  options: PlanOptions,
): Promise<readonly DocumentPlan[]> {
  const standing = standingOf(service, documents, known)
  const client = (options.connect ?? connect)(service, options.env)
  const secrets = new UserSecrets(known.cluster, service.kind)
  try {
    await guardCluster(client, service, known, options)
    const plans: DocumentPlan[] = []
    const coming = new Set<ResourceKey>()
    for (const document of inOrder(service, documents)) {
      const { conflicts, ...standingFacts } = standing(document)
      const facts = { ...standingFacts, coming, kind: service.kind, secrets, now: options.now() }
      const planned = await makePlan(document.type, document.written, client, facts, options.signal)
      for (const made of creates(planned)) coming.add(keyOf(made))
      plans.push({ document, planned, conflicts })
    }
    secrets.tell(options.err)
    return plans
  } finally {
    await client.close()
  }
}

/** What the operator would make of a plan before it comes to the next type. */
function creates({ plan: planned }: Planned<Resource>): readonly Change[] {
  return passing(planned).filter(({ action }) => action === 'create')
}

/** Types in the service's own order of dependency; within one, as the files came. */
function inOrder(
  service: ServiceReconciler,
  documents: readonly DesiredDocument[],
): readonly DesiredDocument[] {
  return service.types.flatMap((type) => documents.filter((document) => document.type === type))
}

function standingOf(
  service: ServiceReconciler,
  documents: readonly DesiredDocument[],
  { statuses }: Known,
): (document: DesiredDocument) => Standing {
  if (statuses === undefined) return assumedStanding
  const instance = documents[0]?.instance
  const mine = statuses.filter((each) => each.component === service.kind && each.instance === instance)
  return knownStanding(documents, new Map(mine.map(({ key, state }) => [key, state])))
}

/** Ownership and expectations of one cluster say nothing about another. */
async function guardCluster(
  client: ServiceClient<Resource>,
  service: ServiceReconciler,
  { statuses }: Known,
  options: PlanOptions,
): Promise<void> {
  const { clusterId } = await client.ping(options.signal)
  const expected = options.env['EXPECTED_CLUSTER_ID'] ?? ''
  if (expected !== '' && expected !== clusterId) {
    throw new ExitError(1, `this is cluster ${clusterId}; EXPECTED_CLUSTER_ID says ${expected}`)
  }
  const other = statuses
    ?.filter(({ component }) => component === service.kind)
    .find(({ state }) => state.clusterId !== undefined && state.clusterId !== clusterId)
  if (other === undefined) return
  const message = `this is cluster ${clusterId}, but the operator’s state of ${other.key} speaks of ${other.state.clusterId ?? ''}`
  throw new ExitError(1, `${message}: correct the addresses, or plan with --standalone`)
}
