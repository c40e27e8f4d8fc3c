import type { Instance } from '../../resource.ts'
import type { Tools } from '../tools.ts'
import { readServices } from '../services.ts'
import { readFlowStatus } from './flow-status.ts'
import { type Step, listed, pending } from './outcomes.ts'
import { scheduleAll, scheduleRemotes, scheduleServices, scheduleSome } from './schedule.ts'
import type { Live, Site } from './site.ts'
import { patienceMs, until } from './waiting.ts'

/** Stops all that runs in the flow and waits until it has ended its work. */
export async function stopWhole(tools: Tools, { groupId, facts }: Live, signal: AbortSignal): Promise<Step> {
  const kinds = new Set([...facts.running].map((each) => facts.instances.get(each)?.kind))
  if (facts.running.size > 0) await scheduleAll(tools, groupId, 'STOPPED', signal)
  if (kinds.has('remote-process-group')) await scheduleRemotes(tools, groupId, 'STOPPED', signal)
  return stillness(tools, groupId, () => true, signal)
}

/** Nothing that uses a service may run. */
export async function disableServices(tools: Tools, groupId: string, signal: AbortSignal): Promise<Step> {
  const look = async () => {
    const services = await readServices(tools.wire, groupId, signal)
    return services.every(({ state }) => state === 'DISABLED')
  }
  if (await look()) return undefined
  await scheduleServices(tools, groupId, 'DISABLED', signal)
  if (await until(tools, patienceMs, look, signal)) return undefined
  return pending('waits for controller services to become disabled')
}

/** Stops these components and waits until they have ended their work. What ran is remembered before. */
export async function stopSome(
  site: Site,
  identifiers: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Step> {
  const { tools, groupId, facts, work } = site
  const instances = instancesOf(site, identifiers)
  if (instances.length === 0) return undefined
  work.ran ??= facts.running
  await scheduleSome(tools, instances, 'STOPPED', signal)
  const ids = new Set(instances.map(({ id }) => id))
  return stillness(tools, groupId, (id) => ids.has(id), signal)
}

/**
 * Starts again what ran when the change began and stands still now; of a flow that is to run, everything that can. What is invalid or
 * disabled stays as it is. The answer: names of those that have not ended their work yet.
 */
export async function startAgain(
  site: Site,
  signal: AbortSignal,
  except: ReadonlySet<string> = new Set(),
): Promise<readonly string[]> {
  const { tools, facts, work, options, groupId } = site
  const meant = [...(work.ran ?? []), ...(options.runState === 'running' ? facts.stopped : [])]
  const standing = new Set(meant.filter((each) => !facts.running.has(each) && !except.has(each)))
  const isService = (each: string) => facts.instances.get(each)?.kind === 'controller-service'
  if ([...standing].some(isService)) await scheduleServices(tools, groupId, 'ENABLED', signal)
  return scheduleSome(tools, instancesOf(site, standing), 'RUNNING', signal)
}

export function instancesOf({ facts }: Live, identifiers: ReadonlySet<string>): readonly Instance[] {
  return [...identifiers]
    .map((identifier) => facts.instances.get(identifier))
    .filter((instance) => instance !== undefined)
}

/** Waits until none of those that are meant runs or is still at work. */
export async function stillness(
  tools: Tools,
  groupId: string,
  isMeant: (id: string) => boolean,
  signal: AbortSignal,
): Promise<Step> {
  let busy: readonly string[] = []
  const look = async () => {
    const status = await readFlowStatus(tools, groupId, signal)
    if (status === undefined) return true
    busy = [...status.busy].filter(([id]) => isMeant(id)).map(([, name]) => name)
    return busy.length === 0 && ![...status.running].some(isMeant)
  }
  if (await until(tools, patienceMs, look, signal)) return undefined
  return pending(`waits for ${busy.length === 0 ? 'components' : listed(busy)} to come to rest`)
}
