import { digestOf, spend } from '../core/approval.ts'
import { equal } from '../core/canonical.ts'
import { type Inventory, sameInventory } from '../core/inventory.ts'
import { applicable, passing } from '../core/plan.ts'
import { shortened } from '../core/text.ts'
import {
  type Change,
  type Plan,
  type PlannedChange,
  type Resource,
  type ResourceKey,
  keyOf,
} from '../core/resource.ts'
import { intend, settle, wasIntended } from '../core/settle.ts'
import type { Objection } from '../core/verdicts.ts'
import { ReconcileError, reasons } from '../errors.ts'
import { type Pass, type Sent, hasMoved } from './pass.ts'
import type { Planned } from './planner.ts'
import { report } from './report.ts'
import type { Outcome, Sought } from './service-client.ts'
import type { World } from './world.ts'

/** How long a change that the service accepted may take to be seen, and how often it is looked for: doubling from 10 ms. */
const verifyMs = 5_000
const firstLookMs = 10

/** Characters of a client's note that are kept. */
const longestNote = 200

/**
 * The pass with what is about to be made in its inventory, and that inventory durable: a crash, or a service that stops
 * answering, from here on forgets nothing.
 */
export async function keepIntent<R extends Resource>(
  pass: Pass<R>,
  planned: Planned<R>,
  world: World<R>,
  signal: AbortSignal,
): Promise<Pass<R>> {
  const changes = applicable(planned.plan)
  if (changes.length === 0) return pass
  const intended = { ...pass, inventory: intend(pass.inventory, changes, adopts(pass)) }
  const kept = keptIntent(intended)
  if (kept !== undefined) return { ...intended, inventory: kept }
  await world.store.save(pass.key, intention(intended, changes, world.now()), signal)
  return intended
}

/** The inventory as it is kept, where all there is to keep is durable since an earlier pass: intent, approval, not being Ready. */
function keptIntent({ before, inventory, approval }: Pass): Inventory | undefined {
  if (before === undefined || before.ready === 'True' || before.approval !== approval) return undefined
  return sameInventory(inventory, before.inventory) ? before.inventory : undefined
}

/** apply ▶ verify. The pass with what was sent, what became of it, and the inventory as it is now. */
export async function applyPlan<R extends Resource>(
  pass: Pass<R>,
  planned: Planned<R>,
  world: World<R>,
  signal: AbortSignal,
): Promise<Pass<R>> {
  const changes = applicable(planned.plan)
  const { sent, observed } =
    changes.length === 0 ? nothingSent(planned) : await send(pass, changes, planned, world, signal)
  // What was accepted but is not seen stays intended, so that the next look tells it from drift and forgets no deletion.
  const done = new Set(sent.filter(({ verified }) => verified).map(({ change }) => keyOf(change)))
  const notDone = new Set(
    sent.filter(({ outcome }) => rejectionOf(outcome) !== undefined).map(({ change }) => keyOf(change)),
  )
  const spent = passing(planned.plan).filter((part) => done.has(keyOf(part)))
  const inventory = settle({
    inventory: pass.inventory,
    plan: planned.plan,
    desired: planned.document.desired,
    observed,
    done,
    notDone,
    untouchable: planned.untouchable,
    adopt: adopts(pass),
  })
  return {
    ...pass,
    planned: { ...planned, observed, plan: withRejections(planned.plan, sent) },
    inventory,
    sent,
    approval: spend(pass.approval, spent),
  }
}

/** What the service refused for good when it was sent is refused in the plan, as if it had been asked before. */
function withRejections<R extends Resource>(planned: Plan<R>, sent: readonly Sent<R>[]): Plan<R> {
  const rejections = new Map<string, Objection>()
  for (const { change, outcome } of sent) {
    const rejection = rejectionOf(outcome)
    if (rejection !== undefined) rejections.set(keyOf(change), rejection)
  }
  if (rejections.size === 0) return planned
  const changes = planned.changes.map((each): PlannedChange<R> => {
    const rejection = each.judgement.verdict === 'apply' ? rejections.get(keyOf(each.change)) : undefined
    return rejection === undefined
      ? each
      : { change: each.change, judgement: { verdict: 'refused', ...rejection } }
  })
  return { ...planned, changes }
}

interface Looked<R extends Resource> {
  readonly sent: readonly Sent<R>[]
  readonly observed: ReadonlyMap<ResourceKey, R>
}

function nothingSent<R extends Resource>(planned: Planned<R>): Looked<R> {
  return { sent: [], observed: planned.observed }
}

async function send<R extends Resource>(
  pass: Pass<R>,
  changes: readonly Change<R>[],
  planned: Planned<R>,
  world: World<R>,
  signal: AbortSignal,
): Promise<Looked<R>> {
  checkpoint(world, signal)
  const parts = passing(planned.plan)
  const removals = parts.filter(({ action }) => action === 'delete' || action === 'replace')
  world.deletions.add(removals.map(digestOf), world.now())
  const outcomes = await world.client.apply(changes, signal)
  const { unseen, observed } = await verify(changes, outcomes, planned.observed, world, signal)
  const { before } = pass
  const sent = changes.map((change, index): Sent<R> => {
    const outcome = bounded<R>(outcomes[index])
    const verified = outcome.state === 'done' && !unseen.has(change)
    const again = before !== undefined && wasIntended(before.inventory, change)
    const keptIn = pass.kept?.get(keyOf(change))
    return { change, outcome, verified, again, ...(keptIn === undefined ? {} : { keptIn }) }
  })
  learn(sent, parts, world)
  return { sent, observed }
}

