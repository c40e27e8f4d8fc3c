import type { Reason } from '../../../../src/errors.ts'
import { at, figureAt, listAt, textAt } from '../../../../src/core/members.ts'

/** How one `_reindex` ended. */
export interface PassResult {
  /** Documents written. */
  readonly written: number
  /** How long the server took, in milliseconds. */
  readonly tookMs: number
  /** Documents of which the target has a higher version: each was deleted and made again, so that its versions began anew. */
  readonly conflicts: number
  /** Why it did not do all it should. */
  readonly failure: PassFailure | undefined
}

export interface PassFailure {
  readonly reason: Reason
  readonly message: string
}

/** The body of a `_reindex`, or the `response` of its task. */
export function passResult(response: unknown): PassResult {
  return {
    written: (figureAt(response, 'created') ?? 0) + (figureAt(response, 'updated') ?? 0),
    tookMs: figureAt(response, 'took') ?? 0,
    conflicts: figureAt(response, 'version_conflicts') ?? 0,
    failure: failureOf(response),
  }
}

function failureOf(response: unknown): PassFailure | undefined {
  const failures = listAt(response, 'failures').filter((failure) => figureAt(failure, 'status') !== 409)
  const refused = failures.filter(isRefused)
  const [first] = refused
  if (first !== undefined) {
    const count = refused.length === 1 ? 'a document' : `${refused.length} documents or more`
    return { reason: 'RejectedByServer', message: `${count} cannot be taken: ${wordsOf(at(first, 'cause'))}` }
  }
  const [other] = failures
  if (other !== undefined) {
    const words = wordsOf(at(other, 'cause') ?? at(other, 'reason'))
    const full = /read-only-allow-delete|flood-stage|\/12\//.test(words)
    return { reason: full ? 'StorageFull' : 'ServiceUnhealthy', message: `copying stopped: ${words}` }
  }
  const canceled = textAt(response, 'canceled')
  if (canceled !== '') return { reason: 'Aborted', message: `copying was cancelled: ${canceled}` }
  if (at(response, 'timed_out') === true) return { reason: 'ServiceTimeout', message: 'copying timed out' }
  return undefined
}

/** The document itself is at fault, and will be at the next try. */
function isRefused(failure: unknown): boolean {
  const status = figureAt(failure, 'status') ?? 0
  return status >= 400 && status < 500 && status !== 403 && status !== 404 && status !== 408 && status !== 429
}

/** The server's words without what they quote of a document: neither its id nor a value. */
function wordsOf(cause: unknown): string {
  const words = textAt(cause, 'reason') || textAt(cause, 'type') || 'without a word'
  return words
    .replace(/,? ?in document with id '.*?'(?=\. |$)/s, '')
    .replace(/\.? ?Preview of field's value: '.*'$/s, '')
    .replace(/For input string: ".*"/s, 'a value of another type')
    .slice(0, 300)
}
