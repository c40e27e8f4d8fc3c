import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DepotDesk } from '../../test/support/depot-desk.ts'
import { ReconcileError } from '../errors.ts'

/** A desk whose two racks stand as written. */
async function stocked(policy: 'sync' | 'upsert-only' = 'upsert-only'): Promise<DepotDesk> {
  const desk = new DepotDesk()
  desk.racks({ cellar: { size: 1 }, attic: { size: 1 } }, { policy })
  await desk.converge('racks')
  assert.deepEqual(desk.originals, [])
  return desk
}

function edit(desk: DepotDesk): void {
  desk.depot.racks.get('cellar')?.fields.set('size', 9)
}

describe('what somebody made of a resource', () => {
  it('is kept before it is corrected, with who and when, and history and Event say where', async () => {
    const desk = await stocked()
    edit(desk)
    await desk.reconcile('racks')
    const original = {
      key: 'team/racks',
      resource: 'racks/cellar',
      text: '{"size":9}',
      by: 'the keeper',
      at: '2026-01-01T00:00:00Z',
    }
    assert.deepEqual(desk.originals, [original])
    assert.equal(desk.depot.racks.get('cellar')?.fields.get('size'), 1)
    const told = 'updated 1 (cellar: size — what was there is kept in the ConfigMap of racks/cellar)'
    assert.equal(desk.state('racks').history[0]?.message, told)
    assert.ok(desk.announced.some(({ message }) => message === told))
  })

  it('is kept before anything is intended or sent', async () => {
    const desk = await stocked()
    edit(desk)
    desk.steps.length = 0
    await desk.reconcile('racks')
    const order = desk.steps
      .map(({ what }) => what)
      .filter((what) => ['keep', 'save', 'apply'].includes(what))
    assert.deepEqual(order, ['keep', 'save', 'apply', 'save'])
  })

  it('is not kept where Git only follows what Git said before', async () => {
    const desk = await stocked()
    desk.racks({ cellar: { size: 2 }, attic: { size: 1 } })
    await desk.converge('racks')
    assert.deepEqual(desk.originals, [])
  })

  it('is kept where Git says something new of what somebody changed just before', async () => {
    const desk = await stocked()
    edit(desk)
    desk.racks({ cellar: { size: 2 }, attic: { size: 1 } })
    await desk.converge('racks')
    assert.deepEqual(
      desk.originals.map(({ resource, text }) => [resource, text]),
      [['racks/cellar', '{"size":9}']],
    )
    assert.equal(desk.depot.racks.get('cellar')?.fields.get('size'), 2)
  })

  for (const [what, racks] of [
    ['deleted', { attic: { size: 1 } }],
    ['written anew', { cellar: { size: 2 }, attic: { size: 1 } }],
  ] as const)
    it(`is not ${what} while it cannot be read`, async () => {
      const desk = await stocked('sync')
      edit(desk)
      desk.depot.unreadable.add('cellar')
      desk.racks(racks, { policy: 'sync' })
      await desk.reconcile('racks')
      assert.ok(desk.unready('racks').includes('cellar: refused OriginalUnread'))
      assert.equal(desk.depot.racks.get('cellar')?.fields.get('size'), 9)
      desk.depot.unreadable.clear()
      await desk.converge('racks')
      assert.deepEqual(
        desk.originals.map(({ text }) => text),
        ['{"size":9}'],
      )
      assert.notEqual(desk.depot.racks.get('cellar')?.fields.get('size'), 9)
    })

  it('is kept before it is deleted', async () => {
    const desk = await stocked('sync')
    desk.racks({ attic: { size: 1 } }, { policy: 'sync' })
    await desk.reconcile('racks')
    assert.deepEqual(
      desk.originals.map(({ resource }) => resource),
      ['racks/cellar'],
    )
    assert.ok(!desk.depot.racks.has('cellar'))
  })

  it('stays untouched while it cannot be kept', async () => {
    const desk = await stocked()
    edit(desk)
    desk.tap = ({ what }, moment) => {
      if (what === 'keep' && moment === 'before')
        throw new ReconcileError('ApiServerUnreachable', 'no answer')
    }
    const result = await desk.reconcile('racks')
    assert.equal(result.kind === 'retryable' && result.error.reason, 'ApiServerUnreachable')
    assert.equal(desk.depot.racks.get('cellar')?.fields.get('size'), 9)
  })

  it('is refused where it is too large to be kept, and the others go on', async () => {
    const desk = await stocked()
    edit(desk)
    desk.depot.racks.delete('attic')
    desk.mostKept = 3
    await desk.reconcile('racks')
    assert.deepEqual(desk.unready('racks'), ['cellar: refused OriginalTooLarge'])
    assert.equal(desk.depot.racks.get('cellar')?.fields.get('size'), 9)
    assert.ok(desk.depot.racks.has('attic'))
  })
})
