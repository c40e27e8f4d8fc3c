import { wordOf, type Connection, type FakeState, type Group } from './fake-state.ts'

/** FlowFiles and bytes, in the many forms in which NiFi repeats them. */
export interface Figures {
  readonly flowFiles: number
  readonly bytes: number
}

export function queuedIn(state: FakeState, groupId: string): Figures {
  return sum(state.connectionsBelow(groupId))
}

function sum(connections: readonly Connection[]): Figures {
  return {
    flowFiles: connections.reduce((total, { flowFiles }) => total + flowFiles, 0),
    bytes: connections.reduce((total, { bytes }) => total + bytes, 0),
  }
}

export function queuedMembers({ flowFiles, bytes }: Figures): Readonly<Record<string, unknown>> {
  const count = flowFiles.toLocaleString('en-US')
  const size = sizeText(bytes)
  return {
    flowFilesQueued: flowFiles,
    bytesQueued: bytes,
    queued: `${count} (${size})`,
    queuedSize: size,
    queuedCount: count,
  }
}

function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`
  const units = ['KB', 'MB', 'GB', 'TB']
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), units.length)
  return `${(bytes / 1024 ** power).toFixed(2)} ${units[power - 1] ?? ''}`
}

const byteUnits: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
}

/** How full a connection is, in percent of what it may hold. */
export function usage(connection: Connection): { readonly count: number; readonly bytes: number } {
  const most = Number(connection.members['backPressureObjectThreshold'] ?? 0)
  const [number = '0', unit = 'B'] = wordOf(connection, 'backPressureDataSizeThreshold').split(' ')
  const mostBytes = Number(number) * (byteUnits[unit] ?? 1)
  const share = (part: number, whole: number): number =>
    whole === 0 ? 0 : Math.min(100, Math.floor((part * 100) / whole))
  return { count: share(connection.flowFiles, most), bytes: share(connection.bytes, mostBytes) }
}

export function isFull(connection: Connection): boolean {
  const { count, bytes } = usage(connection)
  return count >= 100 || bytes >= 100
}

export function activeThreads(state: FakeState, group: Group): number {
  return state.componentsBelow(group.id).filter(({ id }) => state.stubborn.has(id)).length
}
