import { type Ignore } from '../../src/core/diff.ts'
import { type Inventory, type InventoryEntry, type Replaced, merge } from '../../src/core/inventory.ts'
import { type PlanInput, plan } from '../../src/core/plan.ts'
import type { Change, FieldChange, Json, Plan, PlannedChange, Resource } from '../../src/core/resource.ts'

type Values = Readonly<Record<string, Json>>

/** A resource of the type `topics`, as written. */
export function wanted(name: string, values: Values = {}): Resource {
  return { type: 'topics', name, fields: new Map(Object.entries(values)) }
}

/** The same as the service shows it, with an id and everything set on it explicitly. */
export function found(name: string, values: Values = {}, id = `id-of-${name}`): Resource {
  return { ...wanted(name, values), id, explicit: new Set(Object.keys(values)) }
}

/** An inventory entry: made by us with these values, unless `more` says otherwise. */
export function made(
  name: string,
  values: Values = {},
  more: {
    readonly id?: string
    readonly intended?: Values
    readonly deletable?: boolean
    readonly replaces?: Replaced
  } = {},
): InventoryEntry {
  const { intended, replaces, deletable = true, id = `id-of-${name}` } = more
  return {
    type: 'topics',
    name,
    fields: new Map(Object.entries(values)),
    deletable,
    ...(id === '' ? {} : { id }),
    ...(intended === undefined ? {} : { intended: new Map(Object.entries(intended)) }),
    ...(replaces === undefined ? {} : { replaces }),
  }
}

/** An entry as it is between an intent to create and the first sight of what was made. */
export function meant(name: string, intended: Values): InventoryEntry {
  return made(name, {}, { id: '', intended })
}

export function inventoryOf(...entries: readonly InventoryEntry[]): Inventory {
  return merge(new Map(), entries)
}

const nothingIgnored: Ignore = () => false

/** A plan with everything not named left at its plainest: no rules, `upsert-only`. */
export function planOf(input: Partial<PlanInput<Resource>>): Plan {
  const desired = input.desired ?? []
  return plan({
    desired,
    observed: [],
    inventory: new Map(),
    untouchable: new Set(),
    ignore: nothingIgnored,
    policy: 'upsert-only',
    adopt: false,
    allow: new Set(),
    rules: [],
    classify: (change) => [change],
    names: [],
    emptyDocument: desired.length === 0,
    ...input,
  })
}

export function field(path: string, before?: Json, after?: Json, cause: FieldChange['cause'] = 'written') {
  const sides = { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }
  return { path, ...sides, cause }
}

/** A change of `topics/<name>`; its id is the one that `found` gives. */
export function changeOf(
  action: Change['action'],
  name: string,
  fields: readonly FieldChange[] = [],
  more: Partial<Change> = {},
): Change {
  const id = action === 'create' ? {} : { id: `id-of-${name}` }
  return { action, type: 'topics', name, ...id, cause: 'written', fields, ...more }
}

export function applying(change: Change): PlannedChange {
  return { change, judgement: { verdict: 'apply' } }
}

export function holding(change: Change, code = 'DeletesData'): PlannedChange {
  return { change, judgement: { verdict: 'held', code, message: `${change.name} is held` } }
}

export function refusing(change: Change, code = 'PartitionsDecrease'): PlannedChange {
  return { change, judgement: { verdict: 'refused', code, message: `${change.name} is refused` } }
}

export function planWith(...changes: readonly PlannedChange[]): Plan {
  return { changes, orphans: [], adopted: [], retained: new Map(), yielded: new Map(), unchanged: 0 }
}

/** `update topics/a: apply`, for comparing a whole plan at a glance. */
export function glance({ changes, orphans, adopted }: Plan): readonly string[] {
  return [
    ...changes.map(({ change, judgement }) => {
      const code = judgement.verdict === 'apply' ? '' : ` (${judgement.code})`
      const fields = change.fields.map(({ path, cause }) => `${path}/${cause}`).join(' ')
      return `${change.action} ${change.name} [${fields}] ${judgement.verdict}${code}`
    }),
    ...orphans.map((key) => `orphan ${key}`),
    ...adopted.map(({ name }) => `adopt ${name}`),
  ]
}
