import { canonicalJson, sha256 } from '../core/canonical.ts'
import { setConditions } from '../core/conditions.ts'
import { applicable } from '../core/plan.ts'
import { changeToJson, renderChanges } from '../core/render.ts'
import { leftAs } from '../core/render-fields.ts'
import { listed } from '../core/text.ts'
import { type Resource, keyOf, resourceOf } from '../core/resource.ts'
import { type Reason, reasons } from '../errors.ts'
import { describeChanges } from './describe-changes.ts'
import { describeIssue } from './document.ts'
import type { Pass, Sent } from './pass.ts'
import type { Planned } from './planner.ts'
import type { HistoryEntry, Ready, ResourceStatus, State, StoredPlan } from './state.ts'

const historyLength = 10
const namesShown = 3

/** What a pass comes to, in one line each. */
interface Verdict {
  readonly ready: Ready
  readonly reason: string
  readonly message: string
}

/**
 * The state a pass leaves behind: the very same as before when nothing differs, so that a no-op pass costs the store nothing.
 * Pure; `now` is milliseconds since the epoch and enters only where something changed.
 */
export function report<R extends Resource>(pass: Pass<R>, now: number): State {
  const state = describe(pass, now)
  return pass.before !== undefined && sameState(pass.before, state) ? pass.before : state
}

function sameState(a: State, b: State): boolean {
  if (a.inventory !== b.inventory || a.history !== b.history) return false
  return canonicalJson({ ...a, ...setAside }) === canonicalJson({ ...b, ...setAside })
}

/** Compared by identity, for they are large. */
const setAside = { inventory: undefined, history: undefined }

function describe<R extends Resource>(pass: Pass<R>, now: number): State {
  const at = new Date(now).toISOString()
  const seen = pass.planned === undefined ? seenBefore(pass.before) : seenNow(pass)
  const verdict = conclude(pass, seen.resources)
  return {
    ...verdict,
    ...seen,
    ...echoes(pass),
    conditions: conditionsOf(verdict, pass.before, at),
    history: chronicle(pass, verdict, at),
    approval: pass.approval,
    inventory: pass.inventory,
  }
}

type Seen = Pick<State, 'summary' | 'resources' | 'plan'>

function seenNow<R extends Resource>(pass: Pass<R>): Seen {
  const resources = notReady(pass)
  return { resources, summary: summarise(pass, resources), plan: withheldPlan(pass) }
}

/** A pass that could not look knows nothing new: what was last seen stands. */
function seenBefore(before: State | undefined): Seen {
  return { resources: before?.resources ?? [], summary: before?.summary ?? '', plan: before?.plan }
}

function echoes(pass: Pass): Pick<State, 'observedHash' | 'clusterId' | 'reconciledAt'> {
  const { written, before } = pass
  return {
    observedHash: written?.hash ?? before?.observedHash ?? '',
    clusterId: pass.clusterId,
    reconciledAt: written === undefined ? before?.reconciledAt : written.controls.reconcileAt,
  }
}

function conditionsOf(verdict: Verdict, before: State | undefined, at: string): State['conditions'] {
  const { ready, reason, message } = verdict
  const working = ready === 'Unknown' && reason !== 'Suspended' && reason !== 'SourceGone'
  const next = [
    { type: 'Ready', status: ready, reason, message },
    { type: 'Reconciling', status: working ? 'True' : 'False', reason, message },
    { type: 'Stalled', status: ready === 'False' ? 'True' : 'False', reason, message },
  ] as const
  return setConditions(before?.conditions ?? [], next, at)
}

