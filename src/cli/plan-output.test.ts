import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { depotReconciler } from '../../test/support/depot-desk.ts'
import { Depot, DepotClient } from '../../test/support/depot.ts'
import { inventoryOf, made } from '../../test/support/resources.ts'
import { MemorySecrets } from '../../test/support/secrets.ts'
import { writtenOf } from '../../test/support/written.ts'
import type { Controls } from '../reconcile/written.ts'
import { makePlan } from '../reconcile/planner.ts'
import { type DocumentPlan, printJson, printText } from './plan-output.ts'

const never = new AbortController().signal

/** `crate` stands small and tagged in a depot without racks, made by this document. */
async function planOf(
  boxes: Readonly<Record<string, unknown>>,
  controls: Partial<Controls> = {},
  coming: ReadonlySet<`${string}/${string}`> = new Set(),
): Promise<DocumentPlan> {
  const depot = new Depot()
  depot.boxes.set(
    'crate-1',
    depot.thing([
      ['size', 1],
      ['tag.old', 'x'],
    ]),
  )
  depot.labels.set('crate', 'crate-1')
  const service = depotReconciler(depot)
  const [, type] = service.types
  assert.ok(type)
  const written = writtenOf('boxes', 'boxes', boxes, { controls })
  const entry = { ...made('crate', { size: 1, 'tag.old': 'x' }, { id: 'id1' }), type: 'boxes' }
  const facts = {
    inventory: inventoryOf(entry),
    foreign: new Set<never>(),
    brake: { recent: new Set<string>(), inventory: 1 },
    approval: undefined,
    applies: false,
    coming,
    kind: 'depot',
    secrets: new MemorySecrets(),
    now: 0,
  }
  const planned = await makePlan(type, written, new DepotClient(depot), facts, never)
  assert.equal(depot.writes, 0)
  const document = {
    service,
    type,
    written,
    base: false,
    instance: '',
    file: 'boxes.yaml',
    line: 1,
    firstLine: 1,
  }
  return { document, planned, conflicts: [] }
}

function textOf(...plans: readonly DocumentPlan[]): string {
  let out = ''
  printText(plans, { out: { write: (text: string) => (out += text) }, env: {} })
  return out
}

const changed = { crate: { size: 2, colour: 'red' }, chest: { rack: 'cellar' }, mauve: { colour: 'mauve' } }

describe('a plan of changes with classes', () => {
  it('shows of each its class and why, what waits and for what, what is refused and what stays', async () => {
    const plan = await planOf(changed)
    const hash = plan.planned.hash ?? ''
    assert.equal(
      textOf(plan),
      `# team/boxes (upsert-only) boxes.yaml
! boxes/chest  create waiting (DependencyMissing): waits for racks/cellar
    + rack: cellar
~ boxes/crate  update [in place]
    # it can be set as it stands
    + colour: red
! boxes/crate  replace [another box] held (NeedsAnotherBox): it needs another box
    # a box keeps its size
    ~ box: crate-1 → crate-2
    ~ size: 1 → 2
! boxes/mauve  create refused (RejectedByServer): there is no mauve
? boxes/crate  retained: no longer written, and the service cannot remove tag.old

Plan: 0 to create, 1 to change, 0 to delete, 1 held (hash ${hash}), 1 refused, 1 waiting

To let the held changes of boxes through, commit this annotation on it:
    infometis.io/approve: "${hash}"
or, where Flux does not manage it: infometis approve team/boxes --hash ${hash}
`,
    )
  })

  it('shows an approved replace as one that would be made', async () => {
    const { hash } = (await planOf(changed)).planned
    const text = textOf(await planOf(changed, { approve: hash }))
    assert.match(text, /^± boxes\/crate {2}replace \[another box\]\n {4}# a box keeps its size$/m)
    assert.match(text, /^Plan: 0 to create, 1 to change, 1 to replace, 0 to delete, 1 refused, 1 waiting$/m)
  })

  it('waits for nothing that a document planned before would make', async () => {
    const plan = await planOf({ chest: { rack: 'cellar' } }, {}, new Set(['racks/cellar'] as const))
    assert.match(textOf(plan), /^\+ boxes\/chest {2}create$/m)
  })

  it('carries all of that as JSON', async () => {
    let out = ''
    printJson([await planOf(changed)], { out: { write: (text: string) => (out += text) }, env: {} })
    const parsed = JSON.parse(out) as {
      readonly plans: readonly [Record<string, unknown>]
      readonly counts: Record<string, number>
    }
    const [{ changes, retained }] = parsed.plans
    assert.deepEqual(retained, { 'boxes/crate': ['tag.old'] })
    assert.deepEqual(
      (changes as Record<string, unknown>[]).map(({ name, action, verdict, class: way, reason }) => {
        return [name, action, verdict, way, reason]
      }),
      [
        ['chest', 'create', 'waiting', undefined, undefined],
        ['crate', 'update', 'apply', 'in place', 'it can be set as it stands'],
        ['crate', 'replace', 'held', 'another box', 'a box keeps its size'],
        ['mauve', 'create', 'refused', undefined, undefined],
      ],
    )
    assert.deepEqual([parsed.counts['waiting'], parsed.counts['held'], parsed.counts['refused']], [1, 1, 1])
  })
})
