import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DepotDesk } from '../../test/support/depot-desk.ts'
import { turnsOfReplace } from '../../test/support/depot.ts'
import { Crash } from '../../test/support/desk.ts'
import type { InventoryEntry } from '../core/inventory.ts'

const small = { size: 1, colour: 'red' }
const large = { size: 2, colour: 'red', free: true }

/** `crate` was made small and is now to be large, which takes another box. */
async function resized(more: Parameters<DepotDesk['boxes']>[1] = {}): Promise<DepotDesk> {
  const desk = new DepotDesk()
  desk.boxes({ crate: small }, more)
  await desk.converge('boxes')
  desk.boxes({ crate: large }, more)
  return desk
}

function entry(desk: DepotDesk, name: string): InventoryEntry | undefined {
  return desk.state('boxes').inventory.get(`boxes/${name}`)
}

describe('a replace', () => {
  it('is asked about again until it is done, and its name stands for the new box then', async () => {
    const desk = await resized()
    assert.deepEqual(await desk.reconcile('boxes'), { kind: 'requeueAfter', ms: 1_000 })
    assert.deepEqual(desk.unready(), ['crate: pending Progressing'])
    const { ready, reason, message, summary } = desk.state('boxes')
    assert.deepEqual([ready, reason, summary], ['Unknown', 'Progressing', '0 ready, 1 pending'])
    assert.equal(message, 'crate: moved 1 of 3 things')
    assert.deepEqual(desk.behind('crate'), { box: 'crate-1', ...small })
    assert.deepEqual(await desk.converge('boxes'), { kind: 'done' })
    assert.deepEqual(desk.behind('crate'), { box: 'crate-2', colour: 'red', size: 2 })
    assert.equal(desk.state('boxes').summary, '1 ready')
  })

  it('leaves the old one in the inventory under its own name, once the name stands for another', async () => {
    const desk = await resized()
    const before = entry(desk, 'crate')?.id
    for (let turn = 0; turn < turnsOfReplace; turn += 1) {
      await desk.reconcile('boxes')
      assert.deepEqual([...desk.state('boxes').inventory.keys()], ['boxes/crate'])
      assert.deepEqual(entry(desk, 'crate')?.replaces, { name: 'crate-1', id: before, of: before })
    }
    await desk.reconcile('boxes')
    const { id, replaces, deletable } = entry(desk, 'crate') ?? {}
    assert.deepEqual([id, replaces, deletable], [desk.depot.boxes.get('crate-2')?.id, undefined, true])
    assert.deepEqual(entry(desk, 'crate-1'), {
      type: 'boxes',
      name: 'crate-1',
      id: before,
      deletable: true,
      fields: new Map(),
    })
  })

  it('makes the old one an orphan, and under sync a deletion bound to its id', async () => {
    const desk = await resized()
    await desk.converge('boxes')
    await desk.reconcile('boxes')
    assert.deepEqual(desk.unready(), ['crate-1: orphan Orphaned'])
    desk.boxes({ crate: large }, { policy: 'sync' })
    assert.equal((await desk.reconcile('boxes')).kind, 'terminal')
    assert.deepEqual(desk.unready(), ['crate-1: held DeletesBox'])
    assert.equal(desk.state('boxes').summary, '1 ready, 1 held')
    desk.boxes({ crate: large }, { policy: 'sync', approve: desk.state('boxes').plan?.hash })
    assert.deepEqual(await desk.converge('boxes'), { kind: 'done' })
    assert.deepEqual([...desk.depot.boxes.keys()], ['crate-2'])
    assert.deepEqual([...desk.state('boxes').inventory.keys()], ['boxes/crate'])
  })

  it('writes its intent once, then status only where the words differ', async () => {
    const desk = await resized()
    const saves: number[] = []
    for (let pass = 0; pass < turnsOfReplace + 2; pass += 1) {
      const before = desk.saves
      await desk.reconcile('boxes')
      saves.push(desk.saves - before)
    }
    assert.deepEqual(saves, [2, 1, 1, 1, 1], 'the last one tells of the orphan')
    const standing = desk.state('boxes')
    await desk.reconcile('boxes')
    assert.equal(desk.state('boxes'), standing)
  })

  it('is the very same inventory while it is under way', async () => {
    const desk = await resized()
    await desk.reconcile('boxes')
    const { inventory, history } = desk.state('boxes')
    await desk.reconcile('boxes')
    assert.equal(desk.state('boxes').inventory, inventory)
    assert.equal(desk.state('boxes').history, history)
  })

  it('is one line of history, one Event, one line in the log and one change in the metrics when it ends', async () => {
    const desk = await resized()
    desk.announced.length = desk.logged.length = desk.metered.length = 0
    await desk.converge('boxes')
    const note = 'replaced 1 (crate — nobody could reach in for 0.1 s)'
    const [last] = desk.state('boxes').history
    assert.deepEqual([last?.message, last?.updated, last?.count], [note, 1, 1])
    assert.deepEqual(
      desk.announced.map(({ reason, message }) => `${reason} ${message}`),
      ['Progressing crate: moved 1 of 3 things', `Applied ${note}`],
    )
    assert.deepEqual(desk.metered, ['replace pending', 'replace done'])
    const sent = desk.logged.filter((line) => JSON.stringify(line).includes('change sent'))
    assert.equal(sent.length, 2)
    assert.match(JSON.stringify(sent[1]), /"class":"another box".*"note":"nobody could reach in for 0\.1 s"/)
  })

  it('counts drift once, however often it is asked about', async () => {
    const desk = new DepotDesk()
    desk.boxes({ crate: { ...small, free: true } })
    await desk.converge('boxes')
    desk.depot.boxes.get('crate-1')?.fields.set('size', 7)
    await desk.converge('boxes')
    assert.deepEqual(desk.behind('crate'), { box: 'crate-2', ...small })
    assert.equal(desk.drifted, 2, 'its size, and the name’s move')
  })

  it('goes on each second though another entry waits for a person', async () => {
    const desk = await resized()
    desk.boxes({ crate: large, chest: { colour: 'mauve' } })
    assert.deepEqual(await desk.reconcile('boxes'), { kind: 'requeueAfter', ms: 1_000 })
    assert.deepEqual(desk.unready(), ['chest: refused RejectedByServer', 'crate: pending Progressing'])
    assert.equal((await desk.converge('boxes')).kind, 'terminal')
    assert.equal(desk.behind('crate').box, 'crate-2')
  })

  it('goes on each second though another entry waits for another resource', async () => {
    const desk = await resized()
    desk.boxes({ crate: large, chest: { rack: 'cellar' } })
    assert.deepEqual(await desk.reconcile('boxes'), { kind: 'requeueAfter', ms: 1_000 })
    assert.equal((await desk.converge('boxes')).kind, 'retryable')
    assert.equal(desk.behind('crate').box, 'crate-2')
  })

  it('is held while the rest of the change goes out, and is let through by its own hash over all its passes', async () => {
    const desk = await resized()
    const held = { ...large, colour: 'blue', free: false }
    desk.boxes({ crate: held })
    assert.equal((await desk.reconcile('boxes')).kind, 'terminal')
    assert.deepEqual(desk.unready(), ['crate: held NeedsAnotherBox'])
    assert.deepEqual(desk.behind('crate'), { box: 'crate-1', colour: 'blue', size: 1 })
    const hash = desk.state('boxes').plan?.hash
    assert.match(
      desk.state('boxes').plan?.text ?? '',
      /^! boxes\/crate {2}replace \[another box\] held \(NeedsAnotherBox\): it needs another box\n {4}# a box keeps its size\n {4}~ box: crate-1 → crate-2\n {4}~ size: 1 → 2$/,
    )
    desk.boxes({ crate: held }, { approve: hash })
    assert.deepEqual(await desk.reconcile('boxes'), { kind: 'requeueAfter', ms: 1_000 })
    assert.equal(desk.state('boxes').approval?.remaining.length, 1)
    await desk.restart()
    assert.deepEqual(await desk.converge('boxes'), { kind: 'done' })
    assert.equal(desk.behind('crate').box, 'crate-2')
    assert.deepEqual(desk.state('boxes').approval, { hash, remaining: [] })
  })

  it('is given up when Git takes it back: what was begun goes', async () => {
    const desk = await resized()
    await desk.reconcile('boxes')
    assert.ok(desk.depot.boxes.has('crate-2'))
    desk.boxes({ crate: small })
    assert.deepEqual(await desk.reconcile('boxes'), { kind: 'done' })
    assert.deepEqual([...desk.depot.boxes.keys()], ['crate-1'])
    assert.deepEqual(entry(desk, 'crate')?.fields, new Map(Object.entries(small)))
    assert.equal(entry(desk, 'crate')?.replaces, undefined)
  })

  it('is followed to the end when the wish changes on the way', async () => {
    const desk = await resized()
    await desk.reconcile('boxes')
    desk.boxes({ crate: { ...large, colour: 'green' } })
    assert.deepEqual(await desk.converge('boxes'), { kind: 'done' })
    assert.deepEqual(desk.behind('crate'), { box: 'crate-2', colour: 'green', size: 2 })
    await desk.reconcile('boxes')
    assert.deepEqual(desk.unready(), ['crate-1: orphan Orphaned'])
  })

  it('of something adopted leaves the live box alone: nothing is left as long as the name stands for it', async () => {
    const desk = new DepotDesk()
    const { depot } = desk
    depot.boxes.set('crate-1', depot.thing(Object.entries(small)))
    depot.labels.set('crate', 'crate-1')
    desk.boxes({ crate: large, other: small }, { adopt: true, policy: 'sync' })
    await desk.reconcile('boxes')
    assert.deepEqual([...desk.state('boxes').inventory.keys()], ['boxes/crate', 'boxes/other'])
    assert.deepEqual(desk.unready(), ['crate: pending Progressing'])
    await desk.converge('boxes')
    await desk.reconcile('boxes')
    assert.deepEqual(desk.unready(), ['crate-1: held DeletesBox'])
  })

  it('of something adopted without the right to delete lets the old one go', async () => {
    const desk = new DepotDesk()
    const { depot } = desk
    depot.boxes.set('crate-1', depot.thing(Object.entries(small)))
    depot.labels.set('crate', 'crate-1')
    desk.boxes({ crate: small })
    await desk.converge('boxes')
    desk.boxes({ crate: large })
    assert.deepEqual(await desk.converge('boxes'), { kind: 'done' })
    assert.deepEqual([...desk.state('boxes').inventory.keys()], ['boxes/crate'])
    assert.equal(desk.state('boxes').summary, '1 ready')
  })

  it('of something that is nobody’s waits whole for its adoption, the name’s move included', async () => {
    const desk = new DepotDesk()
    const { depot } = desk
    depot.boxes.set('crate-1', depot.thing(Object.entries(small)))
    depot.labels.set('crate', 'crate-1')
    desk.boxes({ crate: large })
    assert.equal((await desk.reconcile('boxes')).kind, 'terminal')
    assert.deepEqual(desk.unready(), ['crate: held AdoptionDiffers'])
    assert.equal(depot.writes, 0)
  })

  it('does not run into the brake half-way when others come to be replaced', async () => {
    const desk = new DepotDesk()
    const names = Array.from({ length: 10 }, (_, index) => `b${index}`)
    const sized = (large: number) =>
      Object.fromEntries(names.map((name, index) => [name, { size: index < large ? 2 : 1, free: true }]))
    desk.boxes(sized(0))
    await desk.converge('boxes')
    desk.boxes(sized(3))
    await desk.reconcile('boxes')
    await desk.restart()
    desk.boxes(sized(4))
    assert.deepEqual(await desk.reconcile('boxes'), { kind: 'requeueAfter', ms: 1_000 })
    assert.deepEqual(desk.unready(), [
      'b3: held DeletionBrake',
      'b0: pending Progressing',
      'b1: pending Progressing',
      'b2: pending Progressing',
    ])
    assert.equal((await desk.converge('boxes')).kind, 'terminal')
    assert.deepEqual(
      names.map((name) => desk.behind(name)['size']),
      [2, 2, 2, 1, 1, 1, 1, 1, 1, 1],
    )
  })

  it('is handed over with the name: the taker goes on with it, and has what is left', async () => {
    const desk = await resized()
    await desk.reconcile('boxes')
    desk.boxes({ stays: small })
    desk.boxes({ crate: large }, {}, 'others', 1)
    await desk.converge('others')
    await desk.converge('boxes')
    await desk.converge('others')
    assert.equal(desk.behind('crate').box, 'crate-2')
    assert.deepEqual([...desk.state('boxes').inventory.keys()], ['boxes/stays'])
    assert.deepEqual([...desk.state('others').inventory.keys()].sort(), ['boxes/crate', 'boxes/crate-1'])
  })

  it('that was done before a crash is known although the entry is no longer written', async () => {
    const desk = await resized()
    crashAfterSwap(desk)
    await desk.converge('boxes')
    assert.equal(desk.behind('crate').box, 'crate-2')
    await desk.restart()
    desk.boxes({ stays: small })
    desk.depot.beforeWrite = () => undefined
    assert.deepEqual(await desk.converge('boxes'), { kind: 'done' })
    await desk.reconcile('boxes')
    assert.deepEqual(desk.unready().toSorted(), ['crate-1: orphan Orphaned', 'crate: orphan Orphaned'])
    const standing = desk.state('boxes')
    await desk.reconcile('boxes')
    assert.equal(desk.state('boxes'), standing)
  })
})

