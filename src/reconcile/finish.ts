import type { Resource, ResourceKey } from '../core/resource.ts'
import { ReconcileError, type Reason, reasons, toReconcileError } from '../errors.ts'
import { describeChanges } from './describe-changes.ts'
import { type Pass, type Sent, hasMoved } from './pass.ts'
import { report } from './report.ts'
import type { Result } from './result.ts'
import type { ResourceStatus, State, Transition } from './state.ts'
import type { World } from './world.ts'

/** How soon work that the service has accepted but not finished is looked at again. */
const pendingMs = 1_000

/** How long the status of a pass that was cut short may take. */
const lastWordMs = 5_000

/** status ▶ summary ▶ events ▶ one of the four outcomes. Everything here is written only when it differs. */
export async function finish<R extends Resource>(
  pass: Pass<R>,
  world: World<R>,
  signal: AbortSignal,
): Promise<Result> {
  const writing = signalFor(pass, signal)
  try {
    if (pass.written === undefined && pass.stopped === undefined) return await forgotten(pass, world, writing)
    const state = report(pass, world.now())
    await world.store.save(pass.key, state, writing)
    release(pass, state, world)
    wake(pass, world)
    const wait =
      pass.written === undefined ? undefined : await world.store.summarize(pass.written, state, writing)
    if (state.ready === 'True') world.meter.converged(pass.key)
    world.meter.measured(pass.key, figuresOf(pass))
    narrate(pass, state, world)
    return outcome(pass, state, wait)
  } catch (thrown) {
    return { kind: 'retryable', error: toReconcileError(thrown) }
  }
}

/** A pass that its deadline or a suspension ended has used up its signal, but still says so in status. */
function signalFor(pass: Pass, signal: AbortSignal): AbortSignal {
  return signal.aborted && pass.stopped !== undefined ? AbortSignal.timeout(lastWordMs) : signal
}

/** The ConfigMap is gone and nothing that it made is left: so is its state. */
async function forgotten<R extends Resource>(
  pass: Pass<R>,
  world: World<R>,
  signal: AbortSignal,
): Promise<Result> {
  if (pass.before !== undefined) await world.store.remove(pass.key, signal)
  world.ownership.refresh(pass.key)
  return { kind: 'done' }
}

/** Tells the ownership index of a new inventory, and whoever waits for something that left it. */
function release<R extends Resource>(pass: Pass<R>, state: State, world: World<R>): void {
  const { before, key } = pass
  if (before?.inventory === state.inventory) return
  const others = world.ownership.refresh(key)
  const left = [...(before?.inventory.keys() ?? [])].some((resource) => !state.inventory.has(resource))
  for (const other of left ? others : []) world.requeue(other)
}

/** What was made or deleted may be what a ConfigMap of another type waits for, or was refused for. */
function wake<R extends Resource>(pass: Pass<R>, world: World<R>): void {
  const made = pass.sent.find(({ verified }) => verified)?.change.type
  if (made === undefined) return
  const others = world.store.keys().filter((key) => world.store.read(key)?.resources.some(isStuck(made)))
  if (others.length === 0) return
  world.rejections.forget()
  for (const other of others) world.requeue(other)
}

function isStuck(made: string): (status: ResourceStatus) => boolean {
  return ({ type, state }) => type !== made && (state === 'waiting' || state === 'refused')
}

function outcome(pass: Pass, state: State, wait: number | undefined): Result {
  const reason = pass.stopped?.reason ?? failure(pass)
  if (reason === 'Suspended' || reason === 'SourceGone') return { kind: 'done' }
  if (reason !== undefined && reasons[reason].retryable) {
    return { kind: 'retryable', error: new ReconcileError(reason, state.message) }
  }
  // What is under way goes on, whatever else waits for a person or for another resource.
  if (isUnderWay(pass)) return { kind: 'requeueAfter', ms: pendingMs }
  if (state.ready === 'Unknown') return notYet(state)
  // A refusal, too: without its stamp Flux would go on waiting for what cannot come.
  if (wait !== undefined) return { kind: 'requeueAfter', ms: wait }
  if (state.ready === 'True') return { kind: 'done' }
  return { kind: 'terminal', error: new ReconcileError(reason ?? blocking(state), state.message) }
}

