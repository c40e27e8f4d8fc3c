import { equal } from './canonical.ts'
import { type Ignore, type Respells, diff, retained, told } from './diff.ts'
import { type Inventory, type InventoryEntry, madeBy, nothingMade } from './inventory.ts'
import { type Policy, permit } from './policy.ts'
import {
  type Cause,
  type Change,
  type FieldChange,
  type Plan,
  type PlannedChange,
  type Resource,
  type ResourceKey,
  keyOf,
} from './resource.ts'
import { type Rule, type RuleContext, judge } from './rules.ts'

/** Everything a plan depends on. Nothing else: equal inputs give equal plans. */
export interface PlanInput<R extends Resource> {
  readonly desired: readonly R[]
  /** What the server shows of desired and of the inventory. */
  readonly observed: readonly R[]
  readonly inventory: Inventory
  /** Written but not to be planned (invalid entries, entries another ConfigMap owns): never orphans, never deleted. */
  readonly untouchable: ReadonlySet<ResourceKey>
  readonly ignore: Ignore
  readonly policy: Policy
  readonly adopt: boolean
  /** Codes of held rules this ConfigMap allows for good. */
  readonly allow: ReadonlySet<string>
  readonly rules: readonly Rule<R>[]
  /** Splits an update into parts that the service makes in different ways; where there is one way, the update is the only part. */
  readonly classify: (change: Change<R>) => readonly Change<R>[]
  /** Whether another release of the service may spell a path anew. */
  readonly respells?: Respells
  /** Whether a person's doing at a path is left as it is. */
  readonly yields?: (path: string) => boolean
  readonly names: readonly string[]
  /** Nothing that could be used is written, whoever it belongs to. */
  readonly emptyDocument: boolean
  /** What other ConfigMaps of the config type desire. */
  readonly elsewhere?: () => readonly R[]
}

/** Pure: what would be done, what would not and why, in a deterministic order. */
export function plan<R extends Resource>(input: PlanInput<R>): Plan<R> {
  const observed = new Map(input.observed.map((each) => [keyOf(each), each]))
  const wanted = [...input.desired].sort(byKey)
  const changes: Change<R>[] = []
  const adopted: R[] = []
  const kept = new Map<ResourceKey, readonly string[]>()
  const yielded = new Map<ResourceKey, readonly FieldChange[]>()
  for (const desired of wanted) {
    const found = observed.get(keyOf(desired))
    const entry = rightfulEntry(input.inventory.get(keyOf(desired)), found)
    const differing = found === undefined ? [] : diff(desired, found, entry, input.ignore, input.respells)
    const left = differing.filter((field) => isYielded(field, input))
    if (left.length > 0) yielded.set(keyOf(desired), left)
    const change = changeFor(
      desired,
      found,
      entry,
      differing.filter((field) => !left.includes(field)),
    )
    if (change !== undefined) changes.push(change)
    else if (entry === undefined && found !== undefined) adopted.push(found)
    const stays = found === undefined ? [] : retained(desired, found, entry, input.ignore)
    if (stays.length > 0) kept.set(keyOf(desired), stays)
  }
  const unwritten = unwrittenEntries(input)
  const { deletions, orphans } = prune(unwritten, observed, input.policy)
  changes.push(...deletions)
  const context: RuleContext<R> = {
    desired: wanted,
    names: input.names,
    emptyDocument: input.emptyDocument,
    ...(input.elsewhere === undefined ? {} : { elsewhere: input.elsewhere }),
  }
  const parts = changes
    .sort(byKey)
    .flatMap((change) => (change.action === 'update' ? input.classify(change) : [change]))
  const judged = parts.flatMap((change) => judge(change, input, context))
  return {
    changes: permit(judged, input.policy),
    orphans,
    adopted,
    retained: kept,
    yielded,
    unchanged: input.desired.length - upserts(changes),
  }
}

/** A correction of what somebody did where that is theirs to do. */
function isYielded<R extends Resource>({ path, cause }: FieldChange, { yields }: PlanInput<R>): boolean {
  return cause === 'drift' && yields?.(path) === true
}