function adopts(pass: Pass): boolean {
  return pass.written?.controls.adopt === true
}

/** State while working: the inventory holds what is about to be made, and nobody reads yesterday's Ready. */
function intention<R extends Resource>(pass: Pass<R>, changes: readonly Change<R>[], now: number) {
  const message = `applying ${changes.length} ${changes.length === 1 ? 'change' : 'changes'}`
  return report({ ...pass, stopped: { reason: 'Progressing', message } }, now)
}

/** The last moment before the service is touched: a person may have stopped everything while the plan was made. */
function checkpoint<R extends Resource>(world: World<R>, signal: AbortSignal): void {
  signal.throwIfAborted()
  if (world.suspended())
    throw new ReconcileError('Suspended', 'everything is suspended by the ConfigMap infometis-control')
}

/** A failure that says for certain that nothing was done, and in which words; a timeout does not. */
function rejectionOf(outcome: Outcome<Resource>): Objection | undefined {
  if (outcome.state !== 'failed' || reasons[outcome.reason].retryable) return undefined
  return { code: outcome.reason, message: outcome.message }
}

/** Looks at the service again until it shows what it accepted, or for 5 s; then what it has not shown is unseen. */
async function verify<R extends Resource>(
  changes: readonly Change<R>[],
  outcomes: readonly Outcome<R>[],
  before: ReadonlyMap<ResourceKey, R>,
  world: World<R>,
  signal: AbortSignal,
): Promise<{ readonly unseen: ReadonlySet<Change<R>>; readonly observed: ReadonlyMap<ResourceKey, R> }> {
  const observed = new Map(before)
  for (const outcome of outcomes) {
    if (outcome.state === 'done' && outcome.shown !== undefined)
      observed.set(keyOf(outcome.shown), outcome.shown)
  }
  const deadline = world.now() + verifyMs
  let waiting = changes.filter((_, index) => isUnseen(outcomes[index]))
  for (let pause = firstLookMs; waiting.length > 0; pause *= 2) {
    await look(waiting, observed, world, signal)
    waiting = waiting.filter((change) => !shows(observed.get(keyOf(change)), change))
    if (waiting.length === 0 || world.now() + pause > deadline) break
    await world.sleep(pause, signal)
  }
  return { unseen: new Set(waiting), observed }
}

function isUnseen(outcome: Outcome<Resource> | undefined): boolean {
  return outcome?.state === 'done' && outcome.shown === undefined
}

function bounded<R extends Resource>(outcome: Outcome<R> | undefined): Outcome<R> {
  if (outcome === undefined)
    return { state: 'failed', reason: 'InternalError', message: 'the client gave no outcome' }
  if (outcome.state !== 'done' || outcome.note === undefined) return outcome
  return { ...outcome, note: shortened(outcome.note, longestNote) }
}

async function look<R extends Resource>(
  changes: readonly Change<R>[],
  observed: Map<ResourceKey, R>,
  world: World<R>,
  signal: AbortSignal,
): Promise<void> {
  const names = Map.groupBy(changes, (change) => change.type)
  for (const [type, of] of names) {
    for (const change of of) observed.delete(keyOf(change))
    const sought = new Map(of.map((change) => [change.name, soughtBy(change)]))
    for (const resource of await world.client.observe(type, [...sought.keys()], signal, sought))
      observed.set(keyOf(resource), resource)
  }
}

function soughtBy<R extends Resource>({ desired, id }: Change<R>): Sought<R> {
  return { ...(desired === undefined ? {} : { desired }), ...(id === undefined ? {} : { id }) }
}

function shows(observed: Resource | undefined, change: Change): boolean {
  if (change.action === 'delete') return observed === undefined || observed.id !== change.id
  if (observed === undefined || observed.unavailable !== undefined) return false
  const set = observed.explicit ?? observed.fields
  return change.fields.every(({ path, after }) =>
    after === undefined ? !set.has(path) : equal(observed.fields.get(path), after),
  )
}

/** What this pass teaches the next: rejections are not sent again, changes are counted. */
function learn<R extends Resource>(
  sent: readonly Sent<R>[],
  parts: readonly Change<R>[],
  world: World<R>,
): void {
  const byKey = Map.groupBy(parts, keyOf)
  for (const each of sent) {
    const { change, outcome } = each
    if (hasMoved(each)) world.meter.changed(change.action, outcome.state, 1)
    const rejection = rejectionOf(outcome)
    if (rejection === undefined) continue
    for (const part of byKey.get(keyOf(change)) ?? [])
      world.rejections.remember(digestOf(part), rejection, world.now())
  }
}
