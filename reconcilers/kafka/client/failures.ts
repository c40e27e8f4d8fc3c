import {
  AuthenticationError,
  TimeoutError,
  protocolErrors,
  protocolErrorsCodesById,
} from '@platformatic/kafka'
import { isTls, isUnresolved, tlsReason, unreachableWords } from '../../../src/client/socket-failure.ts'
import { ReconcileError } from '../../../src/errors.ts'
import type { Reason } from '../../../src/errors.ts'

/** The error of one item in an answer, as the protocol carries it. */
export interface ItemError {
  readonly errorCode: number
  readonly errorMessage?: string | null | undefined
}

/** Errors of the protocol that the client itself acts upon. */
export const codes = {
  none: 0,
  unknownTopic: 3,
  notLeader: 6,
  invalidTopic: 17,
  topicAuthorizationFailed: 29,
  groupAuthorizationFailed: 30,
  topicExists: 36,
  invalidPartitions: 37,
  notController: 41,
  policyViolation: 44,
  unknownTopicId: 100,
} as const

/** What is not here was looked at by the broker and refused: RejectedByServer. */
const reasonsByCode: ReadonlyMap<string, Reason> = new Map<string, Reason>([
  ['UNKNOWN_SERVER_ERROR', 'ChangesFailed'],
  ['UNKNOWN_TOPIC_OR_PARTITION', 'ChangesFailed'],
  ['UNKNOWN_TOPIC_ID', 'ChangesFailed'],
  ['INCONSISTENT_TOPIC_ID', 'ChangesFailed'],
  ['LEADER_NOT_AVAILABLE', 'ServiceBusy'],
  ['NOT_LEADER_OR_FOLLOWER', 'ServiceBusy'],
  ['BROKER_NOT_AVAILABLE', 'ServiceBusy'],
  ['NETWORK_EXCEPTION', 'ServiceBusy'],
  ['COORDINATOR_LOAD_IN_PROGRESS', 'ServiceBusy'],
  ['COORDINATOR_NOT_AVAILABLE', 'ServiceBusy'],
  ['NOT_COORDINATOR', 'ServiceBusy'],
  ['NOT_CONTROLLER', 'ServiceBusy'],
  ['REASSIGNMENT_IN_PROGRESS', 'ServiceBusy'],
  ['THROTTLING_QUOTA_EXCEEDED', 'ServiceBusy'],
  ['REQUEST_TIMED_OUT', 'ServiceTimeout'],
  ['TOPIC_AUTHORIZATION_FAILED', 'AuthorizationFailed'],
  ['GROUP_AUTHORIZATION_FAILED', 'AuthorizationFailed'],
  ['CLUSTER_AUTHORIZATION_FAILED', 'AuthorizationFailed'],
  ['UNSUPPORTED_VERSION', 'NotSupportedByServer'],
])

/** The broker's own words and the protocol's name of the error. */
export function wordsOf({ errorCode, errorMessage }: ItemError): string {
  const name = protocolErrorsCodesById[errorCode] ?? `error ${errorCode}`
  const words = errorMessage ? errorMessage : protocolErrors[name]?.message
  return words === undefined ? name : `${words} (${name})`
}

export function reasonOf({ errorCode }: ItemError): Reason {
  return reasonsByCode.get(protocolErrorsCodesById[errorCode] ?? '') ?? 'RejectedByServer'
}

/** An error that speaks for a whole call. `where` is the broker, `host:port`. */
export function failureOf(error: unknown, where: string): ReconcileError {
  if (error instanceof ReconcileError) return error
  const chain = causes(error)
  const found = chain.map((each) => diagnose(each, where)).find((each) => each !== undefined)
  const [reason, message] = found ?? diagnoseByWords(chain, where)
  return new ReconcileError(reason, message, { cause: error })
}

type Diagnosis = readonly [Reason, string]

/** The error, its causes and the members of aggregates, outermost first. Bounded: a cause could be its own cause. */
function causes(error: unknown): readonly Error[] {
  const found: Error[] = []
  const waiting = [error]
  while (waiting.length > 0 && found.length < 20) {
    const each = waiting.shift()
    if (!(each instanceof Error) || found.includes(each)) continue
    found.push(each)
    waiting.push(each.cause, ...(each instanceof AggregateError ? (each.errors as unknown[]) : []))
  }
  return found
}

/** A listener that expects something else says so by hanging up. */
const hint = 'if this lasts, KAFKA_TLS and KAFKA_SASL_MECHANISM may not be what the listener speaks'

function diagnose(error: Error, where: string): Diagnosis | undefined {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (error instanceof AuthenticationError)
    return ['AuthenticationFailed', `${where} refuses the user: ${saslWords(error)}`]
  if (isUnresolved(code)) {
    return ['ServiceUnreachable', `the name in ${where} cannot be resolved (${code})`]
  }
  if (/requires TLS|TLS handshake/.test(error.message)) return ['TlsFailed', `${where}: ${error.message}`]
  if (isTls(code)) return ['TlsFailed', `${where}: ${tlsReason(error)} (${code})`]
  const plain = unreachableWords(code, hint)
  if (plain !== undefined) return ['ServiceUnreachable', `${where} cannot be reached: ${plain} (${code})`]
  if (error instanceof TimeoutError) {
    return error.message.startsWith('Request')
      ? ['ServiceTimeout', `${where} did not answer in time`]
      : ['ServiceUnreachable', `${where} cannot be reached: it does not answer`]
  }
  return undefined
}

function diagnoseByWords(chain: readonly Error[], where: string): Diagnosis {
  const all = chain.map(({ message }) => message).join(': ')
  if (/[Cc]onnection closed|Connection error/.test(all)) {
    return ['ServiceUnreachable', `${where} closed the connection; ${hint}`]
  }
  return ['InternalError', `${where}: ${all}`]
}

/** What the broker said of the credentials; it never repeats them. */
function saslWords(error: AuthenticationError): string {
  const said = causes(error).map((each) =>
    'serverErrorMessage' in each ? each.serverErrorMessage : undefined,
  )
  return said.find((words): words is string => typeof words === 'string' && words !== '') ?? error.message
}
