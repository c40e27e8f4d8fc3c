import type { Outcome } from '../../../../src/reconcile/service-client.ts'
import type { Flow } from '../../resource.ts'
import { failed, listed, pending } from './outcomes.ts'
import { scheduleAll, scheduleRemotes, scheduleServices } from './schedule.ts'
import { componentsOf } from '../../definition/components.ts'
import { type Site, again } from './site.ts'
import { startAgain, stillness } from './stillness.ts'
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
  const { tools, groupId, facts } = site
  if (facts.running.size === 0) return site
  await scheduleAll(tools, groupId, 'STOPPED', signal)
  if (hasRemotes(site, facts.running)) await scheduleRemotes(tools, groupId, 'STOPPED', signal)
  return (await stillness(tools, groupId, () => true, signal)) ?? again(site, signal)
}

/** What ran before a change runs after it; what the change brought along stays as NiFi made it. */
async function asItWas(site: Site, signal: AbortSignal): Promise<Settled> {
  const { tools, groupId, work } = site
  const ran = work.ran ?? new Set()
  let now = site
  const look = async () => {
    if (![...now.facts.stopped].some((each) => ran.has(each))) return true
    if (servicesIn(now).length > 0) await scheduleServices(tools, groupId, 'ENABLED', signal)
    await startAgain(now, signal)
    now = await again(now, signal)
    return now.live.unavailable === undefined
  }
  await until(tools, ran.size === 0 ? 0 : patienceMs, look, signal)
  return now
}

/** Services first: without them, what needs them is invalid. NiFi leaves out whatever is disabled or invalid. */
async function running(site: Site, signal: AbortSignal): Promise<Settled> {
  const { tools, work } = site
  let now = site
  const look = async () => {
    if (now.facts.stopped.size === 0 && now.live.unavailable === undefined) return true
    await bringUp(now, signal)
    now = await again(now, signal)
    return now.facts.stopped.size === 0 && now.live.unavailable === undefined
  }
  if (await until(tools, patienceMs, look, signal)) return now
  work.waitingSince ??= tools.now()
  const names = namesOf(now)
  const what = now.live.unavailable ?? `waits for ${listed(names)} to start`
  if (tools.now() - work.waitingSince <= settlingMs) return pending(what)
  // A service that stays ENABLING is told as what it is; it keeps nobody from looking at the rest.
  delete work.waitingSince
  if (now.facts.stopped.size === 0) return now
  return failed('ChangesFailed', `NiFi was asked to start ${listed(names)} and did not`)
}

async function bringUp(site: Site, signal: AbortSignal): Promise<void> {
  const { tools, groupId, facts } = site
  if (facts.stopped.size === 0) return
  const services = servicesIn(site)
  if (services.length > 0) await scheduleServices(tools, groupId, 'ENABLED', signal)
  const remotes = hasRemotes(site, facts.stopped)
  if (facts.stopped.size > services.length + (remotes ? 1 : 0) || services.length === 0)
    await scheduleAll(tools, groupId, 'RUNNING', signal)
  if (remotes) await scheduleRemotes(tools, groupId, 'RUNNING', signal)
}

function servicesIn({ facts }: Site): readonly string[] {
  return [...facts.stopped].filter((each) => facts.instances.get(each)?.kind === 'controller-service')
}

function hasRemotes({ facts }: Site, identifiers: ReadonlySet<string>): boolean {
  return [...identifiers].some((each) => facts.instances.get(each)?.kind === 'remote-process-group')
}

function namesOf({ live, facts }: Site): readonly string[] {
  const components = componentsOf(live.snapshot)
  return [...facts.stopped].map((each) => components.get(each)?.name ?? each)
}
