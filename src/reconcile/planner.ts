import { type Approval, approvalFor, approvalHash, approved, digestOf } from '../core/approval.ts'
import { lastShown } from '../core/baseline.ts'
import { type BrakeLoad, brake } from '../core/brake.ts'
import { ignoring } from '../core/diff.ts'
import { type Inventory, type InventoryEntry, sameFields } from '../core/inventory.ts'
import { byKey, plan } from '../core/plan.ts'
import { permit } from '../core/policy.ts'
import { type Plan, type PlannedChange, type Resource, type ResourceKey, keyOf } from '../core/resource.ts'
import { type Objection, object } from '../core/verdicts.ts'
import { awaitNeeds } from './dependencies.ts'
import { type Document, readDocument } from './document.ts'
import type { RejectionMemory } from './rejection-memory.ts'
import type { ResourceType } from './resource-type.ts'
import { type SecretSource, asItStands, resolveSecrets } from './secrets.ts'
import type { ServiceClient, Sought } from './service-client.ts'
import type { Written } from './written.ts'

/** What a plan needs to know besides the document and the service. */
export interface PlanningFacts {
  /** This ConfigMap's, with what was handed over to it. */
  readonly inventory: Inventory
  /** Entries of this document that another ConfigMap owns, and inventory entries that are another's by now. */
  readonly foreign: ReadonlySet<ResourceKey>
  readonly brake: Omit<BrakeLoad, 'maxDeletes'>
  /** The other ConfigMaps. Where it is missing they are not known. */
  readonly elsewhere?: () => Iterable<Written>
  readonly approval: Approval | undefined
  /** True where the plan is applied at once; false where it is shown. */
  readonly applies: boolean
  /** What a plan of another type makes before this one is applied: nothing waits for it. */
  readonly coming?: ReadonlySet<ResourceKey>
  /** Absent in the CLI, which asks afresh each time. */
  readonly rejections?: RejectionMemory
  /** The component, as Secrets name it. */
  readonly kind: string
  readonly secrets: SecretSource
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** A plan as it would be applied now, with all it was made from. */
export interface Planned<R extends Resource> {
  readonly plan: Plan<R>
  readonly document: Document<R>
  readonly observed: ReadonlyMap<ResourceKey, R>
  readonly untouchable: ReadonlySet<ResourceKey>
  readonly approval: Approval | undefined
  /** Of what is still held, the approved changes not counted. */
  readonly hash: string | undefined
}

/** parse ▶ normalise ▶ Secrets ▶ observe ▶ PLAN ▶ rules ▶ the service's own word ▶ brake ▶ approval. Never writes. */
export async function makePlan<R extends Resource>(
  type: ResourceType<R>,
  written: Written,
  client: ServiceClient<R>,
  facts: PlanningFacts,
  signal: AbortSignal,
): Promise<Planned<R>> {
  const document = readDocument(type, written)
  const untouchable = new Set(facts.foreign)
  for (const { name } of document.invalid) untouchable.add(keyOf({ type: type.name, name }))
  // A ConfigMap that now has another type does not forget what it made before.
  for (const [key, entry] of facts.inventory) if (entry.type !== type.name) untouchable.add(key)
  const mine = document.desired.filter((resource) => !facts.foreign.has(keyOf(resource)))
  const { controls } = written
  const ignore = ignoring(controls.ignore)
  const reader = { kind: facts.kind, namespace: written.namespace, ignore }
  const resolved = await resolveSecrets(type, mine, reader, facts.secrets, signal)
  const spelled = await spell(resolved.desired, client, signal)
  const rejections = [...resolved.rejections, ...spelled.rejections]
  for (const { resource } of rejections) untouchable.add(keyOf(resource))
  const observed = await observe(type.name, mine, facts.inventory, client, signal)
  const desired = asItStands(spelled.desired, resolved.uncompared, facts.inventory, observed)
  const creates = desired.some((resource) => !observed.has(keyOf(resource)))
  const first = plan({
    desired,
    observed: [...observed.values()],
    inventory: facts.inventory,
    untouchable,
    ignore,
    policy: controls.policy,
    adopt: controls.adopt,
    allow: controls.allow,
    rules: type.rules,
    classify: (change) => type.classify?.(change) ?? [change],
    respells: (path) => type.respells?.(path) === true,
    yields: (path) => type.yields?.(path) === true,
    names: creates ? await client.list(type.name, signal) : [],
    emptyDocument: document.desired.length === 0,
    elsewhere: once(() => [...(facts.elsewhere?.() ?? [])].flatMap((other) => desiredIn(type, other))),
  })
  const objections = await ask(first, client, facts, signal)
  const objected = object(first, objections, type.rules, controls.allow)
  const { maxDeletes } = controls
  // Whose replacement was begun in an earlier pass.
  const underWay = (key: ResourceKey) => facts.inventory.get(key)?.replaces !== undefined
  const braked = brake(objected, { ...facts.brake, maxDeletes, underWay })
  const approval = approvalFor(braked.changes, controls.approve, facts.approval)
  const released = await awaitNeeds(type, approved(braked, approval), client, facts, signal)
  // Last, so that not even an approval writes under observe-only.
  const permitted = permit(released.changes, controls.policy)
  const final = { ...released, changes: withRejected(permitted, rejections, observed) }
  const readable = { desired, invalid: document.invalid }
  return {
    plan: final,
    document: readable,
    observed,
    untouchable,
    approval,
    hash: approvalHash(final.changes),
  }
}

/** What is written, and the service's word that it would not take it. */
interface Rejection<R extends Resource> extends Objection {
  readonly resource: R
}

/** Desired in the service's spelling, and what the service would not take, whatever is there now. */
async function spell<R extends Resource>(
  mine: readonly R[],
  client: ServiceClient<R>,
  signal: AbortSignal,
): Promise<{ readonly desired: readonly R[]; readonly rejections: readonly Rejection<R>[] }> {
  const spelled = mine.length === 0 ? undefined : await client.canonical?.(mine, signal)
  if (spelled === undefined) return { desired: mine, rejections: [] }
  const rejections = mine.flatMap((resource, index): Rejection<R>[] => {
    const each = spelled[index]
    if (each === undefined) throw new TypeError('canonical answered with fewer results than it was asked for')
    return each.ok ? [] : [{ resource, code: each.code, message: each.message }]
  })
  return { desired: spelled.flatMap((each) => (each.ok ? [each.desired] : [])), rejections }
}

/** The changes with those that the service would not take: each is refused whole. */
function withRejected<R extends Resource>(
  changes: readonly PlannedChange<R>[],
  rejections: readonly Rejection<R>[],
  observed: ReadonlyMap<ResourceKey, R>,
): readonly PlannedChange<R>[] {
  if (rejections.length === 0) return changes
  const rejected = rejections.map(({ resource, code, message }): PlannedChange<R> => {
    const { type, name } = resource
    const action = observed.has(keyOf(resource)) ? 'update' : 'create'
    const change = { action, type, name, cause: 'written', fields: [], desired: resource } as const
    return { change, judgement: { verdict: 'refused', code, message } }
  })
  return [...changes, ...rejected].sort((a, b) => byKey(a.change, b.change))
}

async function observe<R extends Resource>(
  type: string,
  desired: readonly R[],
  inventory: Inventory,
  client: ServiceClient<R>,
  signal: AbortSignal,
): Promise<ReadonlyMap<ResourceKey, R>> {
  const sought = new Map<string, Sought<R>>(desired.map((each) => [each.name, { desired: each }]))
  for (const entry of inventory.values()) {
    if (entry.type !== type) continue
    const known = sought.get(entry.name)
    sought.set(entry.name, { ...known, ...knownOf(entry, known?.desired) })
  }
  const observed = sought.size === 0 ? [] : await client.observe(type, [...sought.keys()], signal, sought)
  return new Map(observed.map((resource) => [keyOf(resource), asShown(resource, inventory)]))
}

/** Found out when it is asked for first. */
function once<T>(find: () => T): () => T {
  let found: { readonly value: T } | undefined
  return () => (found ??= { value: find() }).value
}

/** What another ConfigMap of the type desires and may have. */
function desiredIn<R extends Resource>(type: ResourceType<R>, other: Written): readonly R[] {
  return other.type === type.name ? readDocument(type, other).desired : []
}

/** The edition is of use only where all there is to compare is what it was. */
function knownOf<R extends Resource>(entry: InventoryEntry, desired: R | undefined): Sought<R> {
  const { id, edition, intended, fields } = entry
  const isSame = intended === undefined && desired !== undefined && sameFields(desired.fields, fields)
  return { ...(id === undefined ? {} : { id }), ...(edition !== undefined && isSame ? { edition } : {}) }
}

/** What was not read is what it was. */
function asShown<R extends Resource>(resource: R, inventory: Inventory): R {
  const entry = resource.unread === true ? inventory.get(keyOf(resource)) : undefined
  return entry === undefined ? resource : { ...resource, fields: lastShown(entry) }
}

/**
 * The service's objections by digest. What it refused lately is not asked again; what is created or updated in the next
 * moment is not asked before, for apply is answered with the same words (measured: docs/decisions/0010).
 */
async function ask<R extends Resource>(
  planned: Plan<R>,
  client: ServiceClient<R>,
  facts: PlanningFacts,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Objection>> {
  const objections = new Map<string, Objection>()
  const open = planned.changes.filter(({ change }) => {
    const known = facts.rejections?.recall(digestOf(change), facts.now)
    if (known !== undefined) objections.set(digestOf(change), known)
    return known === undefined
  })
  const questions = open.filter((each) => needsAsking(each, facts)).map(({ change }) => change)
  if (questions.length === 0 || client.validate === undefined) return objections
  const verdicts = await client.validate(questions, signal)
  for (const [index, verdict] of verdicts.entries()) {
    const question = questions[index]
    if (question === undefined || verdict.ok) continue
    const digest = digestOf(question)
    objections.set(digest, { code: verdict.code, message: verdict.message })
    if (verdict.code === 'RejectedByServer') facts.rejections?.remember(digest, verdict, facts.now)
  }
  return objections
}

function needsAsking({ change, judgement }: PlannedChange, facts: PlanningFacts): boolean {
  if (judgement.verdict === 'refused') return false
  const upsert = change.action === 'create' || change.action === 'update'
  return !(facts.applies && judgement.verdict === 'apply' && upsert)
}
