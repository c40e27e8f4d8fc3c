import type { Outcome } from '../../../../src/reconcile/service-client.ts'
import { compareDefinitions } from '../../definition/compare.ts'
import type { Flow, Snapshot } from '../../resource.ts'
import { readFlowStatus } from './flow-status.ts'
import { type Step, failed, listed, pending, seconds } from './outcomes.ts'
import { withContexts } from './proposal.ts'
import { endReplace, readReplace, startReplace } from './replace.ts'
import type { Replacing } from './replace.ts'
import { readGroupNow } from './requests.ts'
import { scheduleAll } from './schedule.ts'
import { type Site, again, gone } from './site.ts'
import { startAgain, stillness } from './stillness.ts'
import { patienceMs, until } from './waiting.ts'
import { type UnderWay, type Work, forget } from './work.ts'

/** What the call ends with; `again`: look anew and go on; undefined: done, go on. */
export type Progress = Outcome<Flow> | 'again' | undefined

/** A replace is tried so often in a row when something got in its way that passes. */
const mostAttempts = 4

/** Sends the proposal and waits for what becomes of it. */
export async function replaceBy(
  site: Site,
  proposal: Snapshot,
  step: UnderWay['step'],
  signal: AbortSignal,
): Promise<Progress> {
  const { tools, groupId, live, facts, work } = site
  const group = await readGroupNow(tools, groupId, signal)
  if (group === undefined) throw gone()
  work.ran ??= facts.running
  const requestId = await startReplace(tools, group, proposal, signal)
  work.underWay = { requestId, step, since: tools.now(), before: work.before ?? live }
  return followReplace(site, work.underWay, signal)
}

/** Waits for a replace that is under way; what NiFi does not know any more is looked for on the canvas. */
export async function followReplace(site: Site, underWay: UnderWay, signal: AbortSignal): Promise<Progress> {
  const { tools, work } = site
  let told: Replacing | undefined
  const look = async () => {
    told = await readReplace(tools, underWay.requestId, signal)
    return told === undefined || told.complete
  }
  const over = await until(tools, patienceMs, look, signal)
  if (told !== undefined && !over) return unfinished(site, underWay, told, signal)
  delete work.underWay
  if (told === undefined) return 'again'
  await endReplace(tools, underWay.requestId, signal)
  if (told.failure !== undefined) return notDone(site, underWay, told.failure, signal)
  delete work.before
  return underWay.step === 'back' ? putBack(site, signal) : undefined
}

/** NiFi waits without end for a component that does not stop; here that has an end. */
async function unfinished(
  site: Site,
  { requestId, since }: UnderWay,
  { state, percent }: Replacing,
  signal: AbortSignal,
): Promise<Step> {
  const { tools, groupId, options, work } = site
  const status = await readFlowStatus(tools, groupId, signal)
  const busy = [...(status?.busy ?? [])].filter(([id]) => !status?.running.has(id)).map(([, name]) => name)
  const late = tools.now() - since > options.drainTimeout
  if (!late || percent > 0) {
    const whom = busy.length === 0 ? '' : `, waits for ${listed(busy)} to end their work`
    return pending(`NiFi changes the flow: ${state} (${percent} %)${whom}`)
  }
  await endReplace(tools, requestId, signal)
  delete work.underWay
  work.givenUp = `${listed(busy)} did not end their work within ${seconds(options.drainTimeout)}; the change was not made, and what was stopped for it runs again`
  return givenUp(await again(site, signal), work.givenUp, signal)
}

/** NiFi was told to leave it, and leaves standing what it had stopped. */
export async function givenUp(site: Site, words: string, signal: AbortSignal): Promise<Step> {
  const ending = await startAgain(site, signal)
  if (ending.length > 0) return pending(`waits for ${listed(ending)} to end their work, to start them again`)
  return failed('TimeLimitReached', words)
}

const filled = /currently has data in the queue|Queue not empty/i
const passing =
  /is (still )?running|is not (stopped|disabled)|not the most up-to-date revision|is not in a valid state/i
/** The flow is as proposed, only not all of it runs again. */
const updated = /^Successfully updated flow but/

async function notDone(
  site: Site,
  { step, before }: UnderWay,
  words: string,
  signal: AbortSignal,
): Promise<Progress> {
  const { work } = site
  if (updated.test(words)) return step === 'back' ? putBack(site, signal) : undefined
  if (step === 'back') return halfWay(site, words)
  work.attempts += 1
  if (passing.test(words) && work.attempts < mostAttempts) return lookAgain(work, before)
  const now = await again(site, signal)
  if (!compareDefinitions(before.snapshot, now.live.snapshot).same) return wayBack(now, before, words, signal)
  if (filled.test(words) && work.attempts < mostAttempts) {
    work.metFlowFiles = true
    return 'again'
  }
  await startAgain(now, signal)
  const passes = filled.test(words) || passing.test(words)
  return failed(passes ? 'ChangesFailed' : 'RejectedByServer', words)
}

/** Two replaces at once, as after a restart of ours: what is there now may be just what is wished. */
function lookAgain(work: Work, before: Flow): Progress {
  work.before = before
  return 'again'
}

/**
 * Neither what was there nor what was to be: what was there is put back, once all stands still. A processor that NiFi tried to start
 * and that is invalid now looks stopped and is not.
 */
async function wayBack(site: Site, before: Flow, words: string, signal: AbortSignal): Promise<Progress> {
  const { tools, groupId, work } = site
  work.refusal = words
  await scheduleAll(tools, groupId, 'STOPPED', signal)
  await stillness(tools, groupId, () => true, signal)
  return replaceBy({ ...site, live: before }, withContexts(before.snapshot), 'back', signal)
}

async function putBack(site: Site, signal: AbortSignal): Promise<Step> {
  const { tools, groupId, work } = site
  await startAgain(await again(site, signal), signal)
  const words = work.refusal ?? 'the replace failed'
  forget(tools, groupId)
  return failed('RejectedByServer', `${words}; the flow was put back as it was before`)
}

function halfWay({ tools, groupId, work }: Site, words: string): Step {
  const first = work.refusal ?? words
  forget(tools, groupId)
  return failed(
    'ChangesFailed',
    `${first}; a part of the change was made, and putting back what was there failed, too: ${words}`,
  )
}
