import { at, figureAt, listAt, textAt } from '../../../../src/core/members.ts'
import type { Wire } from '../wire.ts'
import type { SiteIndex } from './site.ts'
import { accept } from './work.ts'
import type { Work } from './work.ts'

/** A task of a reindex of ours that the server works on right now. */
export interface Task {
  /** `node:number`. */
  readonly id: string
  readonly isChild: boolean
  /** Which target it copies into, by uuid: a target that was made anew is another one. */
  readonly targetId: string
  /** What is reindexed, for people. */
  readonly name: string
  readonly status: unknown
  readonly runningMs: number
}

const mark = 'infometis-reindex'
const reindexing = 'indices:data/write/reindex*'
/** The writes that a reindex sends bear its id too, and can outlive it for a moment. */
const writing = 'indices:data/write/bulk*'

/** What the server shows with every task that a request starts, so that it is found again by whoever comes later. */
export function opaqueId(target: SiteIndex, name: string): string {
  return `${mark}:${target.uuid}:${encodeURIComponent(name)}`
}

/** Every task of a reindex of ours in the cluster; `writes`: also what these tasks are still writing. */
export async function runningTasks(
  wire: Wire,
  signal: AbortSignal,
  writes = false,
): Promise<readonly Task[]> {
  const query = {
    actions: writes ? `${reindexing},${writing}` : reindexing,
    detailed: true,
    group_by: 'none',
    filter_path:
      'tasks.node,tasks.id,tasks.parent_task_id,tasks.status,tasks.running_time_in_nanos,tasks.headers',
  }
  const answer = await wire.send({ method: 'GET', path: '/_tasks', query }, signal)
  const shown = accept(answer, 'reading the tasks')
  return listAt(shown, 'tasks').flatMap(readTask)
}

function readTask(task: unknown): readonly Task[] {
  const [first, targetId, name] = textAt(task, 'headers', 'X-Opaque-Id').split(':')
  if (first !== mark || targetId === undefined || name === undefined) return []
  return [
    {
      id: `${textAt(task, 'node')}:${figureAt(task, 'id') ?? 0}`,
      isChild: at(task, 'parent_task_id') !== undefined,
      targetId,
      name: decodeURIComponent(name),
      status: at(task, 'status'),
      runningMs: (figureAt(task, 'running_time_in_nanos') ?? 0) / 1e6,
    },
  ]
}

/** A task ends after the batch it is at. */
const patienceMs = 3_000
const lookMs = 50

/**
 * Asks every task of these targets to stop, and waits a little: nothing may be written by an earlier pass once a later one has
 * begun. True when none is left, nor anything that it was writing.
 */
export async function stopTasks(
  work: Pick<Work, 'wire' | 'time' | 'signal'>,
  targets: readonly SiteIndex[],
): Promise<boolean> {
  const { wire, time, signal } = work
  const ids = new Set(targets.map(({ uuid }) => uuid))
  for (let waited = 0; waited <= patienceMs; waited += lookMs) {
    const found = (await runningTasks(wire, signal, true)).filter(({ targetId }) => ids.has(targetId))
    if (found.length === 0) return true
    if (waited === 0) await cancel(wire, found, signal)
    await time.sleep(lookMs, signal)
  }
  return false
}

async function cancel(wire: Wire, tasks: readonly Task[], signal: AbortSignal): Promise<void> {
  for (const { id } of tasks.filter(({ isChild }) => !isChild)) {
    await wire.send({ method: 'POST', path: `/_tasks/${encodeURIComponent(id)}/_cancel` }, signal)
  }
}

/** What became of a task that runs no longer: its stored result, or undefined where none was kept (its node died). */
export async function storedResult(wire: Wire, id: string, signal: AbortSignal): Promise<unknown> {
  const answer = await wire.send({ method: 'GET', path: `/_tasks/${encodeURIComponent(id)}` }, signal)
  if (answer.status === 404) return undefined
  const shown = accept(answer, `reading task ${id}`)
  return at(shown, 'completed') === true ? shown : undefined
}

/** The documentation asks for this; a server that does not let us keeps a small document more. */
export async function forgetResult(wire: Wire, id: string, signal: AbortSignal): Promise<void> {
  await wire.send({ method: 'DELETE', path: `/.tasks/_doc/${encodeURIComponent(id)}` }, signal)
}
