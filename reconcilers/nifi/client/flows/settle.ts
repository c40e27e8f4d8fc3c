import type { Outcome } from '../../../../src/reconcile/service-client.ts'
import type { Flow } from '../../resource.ts'
import { readFlowStatus } from './flow-status.ts'
import { failed, listed, pending } from './outcomes.ts'
import { scheduleAll, scheduleRemotes, scheduleServices } from './schedule.ts'
import { componentsOf } from '../../definition/components.ts'
import { type Site, again } from './site.ts'
import { startAgain, stopWhole } from './stillness.ts'
import { patienceMs, until } from './waiting.ts'
import { forget } from './work.ts'

/** How long services may take to become enabled, and components to become valid and run. */
const settlingMs = 30_000

/** The last step of every change: run states as they are to be, and what the server makes of it all. */
export async function settle(site: Site, signal: AbortSignal): Promise<Outcome<Flow>> {
  const { tools, options, groupId, work } = site
  const settled = await runStates[options.runState](site, signal)
  if ('state' in settled) return settled
  forget(tools, groupId)
  const note = [...new Set(work.notes)].join('; ')
  return { state: 'done', id: groupId, shown: settled.live, ...(note === '' ? {} : { note }) }
}

/** The flow as it is now, or what the call ends with. */
type Settled = Site | Outcome<Flow>

const runStates = { running, stopped, 'as-is': asItWas }

async function stopped(site: Site, signal: AbortSignal): Promise<Settled> {
  const { tools, facts } = site
  if (facts.running.size === 0) return site
  return (await stopWhole(tools, site, signal)) ?? again(site, signal)
}

/** What ran before a change runs after it; what the change brought along stays as NiFi made it. */
async function asItWas(site: Site, signal: AbortSignal): Promise<Settled> {
  const ran = site.work.ran ?? new Set()
  if (ran.size === 0) return site
  return broughtUp(site, (now) => [...now.facts.stopped].filter((each) => ran.has(each)), signal)
}

async function running(site: Site, signal: AbortSignal): Promise<Settled> {
  return broughtUp(site, (now) => [...now.facts.stopped], signal)
}

/** Services first: without them, what needs them is invalid. What is disabled or invalid is left as it is. */
async function broughtUp(
  site: Site,
  standing: (now: Site) => readonly string[],
  signal: AbortSignal,
): Promise<Settled> {
  const { tools, work } = site
  let now = site
  const isUp = () => standing(now).length === 0 && now.live.unavailable === undefined && !waitsForService(now)
  const look = async () => {
    if (isUp()) return true
    await bringUp(now, standing(now), signal)
    now = await again(now, signal)
    return isUp()
  }
  if (await until(tools, patienceMs, look, signal)) return now
  work.waitingSince ??= tools.now()
  const names = namesOf(now, standing(now))
  const what = now.live.unavailable ?? `waits for ${listed(names)} to start`
  if (tools.now() - work.waitingSince <= settlingMs) return pending(what)
  // A service that stays ENABLING is told as what it is; it keeps nobody from looking at the rest.
  delete work.waitingSince
  if (names.length === 0) return now
  return failed('ChangesFailed', `NiFi was asked to start ${listed(names)} and did not`)
}

async function bringUp(site: Site, standing: readonly string[], signal: AbortSignal): Promise<void> {
  const { tools, groupId, facts, options } = site
  if (standing.length === 0) return
  const kinds = new Set(standing.map((each) => facts.instances.get(each)?.kind))
  if (kinds.has('remote-process-group')) await scheduleRemotes(tools, groupId, 'RUNNING', signal)
  // One that has not ended its work yet keeps NiFi from starting any with the whole group.
  const status = options.runState === 'running' ? await readFlowStatus(tools, groupId, signal) : undefined
  const isEnding = [...(status?.busy.keys() ?? [])].some((id) => status?.running.has(id) === false)
  if (status === undefined || isEnding) {
    await startAgain(site, signal)
    return
  }
  if (kinds.has('controller-service')) await scheduleServices(tools, groupId, 'ENABLED', signal)
  await scheduleAll(tools, groupId, 'RUNNING', signal)
}

/** A service was enabled a moment ago, and what uses it does not know yet. */
function waitsForService({ facts }: Site): boolean {
  const waits = [...facts.invalid.values()]
    .flat()
    .some((words) => /Controller Service .*is disabled/i.test(words))
  const kinds = [...facts.invalid.keys()].map((each) => facts.instances.get(each)?.kind)
  return waits && !kinds.includes('controller-service')
}

function namesOf({ live }: Site, identifiers: readonly string[]): readonly string[] {
  const components = componentsOf(live.snapshot)
  return identifiers.map((each) => components.get(each)?.name ?? each)
}
