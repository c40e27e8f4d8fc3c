import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DepotDesk } from '../../test/support/depot-desk.ts'

const shelved = { rack: 'cellar', size: 1 }

describe('what needs a resource of another type', () => {
  it('waits until that is there, and says for what', async () => {
    const desk = new DepotDesk()
    desk.boxes({ crate: shelved, loose: {} })
    const result = await desk.reconcile('boxes')
    assert.equal(result.kind === 'retryable' && result.error.reason, 'DependencyMissing')
    assert.deepEqual(desk.unready(), ['crate: waiting DependencyMissing'])
    const { ready, reason, message, summary, plan } = desk.state('boxes')
    assert.deepEqual(
      [ready, reason, message, summary],
      ['Unknown', 'DependencyMissing', 'crate: waits for racks/cellar', '1 ready, 1 waiting'],
    )
    assert.match(
      plan?.text ?? '',
      /^! boxes\/crate {2}create waiting \(DependencyMissing\): waits for racks\/cellar\n/,
    )
    assert.deepEqual([...desk.depot.boxes.keys()], ['loose-1'])
  })

  it('is woken when a ConfigMap of that type has made it, and only then', async () => {
    const desk = new DepotDesk()
    desk.boxes({ crate: shelved })
    await desk.reconcile('boxes')
    desk.racks({ cellar: {} })
    assert.deepEqual(await desk.reconcile('racks'), { kind: 'done' })
    assert.deepEqual(desk.requeued, new Set(['team/boxes']))
    assert.deepEqual(await desk.reconcile('boxes'), { kind: 'done' })
    desk.requeued.clear()
    desk.racks({ cellar: {}, attic: {} })
    await desk.reconcile('racks')
    assert.deepEqual(desk.requeued, new Set())
  })

  it('is made together with what it needs of its own type, however deep', async () => {
    const desk = new DepotDesk()
    desk.racks({ top: { on: 'middle' }, middle: { on: 'cellar' }, cellar: {} })
    assert.deepEqual(await desk.reconcile('racks'), { kind: 'done' })
    assert.deepEqual([...desk.depot.racks.keys()].sort(), ['cellar', 'middle', 'top'])
  })

  it('waits with all that waits for it, of its own type as well, and nothing else does', async () => {
    const desk = new DepotDesk()
    desk.racks({ top: { on: 'middle' }, middle: { on: 'nowhere' }, cellar: {} })
    await desk.reconcile('racks')
    assert.deepEqual(desk.unready('racks'), [
      'middle: waiting DependencyMissing',
      'top: waiting DependencyMissing',
    ])
    assert.deepEqual([...desk.depot.racks.keys()], ['cellar'])
    assert.match(
      desk.state('racks').message,
      /^middle: waits for racks\/nowhere; top: waits for racks\/middle$/,
    )
  })

  it('writes status once while it waits', async () => {
    const desk = new DepotDesk()
    desk.boxes({ crate: shelved })
    await desk.reconcile('boxes')
    const { saves } = desk
    await desk.reconcile('boxes')
    assert.equal(desk.saves, saves)
  })

  it('asks for the names of the other type only where something is to be made', async () => {
    const desk = new DepotDesk()
    desk.racks({ cellar: {} })
    await desk.converge('racks')
    desk.boxes({ crate: shelved })
    await desk.converge('boxes')
    const lists = () => desk.steps.filter(({ what }) => what === 'list').length
    const before = lists()
    await desk.reconcile('boxes')
    assert.equal(lists(), before)
  })

  it('keeps its approval while it waits', async () => {
    const desk = new DepotDesk()
    desk.boxes({ crate: { size: 1 } })
    await desk.converge('boxes')
    desk.boxes({ crate: { size: 2 } })
    await desk.reconcile('boxes')
    const resized = { size: 2, rack: 'cellar' }
    desk.boxes({ crate: resized }, { approve: desk.state('boxes').plan?.hash })
    await desk.reconcile('boxes')
    assert.deepEqual(desk.unready(), ['crate: waiting DependencyMissing', 'crate: waiting DependencyMissing'])
    assert.equal(desk.state('boxes').summary, '0 ready, 1 waiting')
    desk.racks({ cellar: {} })
    await desk.reconcile('racks')
    assert.deepEqual(await desk.converge('boxes'), { kind: 'done' })
    assert.deepEqual(desk.behind('crate'), { box: 'crate-2', size: 2, rack: 'cellar' })
  })

  it('that was rejected is tried again when something of another type is made', async () => {
    const desk = new DepotDesk()
    desk.boxes({ crate: { size: 101 } })
    await desk.reconcile('boxes')
    assert.deepEqual(desk.unready(), ['crate: refused RejectedByServer'])
    await desk.reconcile('boxes')
    assert.equal(desk.applied().length, 1, 'not sent again')
    desk.racks({ cellar: {} })
    await desk.reconcile('racks')
    assert.deepEqual(desk.requeued, new Set(['team/boxes']))
    await desk.reconcile('boxes')
    assert.equal(desk.applied().length, 3, 'the rack, and the box once more')
  })

  it('is not woken by what the service accepted and does not show', async () => {
    const desk = new DepotDesk()
    desk.boxes({ crate: { size: 101 } })
    await desk.reconcile('boxes')
    desk.racks({ cellar: {} })
    desk.tap = ({ what }, moment) => {
      if (what === 'apply' && moment === 'after') desk.depot.racks.clear()
      if (what === 'observe' && moment === 'after') desk.elapsed += 6_000
    }
    assert.deepEqual(await desk.reconcile('racks'), { kind: 'requeueAfter', ms: 1_000 })
    assert.deepEqual(desk.requeued, new Set(), 'or each look at it would send again what was rejected')
  })
})

