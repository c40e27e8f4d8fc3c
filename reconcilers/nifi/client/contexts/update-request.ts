import type { JsonObject } from '../../../../src/core/json.ts'
import { accepted, isMissing } from '../failures.ts'
import { at, listAt, numberAt, textAt } from '../members.ts'
import type { Tools } from '../tools.ts'
import type { Wire } from '../wire.ts'
import type { LiveContext } from './live-context.ts'

/** How an update-request ended. */
export type Ended =
  /** The revision that it left; `failure`: NiFi's words. */
  | { readonly state: 'ended'; readonly version: number; readonly failure: string | undefined }
  /** NiFi does not know it: it was started anew since. */
  | { readonly state: 'lost' }
  /** Time is up. It goes on by itself, and is found again. */
  | { readonly state: 'running'; readonly doing: string }

/** Requests that were begun and not seen to end, by context. NiFi has no list of them, and names each by chance. */
const running = new WeakMap<Wire, Map<string, string>>()

const firstPauseMs = 50

/** Begins one. What NiFi refuses at once is thrown as ReconcileError. */
export async function beginUpdate(
  { wire, clientId }: Tools,
  live: LiveContext,
  component: JsonObject,
  signal: AbortSignal,
): Promise<void> {
  const path = `/parameter-contexts/${encodeURIComponent(live.id)}/update-requests`
  const body = { id: live.id, revision: { version: live.version, clientId }, component }
  const answer = await wire.send({ method: 'POST', path, body, once: true }, signal)
  const begun = accepted(answer, `updating parameter context "${live.name}"`)
  ofWire(wire).set(live.id, textAt(begun, 'request', 'requestId'))
}

/**
 * Waits for what was begun for this context, at most until then. Undefined: nothing was. A request is removed when it is over, never
 * before: NiFi would break it off and leave stopped what it has stopped.
 */
export async function awaitUpdate(
  tools: Tools,
  contextId: string,
  until: number,
  signal: AbortSignal,
): Promise<Ended | undefined> {
  const requests = ofWire(tools.wire)
  const requestId = requests.get(contextId)
  if (requestId === undefined) return undefined
  const path = `/parameter-contexts/${encodeURIComponent(contextId)}/update-requests/${encodeURIComponent(requestId)}`
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, tools.limits.pollMs)) {
    const answer = await tools.wire.send({ method: 'GET', path }, signal)
    const ended = isMissing(answer)
      ? ({ state: 'lost' } as const)
      : readRequest(accepted(answer, 'asking for the update'))
    if (ended.state !== 'running') {
      requests.delete(contextId)
      if (ended.state === 'ended') await tools.wire.send({ method: 'DELETE', path }, signal)
      return ended
    }
    if (tools.now() >= until) return ended
    await tools.pause(pause, signal)
  }
}

function ofWire(wire: Wire): Map<string, string> {
  let requests = running.get(wire)
  if (requests === undefined) running.set(wire, (requests = new Map<string, string>()))
  return requests
}

function readRequest(entity: unknown): Ended {
  const request = at(entity, 'request')
  if (at(request, 'complete') !== true) return { state: 'running', doing: doing(request) }
  const failure = textAt(request, 'failureReason')
  return {
    state: 'ended',
    version: numberAt(entity, 'parameterContextRevision', 'version'),
    failure: failure === '' ? undefined : failure,
  }
}

/** The same words as long as it is the same step and the same components. */
function doing(request: unknown): string {
  const busy = listAt(request, 'referencingComponents')
    .map((each) => at(each, 'component'))
    .filter((each) => numberAt(each, 'activeThreadCount') > 0)
    .map((each) => `"${textAt(each, 'name')}"`)
    .toSorted()
  const waits = busy.length === 0 ? '' : `, waits for what runs in ${busy.join(', ')}`
  return `NiFi is at "${textAt(request, 'state')}"${waits}`
}
