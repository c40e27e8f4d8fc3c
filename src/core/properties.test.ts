import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { made as entryMade, inventoryOf, planOf } from '../../test/support/resources.ts'
import { brake } from './brake.ts'
import { equal } from './canonical.ts'
import { type Inventory, type InventoryEntry, madeBy, nothingMade, sameInventory } from './inventory.ts'
import { type PlanInput, applicable } from './plan.ts'
import type { Change, FieldChange, Json, Plan, Resource, ResourceKey } from './resource.ts'
import { keyOf } from './resource.ts'
import type { Rule } from './rules.ts'
import { type Settlement, intend, settle } from './settle.ts'

const runs = { numRuns: 500 }
const names = ['a', 'b', 'c', '__proto__', 'constructor'] as const
const paths = ['x', 'y', '__proto__'] as const

const value: fc.Arbitrary<Json> = fc.constantFrom<Json>(1, 2, 'text', null)
const fields = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...paths), value), { selector: ([path]) => path })
  .map((each) => new Map(each))
const id = fc.constantFrom('id1', 'id2')
const name = fc.constantFrom(...names)

const desiredArb: fc.Arbitrary<Resource> = fc
  .record({ name, fields, whole: fc.boolean() })
  .map(({ name: of, fields: values, whole }) => {
    return { type: 'topics', name: of, fields: values, ...(whole ? { whole } : {}) }
  })
const observedArb: fc.Arbitrary<Resource> = fc
  .record({ name, fields, id, inherited: fc.subarray([...paths]), permanent: fc.subarray([...paths]) })
  .map(({ name: of, fields: values, id: server, inherited, permanent }) => {
    const explicit = new Set([...values.keys()].filter((path) => !inherited.includes(path as 'x')))
    return { type: 'topics', name: of, fields: values, id: server, explicit, permanent: new Set(permanent) }
  })
const entryArb: fc.Arbitrary<InventoryEntry> = fc
  .record({ name, fields, intended: fc.option(fields), id: fc.option(id), deletable: fc.boolean() })
  .map(({ name: of, fields: values, intended, id: server, deletable }) => ({
    ...entryMade(of, {}, { id: server ?? '', deletable }),
    fields: values,
    ...(intended === null ? {} : { intended }),
  }))

/** A rule that holds some changes and splits others: what it is does not matter, only that it is pure. */
const someRules: readonly Rule[] = [
  {
    code: 'HoldsDrift',
    severity: 'held',
    says: '',
    wayOut: '',
    onlyCause: 'drift',
    judge: ({ name: of }) => (of === 'b' ? { message: '' } : undefined),
  },
  {
    code: 'RefusesY',
    severity: 'refused',
    says: '',
    wayOut: '',
    judge: ({ fields: of }) =>
      of.some(({ path, after }) => path === 'y' && after === 2) ? { fields: ['y'], message: '' } : undefined,
  },
]

/** A service that makes a resource anew where `y` is to change, and leaves the old one beside it. */
function anewForY(change: Change): readonly Change[] {
  const y = change.fields.filter(({ path }) => path === 'y')
  const rest = change.fields.filter(({ path }) => path !== 'y')
  const leaves = { name: `${change.name}-left`, ...(change.id === undefined ? {} : { id: change.id }) }
  const parts: readonly Change[] = [
    { ...change, fields: rest, class: 'in place' },
    { ...change, fields: y, class: 'anew', action: 'replace', leaves },
  ]
  return parts.filter((part) => part.fields.length > 0)
}

function unique<T extends { readonly name: string }>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<readonly T[]> {
  return fc.uniqueArray(arbitrary, { selector: (each) => each.name, maxLength: names.length })
}

const inputArb: fc.Arbitrary<Partial<PlanInput<Resource>>> = fc.record({
  desired: unique(desiredArb),
  observed: unique(observedArb),
  inventory: unique(entryArb).map((entries) => inventoryOf(...entries)),
  untouchable: fc.subarray(['topics/a', 'topics/b'] as const).map((keys) => new Set<ResourceKey>(keys)),
  policy: fc.constantFrom('upsert-only', 'sync', 'observe-only'),
  adopt: fc.boolean(),
  rules: fc.constantFrom([], someRules),
  classify: fc.constantFrom((change: Change) => [change], anewForY),
})