/** Everything fails from the moment at which the name stands for the new box. */
function crashAfterSwap(desk: DepotDesk): void {
  desk.tap = () => {
    if (desk.depot.labels.get('crate') === 'crate-2') throw new Crash('killed')
  }
}

/** Steps of a whole replace, to be killed before and after each. */
const mostSteps = 60

describe('a replace that is killed', () => {
  for (const moment of ['before', 'after'] as const) {
    it(`${moment} any step goes on where it was: one box, one name, one thing left`, async () => {
      let reached = true
      for (let at = 0; reached && at < mostSteps; at += 1) {
        const desk = await resized()
        reached = await killedAt(desk, at, moment)
        await desk.restart()
        assert.deepEqual(await desk.converge('boxes'), { kind: 'done' }, `killed ${moment} step ${at}`)
        await desk.reconcile('boxes')
        assert.deepEqual([...desk.depot.boxes.keys()], ['crate-1', 'crate-2'], `killed ${moment} step ${at}`)
        assert.deepEqual(desk.behind('crate'), { box: 'crate-2', colour: 'red', size: 2 })
        assert.deepEqual(desk.unready(), ['crate-1: orphan Orphaned'])
        const { inventory } = desk.state('boxes')
        assert.deepEqual([...inventory.keys()].sort(), ['boxes/crate', 'boxes/crate-1'])
        assert.deepEqual(
          [...inventory.values()].map(({ deletable, intended }) => [deletable, intended]),
          [
            [true, undefined],
            [true, undefined],
          ],
        )
      }
      assert.ok(!reached, 'the last run met no kill: every step was tried')
    })
  }
})

/** Runs until the step of that number, and lets everything fail from there on. False: it was over before. */
async function killedAt(desk: DepotDesk, at: number, moment: 'before' | 'after'): Promise<boolean> {
  let steps = 0
  let dead = false
  const step = () => {
    dead ||= steps === at
    if (dead) throw new Crash('killed')
    steps += 1
  }
  desk.tap = (_step, when) => {
    if (when === moment || dead) step()
  }
  desk.depot.beforeWrite = step
  await desk.converge('boxes')
  desk.depot.beforeWrite = () => undefined
  return dead
}
