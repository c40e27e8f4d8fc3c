import { ReconcileError } from '../errors.ts'
import { isRecord, parseAnswer } from './answer.ts'
import type { Clock } from '../reconcile/clock.ts'
import { KubeError, hasStatus, targetOf } from './kube-error.ts'
import { LineTooLong } from './line-splitter.ts'
import { readConfigMap, type ConfigMap } from './objects.ts'
import { configMapPath, type KubeClient } from './rest.ts'
import { selectorQuery, type Selector } from './selector.ts'

/** A bookmark says only how far the server has looked; it is also the heartbeat of a quiet watch (about every 60 s). */
export type WatchEvent =
  | { readonly type: 'put' | 'remove'; readonly object: ConfigMap }
  | { readonly type: 'bookmark'; readonly version: string }

/** Why a session ended. Also the label `reason` of infometis_watch_restarts_total. */
export type Ending =
  | 'eof'
  | 'gone'
  | 'inactive'
  | 'connect-timeout'
  | 'garbled'
  | 'error-event'
  | 'throttled'
  | 'unauthorized'
  | 'forbidden'
  | 'refused'
  | 'network'

export interface WatchSession {
  readonly client: KubeClient
  readonly selector: Selector
  /** The resource version after which events are wanted. */
  readonly from: string
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onOpen: () => void
  readonly onActivity: () => void
  readonly onEvent: (event: WatchEvent) => void
}

/** Milliseconds to the head, and between two signs of life (kopf's figure: bookmarks come about every 60 s). */
const connectMs = 10_000
const inactivityMs = 70_000

class Garbled extends ReconcileError {
  constructor(message: string) {
    super('ApiServerUnreachable', message)
  }
}

class Expired extends ReconcileError {
  readonly ending: Ending

  constructor(ending: Ending, message: string) {
    super('ApiServerUnreachable', message)
    this.ending = ending
  }
}

/** One WATCH, until it ends by itself (resolves), fails, or is silent for too long (throws; see `endingOf`). */
export async function watchSession(session: WatchSession): Promise<void> {
  const { client, selector, clock } = session
  const controller = new AbortController()
  const stop = (): void => controller.abort(session.signal.reason)
  session.signal.addEventListener('abort', stop, { once: true })
  if (session.signal.aborted) stop()
  const arm = (ms: number, ending: Ending): (() => void) =>
    clock.setTimeout(
      () => controller.abort(new Expired(ending, `the API server has been silent for ${ms / 1_000} s`)),
      ms,
    )
  let cancel = arm(connectMs, 'connect-timeout')
  const alive = (): void => {
    cancel()
    cancel = arm(inactivityMs, 'inactive')
    session.onActivity()
  }
  try {
    await client.stream({
      path: configMapPath(selector.namespace),
      query: {
        ...selectorQuery(selector),
        watch: true,
        resourceVersion: session.from,
        allowWatchBookmarks: true,
        timeoutSeconds: 240 + Math.floor(clock.random() * 61),
      },
      signal: controller.signal,
      onOpen: () => {
        alive()
        session.onOpen()
      },
      onChunk: alive,
      onLine: (line) => session.onEvent(readEvent(line, selector.namespace)),
    })
  } finally {
    cancel()
    session.signal.removeEventListener('abort', stop)
  }
}

/** Which kind of end an error of `watchSession` (or of a LIST) was. */
export function endingOf(error: unknown): Ending {
  if (error instanceof Expired) return error.ending
  if (error instanceof Garbled || error instanceof LineTooLong) return 'garbled'
  if (hasStatus(error, 410)) return 'gone'
  if (hasStatus(error, 401)) return 'unauthorized'
  if (hasStatus(error, 403)) return 'forbidden'
  if (hasStatus(error, 429, 503)) return 'throttled'
  if (error instanceof EventError) return 'error-event'
  return error instanceof KubeError ? 'refused' : 'network'
}

/** An ERROR event: the server gives up a stream that had begun well. */
class EventError extends KubeError {}

function readEvent(line: string, namespace: string): WatchEvent {
  const { type, object } = parseEvent(line)
  if (type === 'ERROR') throw eventError(object, namespace)
  if (type === 'BOOKMARK') return { type: 'bookmark', version: versionOf(object) }
  const configMap = readConfigMap(object)
  if (configMap === undefined) throw new Garbled(`a watch event of type ${String(type)} carries no ConfigMap`)
  if (type === 'ADDED' || type === 'MODIFIED') return { type: 'put', object: configMap }
  if (type === 'DELETED') return { type: 'remove', object: configMap }
  throw new Garbled(`a watch event has the unknown type ${String(type)}`)
}

function parseEvent(line: string): { readonly type: unknown; readonly object: unknown } {
  try {
    const event = parseAnswer(targetOf('GET', configMapPath(''), true), line)
    if (isRecord(event)) return { type: event['type'], object: event['object'] }
  } catch {
    // Said below, without the line: it may hold anything.
  }
  throw new Garbled('a line of the watch is not a JSON object')
}

function versionOf(object: unknown): string {
  const metadata = isRecord(object) ? object['metadata'] : undefined
  const version = isRecord(metadata) ? metadata['resourceVersion'] : undefined
  if (typeof version !== 'string' || version === '')
    throw new Garbled('a bookmark carries no resource version')
  return version
}

function eventError(object: unknown, namespace: string): EventError {
  const status = isRecord(object) ? object : {}
  const code = typeof status['code'] === 'number' ? status['code'] : 500
  const message = typeof status['message'] === 'string' ? { message: status['message'] } : {}
  return new EventError(targetOf('GET', configMapPath(namespace), true), code, message)
}
