import type { Change } from '../../../../src/core/resource.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import type { Index } from '../../resource.ts'
import { refusalOf } from '../failures.ts'
import { promptTimes } from '../requests.ts'
import type { Wire, WireAnswer, WireRequest } from '../wire.ts'
import { byId } from './site.ts'
import type { Site, SiteIndex } from './site.ts'
import type { Sweep } from './walk.ts'
import type { Wish } from './wish.ts'

/** Time, passed in so that a test owns it. */
export interface Time {
  /** Milliseconds since 1970. */
  now(): number
  /** Rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** What one process remembers of one reindex between two calls. All of it may be lost: it saves work and chooses pauses. */
export interface Note {
  /** When it was last advanced, and whether it has its turn: another reindex waits for it. */
  touched: number
  active: boolean
  /** The in-place part that was sent already, as canonical text. */
  sent: string
  /** Documents per millisecond that the best pass came to; 0: not known. */
  pace: number
  /** A pass within one call took too long: they are given to tasks of the server. */
  slow: boolean
  /** Operations that the source was ahead when the last pass began. */
  behind: number
  /** A search for deleted documents that is under way, and whether one was made since the last write block. */
  sweep: Sweep | undefined
  swept: boolean
  /** Passes in a row that ended with conflicts, and whether the documents that they met are to be found before the next one. */
  conflicts: number
  doubtful: boolean
  /** The copy differed from its source although every pass had ended well: everything is copied once more. */
  distrusted: boolean
  /** Passes in a row whose tasks disappeared. */
  lost: number
  /** Write blocks that were given up, and when the next may begin. */
  attempts: number
  notBefore: number
  /** A write block was asked for, and no answer came yet. */
  isAsked: boolean
}

export function newNote(): Note {
  return {
    touched: 0,
    active: false,
    sent: '',
    pace: 0,
    slow: false,
    behind: Infinity,
    sweep: undefined,
    swept: false,
    conflicts: 0,
    doubtful: false,
    distrusted: false,
    lost: 0,
    attempts: 0,
    notBefore: 0,
    isAsked: false,
  }
}

/** One call of a reindex: what is wished, what the server shows, and what to work with. */
export interface Work {
  readonly wire: Wire
  readonly time: Time
  readonly change: Change<Index>
  readonly wish: Wish
  readonly note: Note
  readonly signal: AbortSignal
  /** Read again by whatever step changed it. */
  site: Site
}

/** A request whose refusal ends the call. */
export async function ask(
  { wire, signal }: Pick<Work, 'wire' | 'signal'>,
  request: WireRequest,
  what: string,
): Promise<unknown> {
  return accept(await wire.send(request, signal), what)
}

/**
 * The body of an answer that is no refusal. Throws ReconcileError, its words beginning with `what`: what the server refuses of our
 * own doing (an index that somebody deleted under it) is no fault of what is written, and is tried again.
 */
export function accept(answer: WireAnswer, what: string): unknown {
  const refusal = refusalOf(answer)
  if (refusal === undefined) return answer.body
  const reason = refusal.reason === 'RejectedByServer' ? 'ChangesFailed' : refusal.reason
  throw new ReconcileError(reason, `${what}: ${refusal.message}`)
}

/** Longer than the server takes at most for what it begins at once or not at all. */
const patienceMs = 12_000

/**
 * Waits for the answer even when the call is to end: a change of the cluster's state whose answer is not waited for happens all the
 * same, and later than what is done about it.
 */
export async function patiently<T>(
  { signal }: Pick<Work, 'signal'>,
  send: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  return send(AbortSignal.timeout(patienceMs))
}

/** Aliases set and taken off, all or none. Never sent twice: a second answer would not say what the first request did. */
export async function changeAliases(
  work: Pick<Work, 'wire' | 'signal'>,
  actions: readonly object[],
  what: string,
): Promise<void> {
  const body = { actions }
  const request = { method: 'POST', path: '/_aliases', query: promptTimes, body, once: true } as const
  await patiently(work, (signal) => ask({ wire: work.wire, signal }, request, what))
}

/** The index that the plan was made for. The first phase of a call saw to it that it is there. */
export function sourceOf({ site, wish }: Pick<Work, 'site' | 'wish'>): SiteIndex {
  const source = byId(site, wish.sourceId)
  if (source === undefined) throw new ReconcileError('ChangesFailed', `the index behind ${wish.name} is gone`)
  return source
}

/** The index that this very wish is built into. */
export function targetOf({ site, wish }: Pick<Work, 'site' | 'wish'>): SiteIndex | undefined {
  return site.unfinished.find(({ aliases }) => aliases.has(wish.building))
}

/** Where the phases before made sure that there is one. */
export function builtTarget(work: Pick<Work, 'site' | 'wish'>): SiteIndex {
  const target = targetOf(work)
  if (target === undefined) throw new ReconcileError('ChangesFailed', `the copy of ${work.wish.name} is gone`)
  return target
}
