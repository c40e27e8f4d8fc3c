import { shortened } from '../../../src/core/text.ts'
import { ReconcileError } from '../../../src/errors.ts'
import type { Reason } from '../../../src/errors.ts'
import { own } from '../../../src/core/json.ts'
import { listAt } from '../../../src/core/members.ts'
import type { WireAnswer } from './wire.ts'

/** Why the server did not do what it was asked, in its own words. */
export interface Refusal {
  readonly reason: Reason
  readonly message: string
}

/** One exception of an answer, outermost first; `error` can also be a plain sentence. */
interface Cause {
  readonly type: string
  readonly words: string
}

/** What becomes of a status message in a list of many. */
const longest = 600

/** Undefined: the server did it. Every status from 400 on is a refusal; what a caller takes for done is the caller's business. */
export function refusalOf(answer: WireAnswer): Refusal | undefined {
  if (answer.status < 400) return undefined
  const causes = causesOf(answer.body)
  return { reason: reasonOf(answer.status, causes), message: wordsOf(answer, causes) }
}

/** The body of an answer that is no refusal. Throws ReconcileError where it is one: the whole call failed. */
export function accepted(answer: WireAnswer, what: string): unknown {
  const refusal = refusalOf(answer)
  if (refusal === undefined) return answer.body
  throw new ReconcileError(refusal.reason, `${what}: ${refusal.message}`)
}

/** The server knows the request, or does not have the API at all (a module that is missing, an older or a serverless one). */
export function isUnsupported(answer: WireAnswer): boolean {
  return refusalOf(answer)?.reason === 'NotSupportedByServer'
}

/** True when the error is of this type, itself or through its cause: `index_not_found_exception`. */
export function isError(answer: WireAnswer, type: string): boolean {
  return answer.status >= 400 && causesOf(answer.body).some((cause) => cause.type === type)
}

/** Everything that the answer says of its refusal, outermost first; for reading keys out of it, not for people. */
export function allWords(answer: WireAnswer): string {
  return causesOf(answer.body)
    .map(({ words }) => words)
    .join('\n')
}

/** Of the way to the server, or of the server as a whole: after one of these the next request would meet the same. */
export const wholeCallReasons: ReadonlySet<Reason> = new Set<Reason>([
  'ServiceUnreachable',
  'ServiceTimeout',
  'AuthenticationFailed',
  'TlsFailed',
  'InvalidConfiguration',
])

function reasonOf(status: number, causes: readonly Cause[]): Reason {
  const text = causes.map(({ words }) => words).join('\n')
  const types = new Set(causes.map(({ type }) => type))
  if (types.has('cluster_block_exception')) return blockReason(text)
  return reasonOfApi(status, text) ?? reasonOfType(types, text) ?? reasonOfStatus(status)
}

/** Block 12 is the flood stage: the node ran out of disk, and lifts it by itself (since 7.4). */
function blockReason(text: string): Reason {
  return /\/12\/|read-only-allow-delete/.test(text) ? 'StorageFull' : 'ServiceUnhealthy'
}

/**
 * A server without an API takes its path for something else: for no path at all, for one with other methods, or for an index
 * (`_data_stream`), whose name may not begin with an underscore.
 */
function reasonOfApi(status: number, text: string): Reason | undefined {
  const unknown =
    status === 405 ||
    status === 410 ||
    /^no handler found for uri|^Incorrect HTTP method for uri|^Invalid index name \[_\w+\], must not start with '_'|not available (when running )?in serverless|contains unrecognized parameter|^unknown feature/m.test(
      text,
    )
  return unknown ? 'NotSupportedByServer' : undefined
}