/** As the planner does: what is untouchable is not among desired. */
function inputOf(
  generated: Partial<PlanInput<Resource>>,
): Partial<PlanInput<Resource>> & Pick<PlanInput<Resource>, 'desired' | 'observed' | 'inventory'> {
  const { desired = [], observed = [], inventory = new Map(), untouchable = new Set() } = generated
  return {
    ...generated,
    desired: desired.filter((each) => !untouchable.has(keyOf(each))),
    observed,
    inventory,
  }
}

/** Runs with a random seed; a failure prints it, with the path to the counterexample. */
function always(check: (input: ReturnType<typeof inputOf>) => void): void {
  fc.assert(
    fc.property(inputArb, (generated) => check(inputOf(generated))),
    runs,
  )
}

/** A service that does as it is told. */
function carriedOut(observed: readonly Resource[], changes: readonly Change[]): readonly Resource[] {
  const after = new Map(observed.map((each) => [keyOf(each), each]))
  for (const change of changes) {
    const before = after.get(keyOf(change))
    const { type, leaves } = change
    if (before !== undefined && leaves !== undefined) {
      const old = { ...before, name: leaves.name }
      after.set(keyOf({ type, name: leaves.name }), old)
    }
    if (change.action === 'delete') after.delete(keyOf(change))
    else after.set(keyOf(change), performed(before, change))
  }
  return [...after.values()]
}

function performed(before: Resource | undefined, change: Change): Resource {
  const values = new Map(before?.fields)
  const explicit = new Set(before?.explicit)
  for (const { path, after } of change.fields) {
    if (after === undefined) values.delete(path)
    else values.set(path, after)
    if (after === undefined) explicit.delete(path)
    else explicit.add(path)
  }
  const anew = before === undefined || change.action === 'replace'
  return {
    type: change.type,
    name: change.name,
    id: anew ? `made-${change.name}` : (before.id ?? ''),
    fields: values,
    explicit,
    ...(before?.permanent === undefined ? {} : { permanent: before.permanent }),
  }
}

/** What a replace of this very plan left: under sync it is deleted next. */
function isLeftover(change: Change): boolean {
  return change.action === 'delete' && change.name.endsWith('-left')
}

/** Everything that applies was done, unless `became` says otherwise. */
function settledAfter(
  input: ReturnType<typeof inputOf>,
  planned: Plan,
  inventory: Inventory,
  observed: readonly Resource[],
  became?: Pick<Settlement<Resource>, 'done' | 'notDone'>,
): Inventory {
  return settle({
    inventory,
    plan: planned,
    desired: input.desired,
    observed: new Map(observed.map((each) => [keyOf(each), each])),
    done: new Set(applicable(planned).map(keyOf)),
    notDone: new Set(),
    untouchable: input.untouchable ?? new Set(),
    adopt: input.adopt ?? false,
    ...became,
  })
}

function canGo(path: string, { explicit, permanent }: Resource): boolean {
  return explicit?.has(path) === true && permanent?.has(path) !== true
}

const nothingCame = { done: new Set<ResourceKey>(), notDone: new Set<ResourceKey>() }

/** We applied the desired value, and what is there instead is not what a crashed pass of ours meant. */
function isDrift(
  entry: InventoryEntry | undefined,
  change: Change,
  { path, before, after }: FieldChange,
): boolean {
  const ownDoing =
    change.action !== 'create' && before !== undefined && equal(entry?.intended?.get(path), before)
  return equal(entry?.fields.get(path), after) && !ownDoing
}

