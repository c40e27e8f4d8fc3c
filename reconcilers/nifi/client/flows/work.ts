import type { Flow } from '../../resource.ts'
import type { Tools } from '../tools.ts'

/** A replace-request that NiFi works on, or has answered. */
export interface UnderWay {
  readonly requestId: string
  /** `emptying`: keeps what still holds FlowFiles. `final`: the definition as desired. `back`: what was there before. */
  readonly step: 'emptying' | 'final' | 'back'
  readonly since: number
  /** What was there when it was sent, for the way back. */
  readonly before: Flow
}

/**
 * What this process knows of a change that takes more than one pass. All of it can be lost: the next pass finds on the server how far
 * things are, and at worst does a step again. Only what NiFi does not know is in it: timers, and what ran before.
 */
export interface Work {
  underWay?: UnderWay
  /** What ran when the change began, by identifier: it is started again, whatever becomes of the change. */
  ran?: ReadonlySet<string>
  /** Which connections the flow on the server is being emptied of, and since when. */
  emptying?: { readonly connections: string; readonly since: number }
  /** A replace met FlowFiles in a connection that had been empty a moment before. */
  metFlowFiles: boolean
  /** What was there before the first of several attempts at a replace. */
  before?: Flow
  /** Replaces in a row that something got in the way of. */
  attempts: number
  /** When components began to be brought up, or to be waited for. */
  waitingSince?: number
  /** Told with the outcome. */
  readonly notes: string[]
  /** Why the change was given up, while what was stopped for it is being started again. */
  givenUp?: string
  /** Why the change did not come about, once what was before is back. */
  refusal?: string
}

const works = new WeakMap<Tools, Map<string, Kept>>()

/** A change that is under way is asked for every second or so: what is older belongs to one that ended without us. */
const staleMs = 120_000

/** What is known of the change of this process group; nothing, at first. */
export function workOn(tools: Tools, groupId: string): Work {
  const known = works.get(tools) ?? new Map<string, Kept>()
  works.set(tools, known)
  const kept = known.get(groupId)
  const isFresh = kept !== undefined && (tools.now() - kept.at <= staleMs || kept.work.underWay !== undefined)
  const work = isFresh ? kept.work : { metFlowFiles: false, attempts: 0, notes: [] }
  known.set(groupId, { work, at: tools.now() })
  return work
}

/** The change is done, or given up: the next one begins without it. */
export function forget(tools: Tools, groupId: string): void {
  works.get(tools)?.delete(groupId)
}

interface Kept {
  readonly work: Work
  readonly at: number
}
