import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  applying,
  changeOf,
  found,
  glance,
  inventoryOf,
  made,
  planOf,
  planWith,
  wanted,
} from '../../test/support/resources.ts'
import { lastShown } from './baseline.ts'
import type { InventoryEntry } from './inventory.ts'
import type { Json, Resource } from './resource.ts'
import { intend, settle } from './settle.ts'

type Values = Readonly<Record<string, Json>>

const parts: Values = { 'box.1': 'Timer', 'box.1.every': '10 s' }
const shown: Values = { 'box.1': 'Timer', 'box.1.every': '10 sec', 'box.1.retries': 10 }

function flow(values: Values): Resource {
  return { ...wanted('a', values), baseline: true, whole: true, titles: new Map([['box.1', 'timer "Tick"']]) }
}

/** Only that a box is there is explicit, as long as no baseline says more. */
function live(values: Values, spelledBy = '1.0'): Resource {
  const boxes = Object.keys(values).filter((path) => /^box\.\d+$/.test(path))
  return { ...found('a', values), explicit: new Set(boxes), spelledBy }
}

const entry = (spelled?: Values): InventoryEntry => ({
  ...made('a', parts),
  ...(spelled === undefined ? {} : { spelled: new Map(Object.entries(spelled)), spelledBy: '1.0' }),
})

const known = entry({ 'box.1.every': '10 sec', 'box.1.retries': 10 })

function planned(desired: Values, observed: Resource, of: InventoryEntry | undefined, respells = false) {
  return planOf({
    desired: [flow(desired)],
    observed: [observed],
    inventory: of === undefined ? inventoryOf() : inventoryOf(of),
    respells: (path) => respells && path.startsWith('box.1.'),
  })
}

function settled(observed: Resource, before: InventoryEntry, done: boolean, desired = parts): InventoryEntry {
  const plan = planWith(...(done ? [applying(changeOf('update', 'a'))] : []))
  const after = settle({
    inventory: inventoryOf(before),
    plan,
    desired: [flow(desired)],
    observed: new Map([['topics/a', observed]]),
    done: new Set(done ? ['topics/a' as const] : []),
    notDone: new Set(),
    untouchable: new Set(),
    adopt: false,
  }).get('topics/a')
  assert.ok(after)
  return after
}

