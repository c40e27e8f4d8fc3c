import type { Change } from '../../../../src/core/resource.ts'
import type { Outcome } from '../../../../src/reconcile/service-client.ts'
import { compareDefinitions } from '../../definition/compare.ts'
import type { Flow, Snapshot } from '../../resource.ts'
import type { Tools } from '../tools.ts'
import { bindContexts, contextIds } from './contexts.ts'
import { emptyQueues } from './empty-queues.ts'
import { feedersOf, isFromFunnel } from './feeders.ts'
import { nameGroup, placeGroup } from './group-settings.ts'
import { type Step, failed, pending } from './outcomes.ts'
import { contextNames, proposalFor } from './proposal.ts'
import { type Progress, followReplace, givenUp, replaceBy } from './replace-by.ts'
import { settle } from './settle.ts'
import { type Site, again, gone, lookAt, siteOf } from './site.ts'
import { stopSome } from './stillness.ts'
import { forget } from './work.ts'

/** Of the group itself, changed without a replace. */
const settingsPath = /^(name|parent|comments|run-state)$|^parameter-context\./

/**
 * Brings a flow that is there to what is desired, from whatever state it is in: what a pass before began, or one that a crash cut off,
 * shows on the server.
 */
export async function updateFlow(
  tools: Tools,
  change: Change<Flow>,
  desired: Flow,
  signal: AbortSignal,
): Promise<Outcome<Flow>> {
  const live = await lookAt(tools, change, signal)
  if (live === undefined) throw gone()
  return advance(siteOf(tools, change, desired, live), signal)
}

/** The steps in their order. Each begins only what the one before has ended. */
export async function advance(begun: Site, signal: AbortSignal): Promise<Outcome<Flow>> {
  const { tools, groupId } = begun
  const outcome = untouchable(begun) ?? (await inTurn(begun, signal))
  // What failed begins anew; the server shows from where.
  if (outcome.state === 'failed') forget(tools, groupId)
  return outcome
}

async function inTurn(begun: Site, signal: AbortSignal): Promise<Outcome<Flow>> {
  const { tools } = begun
  const end = tools.now() + tools.limits.turnMs
  let site = begun
  for (let progress: Progress = 'again'; progress === 'again'; site = await again(site, signal)) {
    if (tools.now() >= end) return pending('the flow is being changed')
    progress = await step(site, signal)
    if (progress !== undefined && progress !== 'again') return progress
  }
  const named = await nameGroup(site, signal)
  return settle(named ? await again(site, signal) : site, signal)
}

async function step(site: Site, signal: AbortSignal): Promise<Progress> {
  const { change, desired, live, work } = site
  if (work.underWay !== undefined) {
    const { step: which } = work.underWay
    const followed = await followReplace(site, work.underWay, signal)
    // After a final one nothing is left to replace; after another the flow is looked at anew.
    return followed ?? (which === 'final' ? undefined : 'again')
  }
  if (work.givenUp !== undefined) return givenUp(site, work.givenUp, signal)
  const placed = await placeGroup(site, signal)
  if (placed !== undefined) return placed
  const proposal = proposalFor(desired, live, change.fields)
  const bound = await bindContexts(site, proposal, signal)
  if (bound !== undefined) return bound
  if (change.fields.every(({ path }) => settingsPath.test(path))) return undefined
  return replaceDefinition(site, proposal, signal)
}

/** The definition as proposed, once nothing waits any more in what it removes. */
async function replaceDefinition(site: Site, proposal: Snapshot, signal: AbortSignal): Promise<Progress> {
  const { tools, live } = site
  await contextIds(tools, contextNames(proposal), signal)
  const { emptyFirst, mustStand } = compareDefinitions(live.snapshot, proposal)
  const emptied = await emptyQueues(site, proposal, emptyFirst, signal)
  if (emptied !== undefined) return emptied
  // NiFi looks through a funnel for what runs ahead of a connection that goes, and does not stop it by itself.
  const fromFunnels = emptyFirst.map(({ connection }) => connection).filter(isFromFunnel)
  const ahead = feedersOf(live.snapshot, new Set(fromFunnels.map(({ identifier }) => identifier)))
  const standing = new Set([...mustStand.map(({ identifier }) => identifier), ...ahead])
  const still = await stopSome(site, standing, signal)
  if (still !== undefined) return still
  return replaceBy(site, proposal, 'final', signal)
}

/** What rules refuse can have come about since the plan was made. */
function untouchable({ facts }: Site): Step {
  if (facts.rivals.length > 0) {
    return failed(
      'ChangesFailed',
      `${facts.rivals.length + 1} process groups could be meant: nothing was done to any of them`,
    )
  }
  if (facts.versionControl === undefined) return undefined
  return failed(
    'ChangesFailed',
    `the process group is under version control of ${facts.versionControl}: stop that in NiFi first`,
  )
}
