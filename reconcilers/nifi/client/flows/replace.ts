import { accepted, isMissing } from '../failures.ts'
import { at, numberAt, textAt } from '../members.ts'
import type { Snapshot } from '../../resource.ts'
import type { Tools } from '../tools.ts'
import { groupPath, revision, sent } from './requests.ts'

/** How far NiFi is with a replace-request. */
export interface Replacing {
  readonly complete: boolean
  /** In NiFi’s words: "Stopping Affected Processors". */
  readonly state: string
  readonly percent: number
  readonly failure: string | undefined
}

/** NiFi stops what the change touches, changes it and starts it again by itself. The answer is the request’s id. */
export async function startReplace(
  tools: Tools,
  group: { readonly id: string; readonly revision: number },
  proposal: Snapshot,
  signal: AbortSignal,
): Promise<string> {
  const body = await sent(
    tools,
    {
      method: 'POST',
      path: `${groupPath(group.id)}/replace-requests`,
      once: true,
      body: {
        processGroupRevision: revision(tools, group.revision),
        disconnectedNodeAcknowledged: false,
        versionedFlowSnapshot: proposal,
      },
    },
    'replacing the flow',
    signal,
  )
  return textAt(body, 'request', 'requestId')
}

/** Undefined: NiFi does not know it any more, because it started anew; what became of it shows on the canvas. */
export async function readReplace(
  tools: Tools,
  requestId: string,
  signal: AbortSignal,
): Promise<Replacing | undefined> {
  const answer = await tools.wire.send({ method: 'GET', path: requestPath(requestId) }, signal)
  if (isMissing(answer)) return undefined
  const request = at(accepted(answer, 'asking how far the replace is'), 'request')
  return {
    complete: at(request, 'complete') === true,
    state: textAt(request, 'state'),
    percent: numberAt(request, 'percentCompleted'),
    failure: textAt(request, 'failureReason') || undefined,
  }
}

/**
 * NiFi keeps answered requests, a hundred at most. Of one that is under way this is the end: what it stopped stays stopped, so that is
 * done only where the components are started again afterwards.
 */
export async function endReplace(tools: Tools, requestId: string, signal: AbortSignal): Promise<void> {
  // Where NiFi refuses, it goes by itself a minute later.
  await tools.wire.send({ method: 'DELETE', path: requestPath(requestId) }, signal)
}

function requestPath(requestId: string): string {
  return `/process-groups/replace-requests/${encodeURIComponent(requestId)}`
}