/** What waits for another resource is woken when that is made; the backoff finds it where somebody else makes it. */
function notYet({ reason, message }: State): Result {
  if (reason !== 'DependencyMissing') return { kind: 'requeueAfter', ms: pendingMs }
  return { kind: 'retryable', error: new ReconcileError(reason, message) }
}

function isUnderWay(pass: Pass): boolean {
  return pass.sent.some(({ outcome: { state } }) => state === 'pending')
}

/** The reason of the first failed change, a retryable one before others: then the whole is tried again soon. */
function failure(pass: Pass): Reason | undefined {
  const failed = pass.sent.flatMap((sent) => (sent.outcome.state === 'failed' ? [sent.outcome.reason] : []))
  return failed.find((reason) => reasons[reason].retryable) ?? failed[0]
}

/** A rule's own code stands in status; for the outcome it is a refused or held change like any other. */
function blocking(state: State): Reason {
  if (Object.hasOwn(reasons, state.reason)) return state.reason as Reason
  return state.resources.some((each) => each.state === 'refused') ? 'ChangesRefused' : 'ChangesHeld'
}

function figuresOf<R extends Resource>({
  planned,
}: Pass<R>): ReadonlyMap<ResourceKey, ReadonlyMap<string, number>> {
  return new Map(
    [...(planned?.observed ?? [])].flatMap(([key, { figures }]) =>
      figures === undefined ? [] : [[key, figures]],
    ),
  )
}

/** Events for transitions, one log line per change made, metrics. A pass that changed nothing says nothing. */
function narrate<R extends Resource>(pass: Pass<R>, state: State, world: World<R>): void {
  const { written, before, key } = pass
  for (const sent of pass.sent.filter(hasMoved)) audit(key, sent, state, world)
  const drift = driftIn(pass.sent.filter(({ again }) => !again))
  if (drift > 0) world.meter.drifted(drift)
  const { ready, reason, message } = state
  const turned = isNews(before, state)
  if (turned) world.log.info({ key, ready, reason, message }, 'status changed')
  else world.log.debug({ key, ready }, 'nothing changed')
  if (written === undefined) return
  const events = [...appliedNews(pass), ...(turned ? turnedNews(pass, state) : [])]
  if (events.length > 0) world.store.announce(written, events)
}

/** How many fields. */
function driftIn(sent: readonly Sent[]): number {
  return sent.flatMap(({ change }) => change.fields.filter(({ cause }) => cause === 'drift')).length
}

/** Another number in the words of what is under way is no news. */
function isNews(before: State | undefined, { ready, reason, message }: State): boolean {
  if (before?.ready !== ready || before.reason !== reason) return true
  return reason !== 'Progressing' && before.message !== message
}

function appliedNews(pass: Pass): readonly Transition[] {
  const done = pass.sent.filter(({ outcome }) => outcome.state === 'done')
  if (done.length === 0) return []
  const reason = driftIn(done) > 0 ? 'DriftCorrected' : 'Applied'
  return [{ type: 'Normal', reason, message: describeChanges(pass.sent) }]
}

/** Ready again goes without saying where the changes that led there are told. */
function turnedNews(pass: Pass, { ready, reason, message }: State): readonly Transition[] {
  if (ready === 'True' && pass.sent.some(({ outcome }) => outcome.state === 'done')) return []
  return [{ type: ready === 'False' ? 'Warning' : 'Normal', reason, message }]
}

function audit<R extends Resource>(key: string, sent: Sent<R>, state: State, world: World<R>): void {
  const { action, type, name, cause, class: way } = sent.change
  // What comes or goes whole is known by its digests; where two versions differ is said.
  const fields = sent.change.fields.map((field) =>
    action === 'create' ? { ...field, within: undefined } : field,
  )
  const what = { key, action, type, name, ...(way === undefined ? {} : { class: way }), cause, fields }
  // Not what the service shows: that is as large as the resource.
  const outcome = { ...sent.outcome, shown: undefined }
  const facts = { ...what, outcome, hash: state.observedHash }
  world.log.info(facts, 'change sent')
}
