import { ReconcileError } from '../../../../src/errors.ts'
import type { Queue } from '../../resource.ts'
import { at, numberAt, textAt } from '../members.ts'
import type { Tools } from '../tools.ts'
import { sent } from './requests.ts'
import { patienceMs, until } from './waiting.ts'

/** Drops what waits in a connection, by the server’s id, and says how much that was. Only ever called for an approved wish. */
export async function dropFlowFiles(tools: Tools, connectionId: string, signal: AbortSignal): Promise<Queue> {
  const path = `/flowfile-queues/${encodeURIComponent(connectionId)}/drop-requests`
  const doing = 'dropping FlowFiles'
  const started = at(await sent(tools, { method: 'POST', path, once: true }, doing, signal), 'dropRequest')
  const request = `${path}/${encodeURIComponent(textAt(started, 'id'))}`
  let told: unknown = started
  const look = async () => {
    told = at(await sent(tools, { method: 'GET', path: request }, doing, signal), 'dropRequest')
    return at(told, 'finished') === true
  }
  const finished = await until(tools, patienceMs, look, signal)
  await tools.wire.send({ method: 'DELETE', path: request }, signal)
  const failure = textAt(told, 'failureReason')
  if (!finished || failure !== '')
    throw new ReconcileError('ChangesFailed', `dropping FlowFiles: ${failure || textAt(told, 'state')}`)
  return { flowFiles: numberAt(told, 'droppedCount'), bytes: numberAt(told, 'droppedSize') }
}
