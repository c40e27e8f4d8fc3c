import { ReconcileError } from '../../../../src/errors.ts'
import { componentsOf, groupsOf } from '../../definition/components.ts'
import { contextOf } from '../../definition/sendable.ts'
import type { Component } from '../../definition/components.ts'
import type { Snapshot } from '../../resource.ts'
import { instanceId } from '../flow-facts.ts'
import { at, listAt, textAt } from '../members.ts'
import { readServices } from '../services.ts'
import type { Tools } from '../tools.ts'
import type { Step } from './outcomes.ts'
import { contextNames } from './proposal.ts'
import { putGroup, readGroupNow, sent } from './requests.ts'
import { scheduleAll, scheduleServices } from './schedule.ts'
import type { Progress } from './replace-by.ts'
import { type Site, again } from './site.ts'
import { disableServices, startAgain, stillness, stopSome } from './stillness.ts'

/** A group that is bound to another context than it should be. */
interface Binding {
  readonly groupId: string
  readonly identifier: string
  readonly path: string
  /** Undefined: it is to have none. */
  readonly context: string | undefined
}

/** The ids of these contexts. Throws DependencyMissing where one is not there. */
export async function contextIds(
  tools: Tools,
  names: Iterable<string>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const wanted = [...names]
  if (wanted.length === 0) return new Map()
  const request = { method: 'GET', path: '/flow/parameter-contexts' } as const
  const body = await sent(tools, request, 'listing parameter contexts', signal)
  const ids = new Map(
    listAt(body, 'parameterContexts').map((each) => {
      return [textAt(each, 'component', 'name'), textAt(each, 'id')] as const
    }),
  )
  const missing = wanted.filter((name) => !ids.has(name))
  if (missing.length === 0) return ids
  const which = missing.map((name) => `"${name}"`).join(', ')
  throw new ReconcileError('DependencyMissing', `there is no parameter context ${which} in NiFi`)
}

/**
 * Binds groups that are there to the contexts of the proposal. A replace would bind what is unbound, and leave bound to the old
 * context what should change it. Whatever uses parameters of such a group stands still meanwhile, as NiFi wants it.
 */
export async function bindContexts(site: Site, proposal: Snapshot, signal: AbortSignal): Promise<Progress> {
  const { tools, live, facts, groupId, work } = site
  const bindings = differing(live.snapshot, proposal)
  if (bindings.length === 0) return undefined
  const ids = await contextIds(tools, contextNames(proposal), signal)
  const users = usersIn(live.snapshot, bindings)
  const running = users.map(({ identifier }) => identifier).filter((each) => facts.running.has(each))
  const services = await enabledServices(tools, groupId, users, signal)
  work.ran ??= facts.running
  const still = services
    ? await stopWithServices(tools, groupId, signal)
    : await stopSome(site, new Set(running), signal)
  if (still !== undefined) return still
  for (const binding of bindings) await bind(tools, binding, ids, signal)
  if (services) await scheduleServices(tools, groupId, 'ENABLED', signal)
  await startAgain(await again(site, signal), signal)
  return 'again'
}

/** Of groups that are on both sides; a new one is bound by the replace that makes it. */
function differing(live: Snapshot, proposal: Snapshot): readonly Binding[] {
  const wanted = new Map(groupsOf(proposal).map(({ identifier, json }) => [identifier, contextOf(json)]))
  return groupsOf(live)
    .filter(({ identifier, json }) => wanted.has(identifier) && wanted.get(identifier) !== contextOf(json))
    .map(({ identifier, path, json }) => {
      return { groupId: instanceId(json), identifier, path, context: wanted.get(identifier) }
    })
}

/** Processors and services in these groups that name a parameter. */
function usersIn(snapshot: Snapshot, bindings: readonly Binding[]): readonly Component[] {
  const groups = new Set(bindings.map(({ identifier }) => identifier))
  return [...componentsOf(snapshot).values()].filter(
    ({ kind, groupId, json }) =>
      (kind === 'processor' || kind === 'controller-service') && groups.has(groupId) && namesParameter(json),
  )
}

function namesParameter(json: unknown): boolean {
  const properties = at(json, 'properties')
  if (typeof properties !== 'object' || properties === null) return false
  return Object.values(properties).some((value) => typeof value === 'string' && value.includes('#{'))
}

async function enabledServices(
  tools: Tools,
  groupId: string,
  users: readonly Component[],
  signal: AbortSignal,
): Promise<boolean> {
  const ids = new Set(
    users.filter(({ kind }) => kind === 'controller-service').map(({ json }) => instanceId(json)),
  )
  if (ids.size === 0) return false
  const services = await readServices(tools.wire, groupId, signal)
  return services.some(({ id, state }) => ids.has(id) && state !== 'DISABLED')
}

/** Services are in use by whatever runs: a service that names a parameter is changed only when all stands still. */
async function stopWithServices(tools: Tools, groupId: string, signal: AbortSignal): Promise<Step> {
  await scheduleAll(tools, groupId, 'STOPPED', signal)
  const busy = await stillness(tools, groupId, () => true, signal)
  if (busy !== undefined) return busy
  return disableServices(tools, groupId, signal)
}

async function bind(
  tools: Tools,
  { groupId, path, context }: Binding,
  ids: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const group = await readGroupNow(tools, groupId, signal)
  if (group === undefined) return
  const id = context === undefined ? null : (ids.get(context) ?? null)
  const doing = `binding ${path} to ${context === undefined ? 'no parameter context' : `the parameter context "${context}"`}`
  await putGroup(tools, group, { parameterContext: { id } }, doing, signal)
}