describe('the service’s own spelling', () => {
  it('is what is compared: nothing is written twice', async () => {
    const desk = new DepotDesk()
    desk.boxes({ crate: { colour: 'RED' } })
    assert.deepEqual(await desk.converge('boxes'), { kind: 'done' })
    assert.deepEqual(desk.behind('crate'), { box: 'crate-1', colour: 'red' })
    const { writes } = desk.depot
    assert.deepEqual(await desk.reconcile('boxes'), { kind: 'done' })
    assert.equal(desk.depot.writes, writes)
  })

  it('that the service will not give refuses the entry whole, in its order, and the others go on', async () => {
    const desk = new DepotDesk()
    desk.boxes({ chest: { colour: 'mauve', size: 1 }, box: {}, tin: { rack: 'cellar' } })
    assert.equal((await desk.reconcile('boxes')).kind, 'terminal')
    assert.deepEqual(desk.unready(), ['chest: refused RejectedByServer', 'tin: waiting DependencyMissing'])
    assert.equal(desk.state('boxes').summary, '1 ready, 1 refused, 1 waiting')
    assert.match(
      desk.state('boxes').plan?.text ?? '',
      /^! boxes\/chest {2}create refused \(RejectedByServer\): there is no mauve\n! boxes\/tin/,
    )
  })

  it('that the service will not give leaves what is there, and its inventory, as they are', async () => {
    const desk = new DepotDesk()
    desk.boxes({ chest: { colour: 'red' } }, { policy: 'sync' })
    await desk.converge('boxes')
    const { inventory } = desk.state('boxes')
    desk.boxes({ chest: { colour: 'mauve' } }, { policy: 'sync' })
    await desk.reconcile('boxes')
    assert.deepEqual(desk.behind('chest'), { box: 'chest-1', colour: 'red' })
    assert.equal(desk.state('boxes').inventory, inventory)
    assert.match(desk.state('boxes').plan?.text ?? '', /^! boxes\/chest {2}update refused/)
  })

  it('is not asked for where nothing is written', async () => {
    const desk = new DepotDesk()
    desk.boxes({})
    await desk.reconcile('boxes')
    assert.equal(
      desk.steps.some(({ what }) => what === 'canonical'),
      false,
    )
  })
})

describe('a document that is the whole of a resource', () => {
  it('takes away what somebody else set, as drift', async () => {
    const desk = new DepotDesk()
    desk.racks({ cellar: { shelves: 3 } })
    await desk.converge('racks')
    desk.depot.racks.get('cellar')?.fields.set('wheels', 4)
    assert.deepEqual(await desk.reconcile('racks'), { kind: 'done' })
    assert.equal(desk.depot.racks.get('cellar')?.fields.has('wheels'), false)
    assert.equal(desk.drifted, 1)
  })

  it('leaves what is ignored', async () => {
    const desk = new DepotDesk()
    desk.racks({ cellar: { shelves: 3 } }, { ignore: ['wheels'] })
    await desk.converge('racks')
    desk.depot.racks.get('cellar')?.fields.set('wheels', 4)
    await desk.reconcile('racks')
    assert.equal(desk.depot.racks.get('cellar')?.fields.get('wheels'), 4)
  })

  it('of somebody else’s resource waits for its adoption', async () => {
    const desk = new DepotDesk()
    desk.depot.racks.set(
      'cellar',
      desk.depot.thing([
        ['shelves', 3],
        ['wheels', 4],
      ]),
    )
    desk.racks({ cellar: { shelves: 3 } })
    assert.equal((await desk.reconcile('racks')).kind, 'terminal')
    assert.deepEqual(desk.unready('racks'), ['cellar: held AdoptionDiffers'])
  })
})

describe('what the service cannot remove', () => {
  it('stays, is said, and does not keep from Ready', async () => {
    const desk = new DepotDesk()
    desk.boxes({ crate: { 'tag.a': 'x', colour: 'red' } })
    await desk.converge('boxes')
    desk.boxes({ crate: {} })
    assert.deepEqual(await desk.reconcile('boxes'), { kind: 'done' })
    assert.deepEqual(desk.behind('crate'), { box: 'crate-1', 'tag.a': 'x' })
    const { ready, summary, resources } = desk.state('boxes')
    assert.deepEqual([ready, summary], ['True', '1 ready, 1 retained'])
    assert.equal(resources[0]?.message, 'no longer written, but the service cannot remove it: tag.a')
    const standing = desk.state('boxes')
    await desk.reconcile('boxes')
    assert.equal(desk.state('boxes'), standing)
  })

  it('is not said of what is ignored', async () => {
    const desk = new DepotDesk()
    desk.boxes({ crate: { 'tag.a': 'x' } })
    await desk.converge('boxes')
    desk.boxes({ crate: {} }, { ignore: ['tag.*'] })
    await desk.reconcile('boxes')
    assert.deepEqual(desk.unready(), [])
  })

  it('goes when the resource is made anew', async () => {
    const desk = new DepotDesk()
    desk.boxes({ crate: { size: 1, 'tag.a': 'x' } })
    await desk.converge('boxes')
    desk.boxes({ crate: { size: 2, free: true } })
    await desk.converge('boxes')
    await desk.reconcile('boxes')
    assert.deepEqual(desk.unready(), ['crate-1: orphan Orphaned'])
  })
})