const reasonsByType: Readonly<Record<string, Reason>> = {
  security_exception: 'AuthorizationFailed',
  circuit_breaking_exception: 'ServiceBusy',
  es_rejected_execution_exception: 'ServiceBusy',
  snapshot_in_progress_exception: 'ServiceBusy',
  concurrent_snapshot_execution_exception: 'ServiceBusy',
  failed_to_commit_cluster_state_exception: 'ServiceUnhealthy',
  master_not_discovered_exception: 'ServiceUnhealthy',
  not_master_exception: 'ServiceUnhealthy',
  no_master_block_exception: 'ServiceUnhealthy',
  process_cluster_event_timeout_exception: 'ServiceTimeout',
  timeout_exception: 'ServiceTimeout',
  receive_timeout_transport_exception: 'ServiceTimeout',
  no_shard_available_action_exception: 'ServiceUnhealthy',
  unavailable_shards_exception: 'ServiceUnhealthy',
  no_such_remote_cluster_exception: 'RejectedByServer',
}

function reasonOfType(types: ReadonlySet<string>, text: string): Reason | undefined {
  if (/license is (non-compliant|expired)/.test(text)) return 'NotSupportedByServer'
  for (const type of types) if (Object.hasOwn(reasonsByType, type)) return reasonsByType[type]
  return undefined
}

function reasonOfStatus(status: number): Reason {
  if (status === 401) return 'AuthenticationFailed'
  if (status === 403) return 'AuthorizationFailed'
  if (status === 408) return 'ServiceTimeout'
  if (status === 429) return 'ServiceBusy'
  if (status < 500) return 'RejectedByServer'
  if (status === 501) return 'NotSupportedByServer'
  if (status === 504) return 'ServiceTimeout'
  return status === 502 || status === 503 ? 'ServiceUnhealthy' : 'ChangesFailed'
}

function causesOf(body: unknown): readonly Cause[] {
  const error = own(body, 'error')
  if (typeof error === 'string') return [{ type: '', words: error }]
  const found: Cause[] = []
  collect(error, found)
  for (const root of listAt(error, 'root_cause')) collect(root, found)
  return found
}

/** The error and what caused it. Bounded: an answer is not ours. */
function collect(error: unknown, found: Cause[]): void {
  for (let each = error; each !== undefined && found.length < 30; each = own(each, 'caused_by')) {
    const [type, words] = [own(each, 'type'), own(each, 'reason')]
    if (typeof type !== 'string') continue
    found.push({ type, words: typeof words === 'string' ? words : '' })
  }
}

/** What the server wraps around the words that matter when it simulates a template under a name that we made up. */
const wrappings: readonly (readonly [RegExp, string])[] = [
  [/^composable template \[[^\]]*\] template after composition is invalid$/, ''],
  [/^invalid composite mappings for \[[^\]]*\]$/, ''],
  [/^invalid template \[[^\]]*\].*$/, ''],
  [/^(?:index|component)_template \[[^\]]*\] invalid, cause \[(.*)\]$/s, '$1'],
  [/^(?:Failed to parse mapping|Validation Failed)(?: \[_doc\])?: /, ''],
  [/^1: (.*);$/s, '$1'],
]

function unwrapped(words: string): string {
  let text = words
  for (const [pattern, replacement] of wrappings) text = text.replace(pattern, replacement)
  return text.trim()
}

function wordsOf(answer: WireAnswer, causes: readonly Cause[]): string {
  const said: string[] = []
  for (const { words } of causes) {
    const text = unwrapped(words)
    if (text !== '' && !said.some((earlier) => earlier.includes(text))) said.push(text)
  }
  // A server that wraps everything still said something.
  const all = said.length > 0 ? said.join(': ') : (causes[0]?.words ?? '')
  if (all !== '') return shorten(all)
  return typeof answer.body === 'string' && answer.body !== ''
    ? `status ${answer.status}: ${plainText(answer.body)}`
    : `status ${answer.status} without a word`
}

/** A page of an ingress or a proxy as one line: its title, or its text. */
export function plainText(page: string): string {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(page)?.[1]
  const text = title ?? page.replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ')
  return shorten(text, 200)
}

function shorten(text: string, most = longest): string {
  return shortened(text.replace(/\s+/g, ' '), most)
}
