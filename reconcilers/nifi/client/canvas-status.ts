import { accepted } from './failures.ts'
import { at, listAt, numberAt, textAt } from './members.ts'
import type { Wire } from './wire.ts'

/** How a component does, in NiFi's own word: Running, Stopped, Invalid, Disabled, Validating; Transmitting, NotTransmitting. */
export interface ComponentStatus {
  readonly id: string
  readonly runStatus: string
}

export interface ConnectionStatus {
  readonly id: string
  readonly flowFiles: number
  readonly bytes: number
  /** It holds as much as it may, so that what feeds it waits. */
  readonly full: boolean
}

/** A process group as the status of the whole canvas shows it: itself and all that is in it. */
export interface GroupStatus {
  readonly id: string
  readonly name: string
  readonly parent: GroupStatus | undefined
  readonly groups: readonly GroupStatus[]
  /** Processors, ports and remote groups. */
  readonly components: readonly ComponentStatus[]
  readonly connections: readonly ConnectionStatus[]
  /** Of the group and all that is in it. */
  readonly activeThreads: number
}

/** Every process group that can be seen, by id. */
export interface CanvasStatus {
  readonly root: GroupStatus
  readonly groups: ReadonlyMap<string, GroupStatus>
}

/** All run states, queues and groups of this NiFi, in one request. */
export async function readCanvasStatus(wire: Wire, signal: AbortSignal): Promise<CanvasStatus> {
  const answer = await wire.send(
    { method: 'GET', path: '/flow/process-groups/root/status', query: { recursive: true } },
    signal,
  )
  const body = accepted(answer, 'reading the state of the canvas')
  const groups = new Map<string, GroupStatus>()
  const root = readGroup(at(body, 'processGroupStatus', 'aggregateSnapshot'), undefined, groups)
  return { root, groups }
}

/** What may not be looked at has no snapshot: it is left out. */
function readGroup(
  snapshot: unknown,
  parent: GroupStatus | undefined,
  found: Map<string, GroupStatus>,
): GroupStatus {
  const groups: GroupStatus[] = []
  const group: GroupStatus = {
    id: textAt(snapshot, 'id'),
    name: textAt(snapshot, 'name'),
    parent,
    groups,
    components: kinds.flatMap(([list, member]) => inner(snapshot, list, member).map(readComponent)),
    connections: inner(snapshot, 'connectionStatusSnapshots', 'connectionStatusSnapshot').map(readConnection),
    activeThreads: numberAt(snapshot, 'activeThreadCount') + numberAt(snapshot, 'statelessActiveThreadCount'),
  }
  found.set(group.id, group)
  for (const each of inner(snapshot, 'processGroupStatusSnapshots', 'processGroupStatusSnapshot'))
    groups.push(readGroup(each, group, found))
  return group
}

const kinds = [
  ['processorStatusSnapshots', 'processorStatusSnapshot'],
  ['inputPortStatusSnapshots', 'portStatusSnapshot'],
  ['outputPortStatusSnapshots', 'portStatusSnapshot'],
  ['remoteProcessGroupStatusSnapshots', 'remoteProcessGroupStatusSnapshot'],
] as const

/** NiFi wraps each of a list: `[{portStatusSnapshot: {…}}, …]`. What may not be looked at has no snapshot: it is left out. */
export function inner(snapshot: unknown, list: string, member: string): readonly unknown[] {
  return listAt(snapshot, list)
    .map((each) => at(each, member))
    .filter((each) => each !== undefined && each !== null)
}

function readComponent(snapshot: unknown): ComponentStatus {
  return {
    id: textAt(snapshot, 'id'),
    runStatus: textAt(snapshot, 'runStatus') || textAt(snapshot, 'transmissionStatus'),
  }
}

function readConnection(snapshot: unknown): ConnectionStatus {
  return {
    id: textAt(snapshot, 'id'),
    flowFiles: numberAt(snapshot, 'flowFilesQueued'),
    bytes: numberAt(snapshot, 'bytesQueued'),
    full: numberAt(snapshot, 'percentUseCount') >= 100 || numberAt(snapshot, 'percentUseBytes') >= 100,
  }
}

/** Names from the root downwards, without the root's own. */
export function pathOf(group: GroupStatus): readonly string[] {
  return group.parent === undefined ? [] : [...pathOf(group.parent), group.name]
}

/** The groups at these names from the root downwards: names need not be unique in NiFi. */
export function groupsAt(canvas: CanvasStatus, path: readonly string[]): readonly GroupStatus[] {
  return path.reduce<readonly GroupStatus[]>(
    (found, name) => found.flatMap((group) => group.groups.filter((each) => each.name === name)),
    [canvas.root],
  )
}

/** The group and all in it. */
export function withDescendants(group: GroupStatus): readonly GroupStatus[] {
  return [group, ...group.groups.flatMap(withDescendants)]
}
