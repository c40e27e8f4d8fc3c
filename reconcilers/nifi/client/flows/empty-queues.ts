import { componentsOf } from '../../definition/components.ts'
import { emptying, feeding, keeping } from '../../definition/keeping.ts'
import type { Queue, Snapshot } from '../../resource.ts'
import { dropFlowFiles } from './drop-flow-files.ts'
import { feedersOf, heads } from './feeders.ts'
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
 * Gets connections empty that the proposal removes, in the way that the document wishes. Undefined: nothing waits in them, and what
 * was done to them keeps it so until the final replace.
 */
export async function emptyQueues(
  site: Site,
  proposal: Snapshot,
  connections: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Progress> {
  const { options, facts } = site
  if (options.queues === 'drop') return drop(site, connections, signal)
  if (facts.running.size === 0 && options.runState !== 'running') return stuck(site, connections)
  return options.queues === 'drain'
    ? drain(site, connections, signal)
    : keep(site, proposal, connections, signal)
}

/** The flow goes on in its new form with the old connections beside it, which nothing feeds any more. */
async function keep(
  site: Site,
  proposal: Snapshot,
  connections: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Progress> {
  const { live, work } = site
  const key = keyOf(connections)
  if (work.emptying?.connections !== key) {
    const replaced = await replaceBy(
      site,
      withContexts(keeping(proposal, live.snapshot, connections)),
      'emptying',
      signal,
    )
    if (replaced === undefined) began(site, key)
    return replaced ?? 'again'
  }
  const still = await stopSome(site, feeding(proposal, live.snapshot, connections), signal)
  return still ?? wait(site, emptying(proposal, live.snapshot, connections), signal)
}

/** What feeds the connections stands still until all that waits in them has gone on its way. */
async function drain(site: Site, connections: ReadonlySet<string>, signal: AbortSignal): Promise<Progress> {
  if (site.work.emptying === undefined) began(site, keyOf(connections))
  const still = await stopSome(site, heads(site.live.snapshot, connections), signal)
  return still ?? wait(site, connections, signal)
}

/** Approved: what waits is dropped, and counted. */
async function drop(site: Site, connections: ReadonlySet<string>, signal: AbortSignal): Promise<Progress> {
  const { tools, live, work } = site
  const still = await stopSome(site, feedersOf(live.snapshot, connections), signal)
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

function keyOf(connections: ReadonlySet<string>): string {
  return [...connections].toSorted().join(' ')
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