/** Every entry that is not as written, invalid ones first. */
function notReady<R extends Resource>(pass: Pass<R>): readonly ResourceStatus[] {
  const { planned, written } = pass
  if (planned === undefined) return []
  const type = written?.type ?? ''
  const invalid = planned.document.invalid.map(({ name, issues }): ResourceStatus => {
    const message = issues.map(describeIssue).join('; ')
    return { type, name, state: 'invalid', reason: 'InvalidDocument', message }
  })
  const withheld = planned.plan.changes.flatMap(({ change, judgement }): ResourceStatus[] => {
    if (judgement.verdict === 'apply') return []
    const { verdict: state, code: reason, message } = judgement
    return [{ type: change.type, name: change.name, state, reason, message }]
  })
  const unfinished = pass.sent.flatMap((sent) => unfinishedStatus(sent) ?? [])
  const orphans = planned.plan.orphans.map((key): ResourceStatus => {
    const message = 'no longer written; kept, because the policy does not delete'
    return { ...resourceOf(key), state: 'orphan', reason: 'Orphaned', message }
  })
  const retained = [...planned.plan.retained].map(([key, paths]): ResourceStatus => {
    const message = `no longer written, but the service cannot remove it: ${listed(paths)}`
    return { ...resourceOf(key), state: 'retained', reason: 'Retained', message }
  })
  const yielded = [...planned.plan.yielded].flatMap(([key, fields]) =>
    fields.map((field): ResourceStatus => ({
      ...resourceOf(key),
      state: 'warning',
      reason: 'LeftAsChanged',
      message: leftAs(field),
    })),
  )
  return [
    ...invalid,
    ...pass.conflicts,
    ...withheld,
    ...unfinished,
    ...orphans,
    ...retained,
    ...yielded,
    ...health(planned),
  ]
}

/** What the service says of what is written and there. */
function health<R extends Resource>({ document, observed }: Planned<R>): readonly ResourceStatus[] {
  return document.desired.flatMap(({ type, name }): ResourceStatus[] => {
    const { unhealthy, warnings = [] } = observed.get(keyOf({ type, name })) ?? {}
    const told = warnings.map(
      (message) => ({ type, name, state: 'warning', reason: 'Warned', message }) as const,
    )
    if (unhealthy === undefined) return told
    return [{ type, name, state: 'unhealthy', reason: 'Unhealthy', message: unhealthy }, ...told]
  })
}

function unfinishedStatus({ change, outcome, verified }: Sent): ResourceStatus | undefined {
  const { type, name } = change
  if (outcome.state === 'failed') {
    // What was refused for good is told by the plan.
    if (!reasons[outcome.reason].retryable) return undefined
    return { type, name, state: 'failed', reason: outcome.reason, message: outcome.message }
  }
  if (outcome.state === 'pending') {
    return { type, name, state: 'pending', reason: 'Progressing', message: outcome.message }
  }
  if (verified) return undefined
  const message = `${change.action} was accepted, but the service does not show it yet`
  return { type, name, state: 'pending', reason: 'NotVerified', message }
}

/** The states that keep a ConfigMap from Ready, the gravest first, with the reason when they differ among themselves. */
const blockers: readonly { readonly state: ResourceStatus['state']; readonly reason: Reason }[] = [
  { state: 'invalid', reason: 'InvalidDocument' },
  { state: 'conflict', reason: 'ResourceConflict' },
  { state: 'refused', reason: 'ChangesRefused' },
  { state: 'held', reason: 'ChangesHeld' },
  { state: 'withheld', reason: 'ChangesWithheld' },
]

function conclude(pass: Pass, resources: readonly ResourceStatus[]): Verdict {
  if (pass.stopped !== undefined) return stoppedVerdict(pass.stopped)
  for (const { state, reason } of blockers) {
    const blocking = resources.filter((each) => each.state === state)
    if (blocking.length > 0) return { ready: 'False', ...collect(blocking, reason, pass) }
  }
  const failed = resources.filter((each) => each.state === 'failed')
  if (failed.length > 0) {
    const retryable = failed.some((each) => reasons[each.reason as Reason].retryable)
    return { ready: retryable ? 'Unknown' : 'False', ...collect(failed, 'ChangesFailed', pass) }
  }
  const waiting = resources.filter((each) => each.state === 'waiting')
  if (waiting.length > 0) return { ready: 'Unknown', ...collect(waiting, 'DependencyMissing', pass) }
  const pending = resources.filter((each) => each.state === 'pending')
  if (pending.length > 0) return { ready: 'Unknown', ...collect(pending, 'Progressing', pass) }
  const unhealthy = resources.filter((each) => each.state === 'unhealthy')
  if (unhealthy.length > 0) return { ready: 'False', ...collect(unhealthy, 'Unhealthy', pass) }
  return { ready: 'True', reason: 'Succeeded', message: 'as written' }
}

function stoppedVerdict(stopped: { readonly reason: Reason; readonly message: string }): Verdict {
  const ready = stopped.reason === 'Suspended' || reasons[stopped.reason].retryable ? 'Unknown' : 'False'
  return { ready, reason: stopped.reason, message: stopped.message }
}

