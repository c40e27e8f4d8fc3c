import { shortened } from '../../../src/core/text.ts'
import { ReconcileError } from '../../../src/errors.ts'
import type { Reason } from '../../../src/errors.ts'
import type { WireAnswer } from './wire.ts'

/** Why NiFi did not do what it was asked, in its own words. */
export interface Refusal {
  readonly reason: Reason
  readonly message: string
}

/** What becomes of a status message in a list of many. */
const longest = 600

/** Undefined: NiFi did it. Every status from 400 on is a refusal; what a caller takes for done is the caller's business. */
export function refusalOf(answer: WireAnswer): Refusal | undefined {
  if (answer.status < 400) return undefined
  const words = wordsOf(answer)
  return {
    reason: reasonOf(answer.status, words),
    message: words === '' ? `status ${answer.status} without a word` : words,
  }
}

/** The body of an answer that is no refusal. Throws ReconcileError where it is one. `doing`: what was tried, as a person says it. */
export function accepted(answer: WireAnswer, doing: string): unknown {
  const refusal = refusalOf(answer)
  if (refusal === undefined) return answer.body
  throw new ReconcileError(refusal.reason, `${doing}: ${refusal.message}`)
}

/** There is no component, request or group of this id (any more); an API that this version does not have is not meant. */
export function isMissing(answer: WireAnswer): boolean {
  return answer.status === 404 && !isUnsupported(answer)
}

/** This version of NiFi does not have the API. */
export function isUnsupported(answer: WireAnswer): boolean {
  return refusalOf(answer)?.reason === 'NotSupportedByServer'
}

/** Somebody changed it after it was read: to be read again and, where it still applies, done again. */
export function isConflict(answer: WireAnswer): boolean {
  return (answer.status === 409 || answer.status === 400) && conflict.test(wordsOf(answer))
}

const conflict = /is not the most up-to-date revision/

/** What stands behind a 409: most of them pass once the flow has come to rest, so that they are tried again. */
const conflicts: readonly (readonly [RegExp, Reason])[] = [
  [conflict, 'ServiceBusy'],
  [/initializing/i, 'ServiceUnhealthy'],
  [
    /disconnected|no nodes are connected|not connected to (the|a) cluster|cluster is (still )?(in the process of )?(voting|electing)|cluster coordinator|is (currently )?(connecting|joining)|Cannot replicate request/i,
    'ServiceUnhealthy',
  ],
  [
    /^(Invalid (Processor|Controller Service|Reporting Task|Flow Analysis Rule|Parameter Provider) Type|Unsupported bundle)/,
    'RejectedByServer',
  ],
]

function reasonOf(status: number, words: string): Reason {
  if (status === 409) return conflicts.find(([pattern]) => pattern.test(words))?.[1] ?? 'ChangesFailed'
  if (status === 400 && conflict.test(words)) return 'ServiceBusy'
  if (status === 404) return notFound(words)
  return byStatus.get(status) ?? (status < 500 ? 'RejectedByServer' : 'ChangesFailed')
}

/** An id that is unknown is told by name; a path that is unknown is not. */
function notFound(words: string): Reason {
  return words === '' || /^The specified resource could not be found/.test(words)
    ? 'NotSupportedByServer'
    : 'ChangesFailed'
}

const byStatus: ReadonlyMap<number, Reason> = new Map([
  [401, 'AuthenticationFailed'],
  [403, 'AuthorizationFailed'],
  [405, 'NotSupportedByServer'],
  [408, 'ServiceTimeout'],
  [429, 'ServiceBusy'],
  [501, 'NotSupportedByServer'],
  [502, 'ServiceUnhealthy'],
  [503, 'ServiceUnhealthy'],
  [504, 'ServiceTimeout'],
])

/** NiFi says what is wrong as plain text; what it means by "Contact the system administrator" is where to go on, not what happened. */
export function wordsOf(answer: WireAnswer): string {
  if (typeof answer.body !== 'string') return ''
  const text = answer.body.replace(/ ?Contact the system administrator\./, '')
  return shortened(text.replace(/\s+/g, ' ').trim(), longest)
}
