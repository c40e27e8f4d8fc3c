import { componentsOf } from '../../definition/components.ts'
import type { EmptyFirst } from '../../definition/compare.ts'
import { emptying, feeding, keeping } from '../../definition/keeping.ts'
import type { Queue, Snapshot } from '../../resource.ts'
import { dropFlowFiles } from './drop-flow-files.ts'
import { feedersOf, isFromFunnel, standingFor, withFunnels } from './feeders.ts'
import { readFlowStatus, waitingIn } from './flow-status.ts'
import { type Step, failed, inWords, listed, pending, seconds } from './outcomes.ts'
import { withContexts } from './proposal.ts'
import { type Progress, replaceBy } from './replace-by.ts'
import { type Site, again } from './site.ts'
import { startAgain, stopSome } from './stillness.ts'
import { until } from './waiting.ts'

/** How long a call looks at queues that become empty, before it answers what still waits in them. */
const glanceMs = 1_000

/**
 * Gets connections empty that NiFi takes away only when they are, in the way that the document wishes. Undefined: nothing waits in
 * them; whether that stays so until they go, NiFi sees for itself.
 */
export async function emptyQueues(
  site: Site,
  proposal: Snapshot,
  emptyFirst: readonly EmptyFirst[],
  signal: AbortSignal,
): Promise<Progress> {
  const { options, facts, work, live } = site
  const connections = idsOf(emptyFirst)
  const alone = options.queues === 'keep' ? idsOf(emptyFirst.filter(standsAlone)) : new Set<string>()
  const isFilled = [...withFunnels(live.snapshot, connections)].some((each) => facts.queues.has(each))
  if (!isFilled && !work.metFlowFiles && alone.size === 0) return undefined
  if (options.queues === 'drop') return drop(site, connections, signal)
  if (isFilled && nothingRuns(site)) return stuck(site, connections)
  if (options.queues === 'drain') return drain(site, connections, signal)
  const drained = await drain(site, alone, signal)
  return drained ?? keep(site, proposal, new Set([...connections].filter((each) => !alone.has(each))), signal)
}

/**
 * A connection with another source is the same one to NiFi, and what comes out of a funnel goes every way out: neither can stand
 * beside what is to take its place.
 */
function standsAlone({ because, connection }: EmptyFirst): boolean {
  return because === 'source' || isFromFunnel(connection)
}

function nothingRuns({ work, facts, options }: Site): boolean {
  return (work.ran ?? facts.running).size === 0 && options.runState !== 'running'
}

/** The flow goes on in its new form with the old connections beside it, which nothing feeds any more. */
async function keep(
  site: Site,
  proposal: Snapshot,
  connections: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Progress> {
  const { live, facts, work } = site
  if (!work.metFlowFiles && ![...connections].some((each) => facts.queues.has(each))) return undefined
  const key = [...connections].toSorted().join(' ')
  // Ports would feed the old ways and the new ones alike.
  const standing = feeding(proposal, live.snapshot, connections)
  const still = await stopSome(site, standing, signal)
  if (still !== undefined) return still
  if (work.emptying?.connections !== key) {
    const first = withContexts(keeping(proposal, live.snapshot, connections))
    const replaced = await replaceBy(site, first, 'emptying', signal)
    if (replaced !== undefined) return replaced
    began(site, key)
    return 'again'
  }
  await startAgain(site, signal, standing)
  return wait(site, emptying(proposal, live.snapshot, connections), signal)
}

/** What feeds the connections stands still until all that waits in them has gone on its way. */
async function drain(site: Site, wanted: ReadonlySet<string>, signal: AbortSignal): Promise<Progress> {
  const { live, facts, work } = site
  if (wanted.size === 0) return undefined
  if (work.emptying === undefined) began(site, 'drain')
  const connections = withFunnels(live.snapshot, wanted)
  const filled = new Set([...connections].filter((each) => facts.queues.has(each)))
  const standing = standingFor(live.snapshot, connections, filled)
  const still = await stopSome(site, standing, signal)
  if (still !== undefined) return still
  await startAgain(site, signal, standing)
  const left = await wait(site, connections, signal)
  // What had to work on until now can stand still now, and may have put something into the next one.
  return left ?? (filled.size > 0 ? 'again' : undefined)
}

/** Approved: what waits is dropped, and counted. */
async function drop(site: Site, connections: ReadonlySet<string>, signal: AbortSignal): Promise<Progress> {
  const { tools, live, work } = site
  const all = withFunnels(live.snapshot, connections)
  const still = await stopSome(site, feedersOf(live.snapshot, all), signal)
  if (still !== undefined) return still
  let [flowFiles, bytes] = [0, 0]
  for (const id of instanceIds(site, connections)) {
    const dropped = await dropFlowFiles(tools, id, signal)
    flowFiles += dropped.flowFiles
    bytes += dropped.bytes
  }
  if (flowFiles > 0) work.notes.push(`dropped ${inWords({ flowFiles, bytes })}`)
  return undefined
}

async function wait(site: Site, connections: ReadonlySet<string>, signal: AbortSignal): Promise<Step> {
  const { tools, groupId, options, work } = site
  const ids = instanceIds(site, connections)
  let left: Queue = { flowFiles: 0, bytes: 0 }
  const look = async () => {
    const status = await readFlowStatus(tools, groupId, signal)
    if (status === undefined) return true
    left = waitingIn(status, ids)
    return left.flowFiles === 0
  }
  if (await until(tools, glanceMs, look, signal)) return undefined
  const since = work.emptying?.since ?? tools.now()
  const where = listed(namesOf(site, connections))
  if (tools.now() - since <= options.drainTimeout)
    return pending(`waits for ${inWords(left)} to leave the connections that go: ${where}`)
  await startAgain(await again(site, signal), signal)
  delete work.emptying
  const limit = seconds(options.drainTimeout)
  return failed(
    'TimeLimitReached',
    `${inWords(left)} still wait after ${limit} in the connections that go (${where}); what was stopped for that runs again, and nothing was dropped`,
  )
}

function began({ tools, work }: Site, connections: string): void {
  work.emptying = { connections, since: tools.now() }
  work.metFlowFiles = false
}

function stuck(site: Site, connections: ReadonlySet<string>): Step {
  return failed(
    'ChangesFailed',
    `FlowFiles wait in connections that go (${listed(namesOf(site, connections))}), and nothing runs that could take them: start the flow, or set queues to drop`,
  )
}

function idsOf(emptyFirst: readonly EmptyFirst[]): ReadonlySet<string> {
  return new Set(emptyFirst.map(({ connection }) => connection.identifier))
}

function instanceIds({ facts }: Site, connections: ReadonlySet<string>): readonly string[] {
  return [...connections]
    .map((identifier) => facts.instances.get(identifier)?.id)
    .filter((id) => id !== undefined)
}

function namesOf({ live }: Site, connections: ReadonlySet<string>): readonly string[] {
  const components = componentsOf(live.snapshot)
  return [...connections].map((identifier) => components.get(identifier)?.name ?? identifier)
}
