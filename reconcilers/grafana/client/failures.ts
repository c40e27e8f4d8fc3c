import { isObject, own } from '../../../src/core/json.ts'
import { at, textAt } from '../../../src/core/members.ts'
import { shortened } from '../../../src/core/text.ts'
import { ReconcileError } from '../../../src/errors.ts'
import type { Reason } from '../../../src/errors.ts'
import type { WireAnswer } from './wire.ts'

/** What becomes of a message in a list of many. */
const longest = 600

/** Why Grafana did not do what it was asked, in its own words. `doing`: what was tried, as a person says it. */
export function failureOf(answer: WireAnswer, doing: string): ReconcileError {
  const words = wordsOf(answer.body)
  const said = words === '' ? `status ${answer.status} without a word` : words
  return new ReconcileError(reasonOf(answer.status, words), `${doing}: ${said}`)
}

/** The body of an answer that is no refusal. Throws ReconcileError where it is one. */
export function accepted(answer: WireAnswer, doing: string): unknown {
  if (answer.status >= 400) throw failureOf(answer, doing)
  return answer.body
}

/**
 * Somebody changed it after it was read, or made it meanwhile: to be read again and, where it still applies, done again. Which of the
 * two statuses Grafana gives depends on its release.
 */
export function isConflict({ status }: WireAnswer): boolean {
  return status === 409 || status === 412
}

/** There is nothing of this name (any more); an API that this Grafana does not have is not meant. */
export function isMissing(answer: WireAnswer): boolean {
  return answer.status === 404 && !isUnsupported(answer)
}

/** This Grafana does not have the API, or not this version of it. */
export function isUnsupported({ status, body }: WireAnswer): boolean {
  return status === 404 && unknownPath.test(wordsOf(body))
}

/** What its newer API says where neither group, version nor kind is known. */
const unknownPath = /^the server could not find the requested resource/

/** Which of its errors Grafana means, where it says so: `folder.not-empty`. The newer API has it as the `uid` of `details`. */
export function messageIdOf(body: unknown): string {
  return textAt(body, 'messageId') || textAt(body, 'details', 'uid')
}

/**
 * What Grafana says is wrong: the `message` of its older API, of its coded errors and of the newer API's Status, texts as they are, a list
 * of what is wrong with a body. A body without any of them (`null` for a rule that is not there) says nothing.
 */
export function wordsOf(body: unknown): string {
  return shortened(saidBy(body), longest)
}

function saidBy(body: unknown): string {
  if (typeof body === 'string') return body
  if (Array.isArray(body)) return body.map(faultOf).filter(Boolean).join('; ')
  if (!isObject(body)) return ''
  const message = textAt(body, 'message') || textAt(body, 'messageId') || textAt(body, 'title')
  const error = textAt(body, 'error')
  return error === '' || message.includes(error) ? message : [message, error].filter(Boolean).join(': ')
}

/** One of what older releases list where a body is not as they want it. */
function faultOf(fault: unknown): string {
  const names = at(fault, 'fieldNames')
  const named = Array.isArray(names) ? names.filter((name) => typeof name === 'string').join(', ') : ''
  return [named, own(fault, 'message')].filter((part) => typeof part === 'string' && part !== '').join(': ')
}

function reasonOf(status: number, words: string): Reason {
  if (status === 403) return /\bquota\b/i.test(words) ? 'ChangesFailed' : 'AuthorizationFailed'
  if (status === 404) return unknownPath.test(words) ? 'NotSupportedByServer' : 'ChangesFailed'
  if (status === 409 && taken.test(words)) return 'ChangesFailed'
  return byStatus.get(status) ?? (status < 500 ? 'RejectedByServer' : 'ChangesFailed')
}

/** What no second look helps against: somebody else has the name, or may alone change it. */
const taken = /already exists|with the same|provenance/i

const byStatus: ReadonlyMap<number, Reason> = new Map([
  [401, 'AuthenticationFailed'],
  [405, 'NotSupportedByServer'],
  [406, 'NotSupportedByServer'],
  [408, 'ServiceTimeout'],
  [409, 'ServiceBusy'],
  [412, 'ServiceBusy'],
  [429, 'ServiceBusy'],
  [501, 'NotSupportedByServer'],
  [502, 'ServiceUnhealthy'],
  [503, 'ServiceUnhealthy'],
  [504, 'ServiceTimeout'],
])