describe('a baseline', () => {
  it('is what the service shows beside what was written, right after it took it', () => {
    const after = settled(live(shown), entry(), true)
    assert.deepEqual(
      after.spelled,
      new Map<string, Json>([
        ['box.1.every', '10 sec'],
        ['box.1.retries', 10],
      ]),
    )
    assert.equal(after.spelledBy, '1.0')
  })

  it('is known from then on: what the service spelled and added is no drift', () => {
    assert.deepEqual(glance(planned(parts, live(shown), known)), [])
  })

  it('does not move with what the service shows later', () => {
    const edited = live({ ...shown, 'box.1.retries': 3 })
    assert.equal(settled(edited, known, false), known)
  })

  it('finds drift in what is written, in what was added, in what was removed and in what is new', () => {
    const of = (values: Values) => glance(planned(parts, live(values), known))
    assert.deepEqual(of({ ...shown, 'box.1.every': '1 min' }), ['update a [box.1.every/drift] apply'])
    assert.deepEqual(of({ ...shown, 'box.1.retries': 3 }), ['update a [box.1.retries/drift] apply'])
    assert.deepEqual(of({ 'box.1': 'Timer', 'box.1.every': '10 sec' }), [
      'update a [box.1.retries/drift] apply',
    ])
    assert.deepEqual(of({ ...shown, 'box.2': 'Timer' }), ['update a [box.2/drift] apply'])
  })

  it('gives way where Git writes something else', () => {
    const written = { ...parts, 'box.1.every': '20 s' }
    assert.deepEqual(glance(planned(written, live(shown), known)), ['update a [box.1.every/written] apply'])
  })

  it('that is not known leaves what nobody wrote alone, but not what is there as a whole', () => {
    const same = { ...shown, 'box.1.every': '10 s' }
    assert.deepEqual(glance(planned(parts, live(same), entry())), [])
    assert.deepEqual(glance(planned(parts, live({ ...same, 'box.2': 'Timer' }), entry())), [
      'update a [box.2/drift] apply',
    ])
  })

  it('is taken by the first look at what was found equal', () => {
    const same = { ...shown, 'box.1.every': '10 s' }
    assert.deepEqual(settled(live(same), entry(), false).spelled, new Map([['box.1.retries', 10]]))
  })

  it('is taken anew when another release spells what it may spell anew', () => {
    const migrated = live({ 'box.1': 'Timer', 'box.1.period': '10 sec' }, '2.0')
    assert.deepEqual(glance(planned(parts, migrated, known, true)), [])
    const after = settled(migrated, known, false)
    assert.deepEqual(
      after.spelled,
      new Map<string, Json>([
        ['box.1.every', null],
        ['box.1.period', '10 sec'],
      ]),
    )
    assert.equal(after.spelledBy, '2.0')
    assert.deepEqual(glance(planned(parts, migrated, after)), [])
  })

  it('does not excuse what another release may not spell anew', () => {
    const other = live({ ...shown, 'box.1': 'Clock' }, '2.0')
    assert.deepEqual(glance(planned(parts, other, known, true)), ['update a [box.1/drift] apply'])
  })

  it('knows the edition that the service took, and takes what differs in that very edition for its own doing', () => {
    const edition = (values: Values, of: string): Resource => ({ ...live(values), edition: of })
    const taken = settled(edition(shown, '7'), entry(), true)
    assert.equal(taken.edition, '7')
    const respelled = { ...shown, 'box.1.retries': 3, 'box.2': 'Timer' }
    assert.deepEqual(glance(planned(parts, edition(respelled, '7'), taken)), [])
    const anew = settled(edition(respelled, '7'), taken, false)
    assert.deepEqual(anew.spelled?.get('box.1.retries'), 3)
    assert.deepEqual(glance(planned(parts, edition(shown, '8'), anew)), [
      'update a [box.1.retries/drift box.2/drift] apply',
    ])
    const written = { ...parts, 'box.1.every': '20 s' }
    assert.deepEqual(glance(planned(written, edition(shown, '7'), taken)), [
      'update a [box.1.every/written] apply',
    ])
  })

  it('goes on to the next edition where that shows the same, and not where it shows something else', () => {
    const taken = settled({ ...live(shown), edition: '7' }, entry(), true)
    assert.equal(settled({ ...live(shown), edition: '8' }, taken, false).edition, '8')
    const edited = live({ ...shown, 'box.1.retries': 3 })
    assert.equal(settled({ ...edited, edition: '8' }, taken, false), taken)
  })

  it('does not go on to an edition in which something is withheld', () => {
    const taken = settled({ ...live(shown), edition: '7' }, entry(), true)
    const edited = { ...live({ ...shown, 'box.1.every': '1 min' }), edition: '8' }
    const plan = planned(parts, edited, taken)
    const [drift] = plan.changes
    assert.ok(drift)
    const judgement = { verdict: 'withheld', code: 'ChangesWithheld', message: 'only looked at' } as const
    const after = settle({
      inventory: inventoryOf(taken),
      plan: { ...plan, changes: [{ ...drift, judgement }] },
      desired: [flow(parts)],
      observed: new Map([['topics/a', edited]]),
      done: new Set(),
      notDone: new Set(),
      untouchable: new Set(),
      adopt: false,
    }).get('topics/a')
    assert.equal(after?.edition, '7')
    assert.deepEqual(glance(planned(parts, edited, after)), glance(plan))
  })

  it('stays as it is where the resource was not read because of its edition', () => {
    const taken = settled({ ...live(shown), edition: '7' }, entry(), true)
    const unread: Resource = { ...found('a'), edition: '7', unread: true, fields: lastShown(taken) }
    assert.deepEqual(unread.fields, new Map(Object.entries(shown)))
    assert.deepEqual(glance(planned(parts, unread, taken)), [])
    assert.equal(settled(unread, taken, false), taken)
  })

  it('tells what differs behind a digest', () => {
    const holding = (of: Resource, content: Json) => ({ ...of, contents: new Map([['box.1', content]]) })
    const desired = holding(flow({ 'box.1': 'sha:1' }), { every: '10 s', at: [1] })
    const observed = holding(live({ 'box.1': 'sha:2' }), { every: '1 min', at: [1] })
    const [change] = planOf({ desired: [desired], observed: [observed] }).changes
    assert.deepEqual(change?.change.fields[0]?.within, [{ path: 'every', before: '1 min', after: '10 s' }])
    const [create] = planOf({ desired: [desired] }).changes
    assert.deepEqual(create?.change.fields[0]?.within, [{ path: '', after: { every: '10 s', at: [1] } }])
  })

  it('calls things by the names that people know', () => {
    const [change] = planned(parts, live({ ...shown, 'box.1.retries': 3 }), known).changes
    assert.equal(change?.change.fields[0]?.title, 'timer "Tick": retries')
  })
})

describe('what is remembered', () => {
  it('is kept from the intent on', () => {
    const remembered = new Map([['on-removal', 'delete']])
    const create = changeOf('create', 'a', [], { desired: { ...wanted('a', parts), remembered } })
    assert.deepEqual(intend(inventoryOf(), [create], false).get('topics/a')?.remembered, remembered)
  })

  it('is kept with the inventory and given back with the deletion', () => {
    const wish = new Map([['on-removal', 'stop']])
    const after = settle({
      inventory: inventoryOf(made('a', parts)),
      plan: planWith(),
      desired: [{ ...wanted('a', parts), remembered: wish }],
      observed: new Map([['topics/a', found('a', parts)]]),
      done: new Set(),
      notDone: new Set(),
      untouchable: new Set(),
      adopt: false,
    })
    assert.deepEqual(after.get('topics/a')?.remembered, wish)
    const { changes } = planOf({ observed: [found('a', parts)], inventory: after, policy: 'sync' })
    assert.deepEqual(changes[0]?.change.remembered, wish)
  })
})