describe('for any desired, observed and inventory', () => {
  it('a plan is the same each time, and in whatever order its inputs come', () => {
    always((input) => {
      const planned = planOf(input)
      const turned = {
        ...input,
        desired: input.desired.toReversed(),
        observed: input.observed.toReversed(),
        inventory: new Map([...input.inventory].reverse()),
      }
      assert.deepEqual(planOf(input), planned)
      assert.deepEqual(planOf(turned), planned)
    })
  })

  it('carrying out what applies leaves nothing to apply', () => {
    always((input) => {
      const planned = planOf(input)
      const changes = applicable(planned)
      const observed = carriedOut(input.observed, changes)
      const inventory = settledAfter(
        input,
        planned,
        intend(input.inventory, changes, input.adopt ?? false),
        observed,
      )
      const again = planOf({ ...input, observed, inventory })
      assert.deepEqual(
        applicable(again).filter((change) => !isLeftover(change)),
        [],
      )
      assert.equal(
        settledAfter(input, again, inventory, observed, nothingCame),
        inventory,
        'and the inventory stands still',
      )
    })
  })

  it('the parts of a change hold its fields once, and go out as one', () => {
    always((input) => {
      const fieldsOf = (changes: readonly Change[]) =>
        changes.map((change) => [keyOf(change), change.fields.map(({ path }) => path)])
      const plain = { ...input, classify: (change: Change) => [change], rules: [], adopt: true }
      const whole = applicable(planOf(plain))
      const parts = applicable(planOf({ ...plain, classify: anewForY }))
      assert.deepEqual(fieldsOf(parts), fieldsOf(whole))
      assert.ok(parts.every((change) => (change.leaves !== undefined) === (change.action === 'replace')))
    })
  })

  it('what a replace of ours left is in the inventory as ours to delete, and nothing else is new in it', () => {
    always((input) => {
      const planned = planOf({ ...input, classify: anewForY })
      const changes = applicable(planned)
      const intended = intend(input.inventory, changes, false)
      assert.deepEqual(
        [...intended.keys()].filter((key) => key.endsWith('-left')),
        [],
        'not before it is done',
      )
      const inventory = settledAfter(input, planned, intended, carriedOut(input.observed, changes))
      const replaced = changes.filter((change) => {
        return change.action === 'replace' && intended.get(keyOf(change))?.deletable === true
      })
      const left = new Map([...inventory].filter(([key]) => key.endsWith('-left')))
      assert.deepEqual(
        left,
        inventoryOf(
          ...replaced.map((change) => entryMade(`${change.name}-left`, {}, { id: change.id ?? '' })),
        ),
      )
    })
  })

  it('an intent that is meant again is the same inventory, whatever is under way', () => {
    always((input) => {
      const changes = applicable(planOf({ ...input, classify: anewForY }))
      const once = intend(input.inventory, changes, input.adopt ?? false)
      const again = applicable(planOf({ ...input, classify: anewForY, inventory: once }))
      if (again.length < changes.length || changes.some(({ cause }) => cause === 'adoption')) return
      const twice = intend(once, changes, input.adopt ?? false)
      assert.ok(sameInventory(twice, intend(twice, changes, input.adopt ?? false)))
    })
  })

  it('what the service cannot remove stays told until it is written or made anew', () => {
    always((input) => {
      const planned = planOf(input)
      const changes = applicable(planned)
      const observed = carriedOut(input.observed, changes)
      const intended = intend(input.inventory, changes, input.adopt ?? false)
      const inventory = settledAfter(input, planned, intended, observed)
      const again = planOf({ ...input, observed, inventory })
      for (const [key, stays] of planned.retained) assert.deepEqual(again.retained.get(key), stays)
    })
  })

  it('nothing outside desired and inventory is in a plan', () => {
    always((input) => {
      const known = new Set([...input.desired.map(keyOf), ...input.inventory.keys()])
      const planned = planOf(input)
      const touched = [
        ...planned.changes.map(({ change }) => keyOf(change)),
        ...planned.orphans,
        ...planned.adopted.map(keyOf),
      ]
      for (const key of touched) {
        assert.ok(known.has(key))
        assert.ok(!(input.untouchable ?? new Set()).has(key))
      }
    })
  })

  it('nothing is deleted but by sync, from the inventory, deletable, made by us and not written', () => {
    always((input) => {
      for (const { change } of planOf(input).changes.filter((each) => each.change.action === 'delete')) {
        const entry = input.inventory.get(keyOf(change))
        const observed = input.observed.find((each) => keyOf(each) === keyOf(change))
        assert.equal(input.policy, 'sync')
        assert.ok(entry?.deletable === true && observed !== undefined && madeBy(entry, observed))
        assert.equal(change.id, observed.id)
        assert.ok(!input.desired.some((each) => keyOf(each) === keyOf(change)))
      }
    })
  })

  it('nothing applies under observe-only', () => {
    always((input) => assert.deepEqual(applicable(planOf({ ...input, policy: 'observe-only' })), []))
  })

  it('a field is drift exactly where the value last applied is the desired one', () => {
    always((input) => {
      for (const { change } of planOf(input).changes) {
        const entry = input.inventory.get(keyOf(change))
        const adopting = entry === undefined || nothingMade(entry)
        for (const field of change.fields.filter(({ after }) => after !== undefined)) {
          if (field.cause === 'adoption') assert.ok(adopting)
          else assert.equal(field.cause === 'drift', isDrift(entry, change, field))
        }
      }
    })
  })

  it('a field is removed only where we may have set it and it is set on the resource', () => {
    always((input) => {
      for (const { change } of planOf(input).changes) {
        for (const { path, after } of change.fields.filter((each) => each.after === undefined)) {
          const entry = input.inventory.get(keyOf(change))
          assert.equal(after, undefined)
          const ours = entry?.fields.has(path) === true || entry?.intended?.has(path) === true
          const { desired, observed } = change
          assert.ok(ours || desired?.whole === true)
          assert.ok(observed !== undefined && canGo(path, observed))
        }
      }
    })
  })

  it('intent and settling keep every resource that was made, whatever became of each change', () => {
    const fates = fc.func(fc.constantFrom('done', 'failed', 'lost', 'lost but done'))
    fc.assert(
      fc.property(inputArb, fates, (generated, fate) => {
        const input = inputOf(generated)
        const planned = planOf(input)
        const became = (...of: readonly string[]) =>
          applicable(planned).filter(({ name: each }) => of.includes(fate(each)))
        const carriedOutNow = became('done', 'lost but done')
        const inventory = settledAfter(
          input,
          planned,
          intend(input.inventory, applicable(planned), input.adopt ?? false),
          carriedOut(input.observed, carriedOutNow),
          { done: new Set(became('done').map(keyOf)), notDone: new Set(became('failed').map(keyOf)) },
        )
        const made = carriedOutNow.filter(({ action }) => action === 'create')
        const undone = became('failed', 'lost', 'lost but done').filter(({ action }) => action === 'delete')
        const withheld = planned.changes
          .filter(({ judgement }) => judgement.verdict !== 'apply')
          .map(({ change }) => change)
        const standing = withheld.filter(({ action }) => action === 'delete')
        const forgotten = [...made, ...undone, ...standing].filter((change) => !inventory.has(keyOf(change)))
        assert.deepEqual(forgotten, [])
        for (const key of planned.orphans) assert.equal(inventory.get(key), input.inventory.get(key))
      }),
      runs,
    )
  })

  it('the right to delete is never gained but by making, or by adopt', () => {
    always((input) => {
      const planned = planOf({ ...input, adopt: false })
      const changes = applicable(planned)
      const observed = carriedOut(input.observed, changes)
      const inventory = settledAfter(
        { ...input, adopt: false },
        planned,
        intend(input.inventory, changes, false),
        observed,
      )
      const created = new Set(changes.filter(({ action }) => action === 'create').map(keyOf))
      for (const [key, entry] of inventory) {
        const origin = key.replace(/-left$/, '') as ResourceKey
        const had = input.inventory.get(origin)?.deletable === true
        if (entry.deletable) assert.ok(created.has(key) || had, key)
      }
    })
  })

  it('the brake lets through all deletions or none', () => {
    fc.assert(
      fc.property(
        inputArb,
        fc.nat(6),
        fc.option(fc.nat(3), { nil: undefined }),
        (generated, inventory, maxDeletes) => {
          const braked = brake(planOf({ ...inputOf(generated), policy: 'sync' }), {
            recent: new Set(),
            inventory,
            maxDeletes,
          })
          const verdicts = braked.changes
            .filter(({ change }) => change.action === 'delete')
            .map(({ judgement }) => judgement.verdict)
          if (verdicts.includes('apply')) {
            assert.ok(
              !braked.changes.some(
                ({ judgement }) => judgement.verdict === 'held' && judgement.code === 'DeletionBrake',
              ),
            )
          }
        },
      ),
      runs,
    )
  })
})