/** `differing`: where what is observed is not as desired. */
function changeFor<R extends Resource>(
  desired: R,
  observed: R | undefined,
  entry: InventoryEntry | undefined,
  differing: readonly FieldChange[],
): Change<R> | undefined {
  const { type, name } = desired
  if (observed === undefined) {
    const fields = [...desired.fields].map(([path, after]): FieldChange => {
      const cause = equal(entry?.fields.get(path), after) ? 'drift' : 'written'
      return told({ path, after, cause }, desired)
    })
    const cause = entry === undefined || nothingMade(entry) ? 'written' : 'drift'
    return { action: 'create', type, name, cause, fields: fields.sort(byPath), desired }
  }
  const [first] = differing
  if (first === undefined) return undefined
  const cause = commonCause(differing) ?? first.cause
  return { action: 'update', type, name, ...idOf(observed), cause, fields: differing, desired, observed }
}

/** The cause of all of them; `written` when they differ. */
function commonCause(of: readonly { readonly cause: Cause }[]): Cause | undefined {
  return of.every(({ cause }) => cause === of[0]?.cause) ? of[0]?.cause : 'written'
}

/**
 * An entry with nothing but an intent may be ours, or somebody else's who came between our intent and the create that
 * never happened: it is ours only if it is what we meant to make.
 */
function rightfulEntry(
  entry: InventoryEntry | undefined,
  observed: Resource | undefined,
): InventoryEntry | undefined {
  if (entry === undefined || observed === undefined || !nothingMade(entry)) return entry
  return madeBy(entry, observed) ? entry : undefined
}

function unwrittenEntries<R extends Resource>(input: PlanInput<R>): readonly InventoryEntry[] {
  const written = new Set(input.desired.map(keyOf))
  return [...input.inventory.values()].filter(
    (entry) => !written.has(keyOf(entry)) && !input.untouchable.has(keyOf(entry)),
  )
}

/**
 * What is in the inventory and no longer written. Deleted only by `sync`, and only what we made: something that was
 * there before us, or that somebody deleted and made again under the same name, is let go instead.
 */
function prune<R extends Resource>(
  entries: readonly InventoryEntry[],
  observed: ReadonlyMap<ResourceKey, R>,
  policy: Policy,
): { readonly deletions: readonly Change<R>[]; readonly orphans: readonly ResourceKey[] } {
  const deletions: Change<R>[] = []
  const orphans: ResourceKey[] = []
  for (const entry of entries) {
    const found = observed.get(keyOf(entry))
    if (found === undefined || !entry.deletable || !madeBy(entry, found)) continue
    const { type, name } = entry
    if (policy !== 'sync') orphans.push(keyOf(entry))
    else
      deletions.push({
        action: 'delete',
        type,
        name,
        ...idOf(found),
        cause: 'written',
        fields: [],
        observed: found,
        ...(entry.remembered === undefined ? {} : { remembered: entry.remembered }),
      })
  }
  return { deletions, orphans: orphans.sort() }
}

function idOf(resource: Resource): { readonly id?: string } {
  return resource.id === undefined ? {} : { id: resource.id }
}

function upserts(changes: readonly Change[]): number {
  return changes.filter((change) => change.action !== 'delete').length
}

/** The order of a plan. */
export function byKey(a: Resource | Change, b: Resource | Change): number {
  const [left, right] = [keyOf(a), keyOf(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

function byPath(a: FieldChange, b: FieldChange): number {
  return a.path < b.path ? -1 : 1
}

/** What a plan lets through, part by part: an approved part stands beside the part that needed no approval. */
export function passing<R extends Resource>(planned: Plan<R>): readonly Change<R>[] {
  return planned.changes.filter(({ judgement }) => judgement.verdict === 'apply').map(({ change }) => change)
}

/**
 * What a plan lets through, one change per resource: services refuse two changes of one resource in one request. The whole is of
 * the last part's class, which is the heaviest; a replace among the parts makes it a replace.
 */
export function applicable<R extends Resource>(planned: Plan<R>): readonly Change<R>[] {
  const parts = Map.groupBy(passing(planned), keyOf)
  return [...parts.values()].flatMap((of) => {
    const main = of.find(({ action }) => action === 'replace') ?? of.at(-1)
    if (main === undefined || of.length === 1) return of
    const fields = of.flatMap((part) => part.fields).sort(byPath)
    return [{ ...main, fields, cause: commonCause(fields) ?? main.cause }]
  })
}

/** The changes that wait for an approval. */
export function held<R extends Resource>(planned: Plan<R>): readonly PlannedChange<R>[] {
  return planned.changes.filter(({ judgement }) => judgement.verdict === 'held')
}
