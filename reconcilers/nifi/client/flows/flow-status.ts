import type { Queue } from '../../resource.ts'
import { inner } from '../canvas-status.ts'
import { accepted, isMissing } from '../failures.ts'
import { at, numberAt, textAt } from '../members.ts'
import type { Tools } from '../tools.ts'

/** How a flow does at this moment, by the server’s ids: one small request, for looking often. */
export interface FlowStatus {
  /** Of every connection, empty ones too. */
  readonly queues: ReadonlyMap<string, Queue>
  /** Processors and ports that run. */
  readonly running: ReadonlySet<string>
  /** Processors and ports at work, stopped ones that have not ended yet among them → their names. */
  readonly busy: ReadonlyMap<string, string>
}

/** Undefined: there is no such group any more. */
export async function readFlowStatus(
  tools: Tools,
  groupId: string,
  signal: AbortSignal,
): Promise<FlowStatus | undefined> {
  const path = `/flow/process-groups/${encodeURIComponent(groupId)}/status`
  const answer = await tools.wire.send({ method: 'GET', path, query: { recursive: true } }, signal)
  if (isMissing(answer)) return undefined
  const top = at(accepted(answer, 'reading the state of the flow'), 'processGroupStatus', 'aggregateSnapshot')
  const queues = new Map<string, Queue>()
  const running = new Set<string>()
  const busy = new Map<string, string>()
  for (const group of withInner(top)) {
    for (const each of inner(group, 'connectionStatusSnapshots', 'connectionStatusSnapshot')) {
      queues.set(textAt(each, 'id'), {
        flowFiles: numberAt(each, 'flowFilesQueued'),
        bytes: numberAt(each, 'bytesQueued'),
      })
    }
    for (const each of components(group)) {
      if (runs.has(textAt(each, 'runStatus'))) running.add(textAt(each, 'id'))
      if (numberAt(each, 'activeThreadCount') > 0) busy.set(textAt(each, 'id'), textAt(each, 'name'))
    }
  }
  return { queues, running, busy }
}

const runs = new Set(['Running', 'Starting'])

function components(group: unknown): readonly unknown[] {
  return [
    ...inner(group, 'processorStatusSnapshots', 'processorStatusSnapshot'),
    ...inner(group, 'inputPortStatusSnapshots', 'portStatusSnapshot'),
    ...inner(group, 'outputPortStatusSnapshots', 'portStatusSnapshot'),
  ]
}

function withInner(group: unknown): readonly unknown[] {
  const groups = inner(group, 'processGroupStatusSnapshots', 'processGroupStatusSnapshot')
  return [group, ...groups.flatMap(withInner)]
}

/** The sum over some connections, by the server’s ids. */
export function waitingIn(status: FlowStatus, connections: Iterable<string>): Queue {
  let [flowFiles, bytes] = [0, 0]
  for (const id of connections) {
    const queue = status.queues.get(id)
    flowFiles += queue?.flowFiles ?? 0
    bytes += queue?.bytes ?? 0
  }
  return { flowFiles, bytes }
}
