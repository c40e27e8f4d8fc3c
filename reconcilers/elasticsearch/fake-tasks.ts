import { type Call, flag, ok } from './fake-call.ts'
import { notFound } from './fake-refusal.ts'
import { type FakeState, type FakeTask, wildcard } from './fake-state.ts'
import type { WireAnswer } from './client/wire.ts'

const action = 'indices:data/write/reindex'

/** One batch of every task that runs. */
export function stepTasks(state: FakeState): void {
  for (const task of state.tasks.values()) {
    if (task.response !== undefined) continue
    if (!task.cancelled) task.reindex.step()
    const over = task.cancelled || task.reindex.isOver()
    if (over) task.response = task.reindex.response(task.cancelled ? 'by user request' : undefined)
  }
}

/** The node that ran them is gone, and nothing was stored. */
export function loseTasks(state: FakeState): void {
  for (const [id, { response }] of [...state.tasks]) if (response === undefined) state.tasks.delete(id)
}

function show(state: FakeState, task: FakeTask, detailed: boolean): Readonly<Record<string, unknown>> {
  const { number, description, opaqueId, reindex, cancelled } = task
  return {
    node: state.nodeId,
    id: number,
    type: 'transport',
    action,
    ...(detailed ? { status: reindex.status(), description } : {}),
    start_time_in_millis: Date.UTC(2026, 0, 1),
    running_time_in_nanos: reindex.batches * 1_000_000,
    cancellable: true,
    cancelled,
    headers: opaqueId === undefined ? {} : { 'X-Opaque-Id': opaqueId },
  }
}

/** `GET /_tasks`, grouped by nodes or not at all. Sliced ones have a child for each slice, as the server has. */
export function listTasks(call: Call): WireAnswer {
  const { state, query } = call
  const wanted = (query.get('actions') ?? '*').split(',').map((each) => wildcard(each))
  const detailed = flag(call, 'detailed')
  const running = [...state.tasks.values()].filter(({ response }) => response === undefined)
  const shown = wanted.some((matches) => matches(action))
    ? running.flatMap((task) => [show(state, task, detailed), ...children(state, task, detailed)])
    : []
  if (query.get('group_by') === 'none') return ok({ tasks: shown })
  if (shown.length === 0) return ok({ nodes: {} })
  return ok({ nodes: onNode(state, shown) })
}

function children(
  state: FakeState,
  task: FakeTask,
  detailed: boolean,
): readonly Readonly<Record<string, unknown>>[] {
  return task.reindex.slices().map((status, slice) => {
    const rest = show(state, task, false)
    return {
      ...rest,
      id: task.number * 1_000 + slice,
      ...(detailed ? { status } : {}),
      parent_task_id: task.id,
    }
  })
}

function onNode(
  state: FakeState,
  tasks: readonly Readonly<Record<string, unknown>>[],
): Readonly<Record<string, unknown>> {
  const byId = Object.fromEntries(tasks.map((task) => [`${state.nodeId}:${String(task['id'])}`, task]))
  return {
    [state.nodeId]: {
      name: 'fake',
      transport_address: '127.0.0.1:9300',
      host: '127.0.0.1',
      ip: '127.0.0.1:9300',
      tasks: byId,
    },
  }
}

export function getTask({ state, names: [id = ''] }: Call): WireAnswer {
  const task = state.tasks.get(id)
  if (task === undefined) {
    const [node = ''] = id.split(':')
    throw notFound(
      node === state.nodeId
        ? `task [${id}] isn't running and hasn't stored its results`
        : `task [${id}] belongs to the node [${node}] which isn't part of the cluster and there is no record of the task`,
    )
  }
  const shown = show(state, task, true)
  return ok(
    task.response === undefined
      ? { completed: false, task: shown }
      : { completed: true, task: shown, response: task.response },
  )
}

/** Takes effect with the task's next step. */
export function cancelTask({ state, names: [id = ''] }: Call): WireAnswer {
  const task = state.tasks.get(id)
  if (task === undefined || task.response !== undefined) {
    const [node = ''] = id.split(':')
    const here = node === state.nodeId
    const caused_by = here
      ? { type: 'resource_not_found_exception', reason: `task [${id}] is not found` }
      : { type: 'no_such_node_exception', reason: `No such node [${node}]`, node_id: node }
    const failure = {
      type: 'failed_node_exception',
      reason: `Failed node [${node}]`,
      node_id: node,
      caused_by,
    }
    return ok({ node_failures: [failure], nodes: {} })
  }
  task.cancelled = true
  return ok({ nodes: onNode(state, [show(state, task, false)]) })
}

/** `DELETE /.tasks/_doc/<task>`: the stored result. */
export function deleteTaskResult({ state, names: [id = ''] }: Call): WireAnswer {
  const deleted = state.tasks.get(id)?.response !== undefined && state.tasks.delete(id)
  return ok({ _index: '.tasks', _id: id, result: deleted ? 'deleted' : 'not_found' }, deleted ? 200 : 404)
}
