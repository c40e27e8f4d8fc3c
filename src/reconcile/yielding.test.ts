import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DepotDesk } from '../../test/support/depot-desk.ts'

describe('what a service leaves to people', () => {
  async function switched(desk: DepotDesk): Promise<void> {
    desk.racks({ cellar: { light: 'on', size: 1 } })
    await desk.converge('racks')
    desk.depot.racks.get('cellar')?.fields.set('light', 'off')
  }

  it('stays as somebody changed it, is told, and keeps nobody from Ready', async () => {
    const desk = new DepotDesk()
    await switched(desk)
    const { writes } = desk.depot
    assert.deepEqual(await desk.reconcile('racks'), { kind: 'done' })
    assert.equal(desk.depot.writes, writes)
    const { ready, resources, summary } = desk.state('racks')
    assert.deepEqual([ready, summary], ['True', '1 ready, 1 warning'])
    assert.deepEqual(resources, [
      {
        type: 'racks',
        name: 'cellar',
        state: 'warning',
        reason: 'LeftAsChanged',
        message: 'light is off, not on: somebody changed it, and it is left so until Git says something new',
      },
    ])
    const { saves } = desk
    await desk.reconcile('racks')
    assert.equal(desk.saves, saves)
  })

  it('does not hide what else somebody changed', async () => {
    const desk = new DepotDesk()
    await switched(desk)
    desk.depot.racks.get('cellar')?.fields.set('size', 2)
    await desk.converge('racks')
    assert.equal(desk.depot.racks.get('cellar')?.fields.get('size'), 1)
  })

  it('follows Git when Git says something new', async () => {
    const desk = new DepotDesk()
    await switched(desk)
    await desk.reconcile('racks')
    desk.racks({ cellar: { light: 'dim', size: 1 } })
    await desk.converge('racks')
    assert.equal(desk.depot.racks.get('cellar')?.fields.get('light'), 'dim')
    assert.equal(desk.state('racks').ready, 'True')
  })
})