function collect(blocking: readonly ResourceStatus[], reason: Reason, pass: Pass): Omit<Verdict, 'ready'> {
  const [first] = blocking
  const same = blocking.every((each) => each.reason === first?.reason)
  const shown = blocking.slice(0, namesShown).map((each) => `${each.name}: ${each.message}`)
  const more = blocking.length > namesShown ? ` (+${blocking.length - namesShown} more)` : ''
  const hash = pass.planned?.hash
  const way = blocking[0]?.state === 'held' && hash !== undefined ? ` [approve: ${hash}]` : ''
  return {
    reason: same && first !== undefined ? first.reason : reason,
    message: shown.join('; ') + more + way,
  }
}

/** What is told of a resource that is as written all the same. */
const keepsReady: ReadonlySet<string> = new Set<ResourceStatus['state']>(['orphan', 'retained', 'warning'])

/** Nouns among the states. */
const countable: ReadonlySet<string> = new Set<ResourceStatus['state']>(['orphan', 'warning'])

/** `12 ready, 1 held, 2 orphans`. */
function summarise<R extends Resource>(pass: Pass<R>, resources: readonly ResourceStatus[]): string {
  const counted = new Map<string, Set<string>>()
  for (const { state, name } of [...resources, ...underWay(pass)])
    counted.set(state, (counted.get(state) ?? new Set()).add(name))
  const unready = new Set([...counted].flatMap(([state, names]) => (keepsReady.has(state) ? [] : [...names])))
  const parts = [`${writtenNames(pass).difference(unready).size} ready`]
  for (const [state, names] of counted) {
    parts.push(`${names.size} ${state}${countable.has(state) && names.size > 1 ? 's' : ''}`)
  }
  return parts.join(', ')
}

/** The names of all entries: those that can be used or not, and those that the service would not take. */
function writtenNames<R extends Resource>({ planned, conflicts }: Pass<R>): ReadonlySet<string> {
  const { desired = [], invalid = [] } = planned?.document ?? {}
  const upserts = planned?.plan.changes.filter(({ change }) => change.action !== 'delete') ?? []
  const named = [...desired, ...invalid, ...conflicts, ...upserts.map(({ change }) => change)]
  return new Set(named.map(({ name }) => name))
}

/** What is about to be sent, or was when the service went away. Only counted: a thousand names would make the intent large. */
function underWay<R extends Resource>(pass: Pass<R>): readonly Pick<ResourceStatus, 'state' | 'name'>[] {
  if (pass.sent.length > 0 || pass.planned === undefined) return []
  return applicable(pass.planned.plan).map(({ name }) => ({ state: 'pending', name }))
}

function withheldPlan<R extends Resource>(pass: Pass<R>): StoredPlan | undefined {
  const withheld = pass.planned?.plan.changes.filter(({ judgement }) => judgement.verdict !== 'apply') ?? []
  if (withheld.length === 0) return undefined
  return { hash: pass.planned?.hash, text: renderChanges(withheld), changes: withheld.map(changeToJson) }
}

/** History with this pass in it; the same thing again only counts up. What is under way is told when it has ended. */
function chronicle(pass: Pass, verdict: Verdict, at: string): readonly HistoryEntry[] {
  const history = pass.before?.history ?? []
  const ended = pass.sent.filter(({ outcome }) => outcome.state !== 'pending')
  if (ended.length === 0) return history
  const done = ended.filter(({ outcome }) => outcome.state === 'done').map(({ change }) => change)
  const changed = ended.map(({ change, outcome }) => [
    change.action,
    change.name,
    outcome.state,
    change.fields,
  ])
  const digest = sha256(canonicalJson([changed, verdict.reason])).slice(0, 12)
  const [last, ...older] = history
  if (last?.digest === digest) return [{ ...last, last: at, count: last.count + 1 }, ...older]
  const count = (...actions: readonly string[]) =>
    done.filter((change) => actions.includes(change.action)).length
  const entry: HistoryEntry = {
    digest,
    reason: verdict.reason,
    message: describeChanges(ended),
    created: count('create'),
    updated: count('update', 'replace'),
    deleted: count('delete'),
    first: at,
    last: at,
    count: 1,
  }
  return [entry, ...history].slice(0, historyLength)
}
