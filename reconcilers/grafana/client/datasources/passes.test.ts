import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { own } from '../../../../src/core/json.ts'
import { Crash, Desk } from '../../../../test/support/desk.ts'
import { FakeGrafana } from '../../fake.ts'
import { GrafanaReconciler } from '../../reconciler.ts'
import type { GrafanaResource } from '../../resource.ts'
import { GrafanaClient } from '../grafana-client.ts'

const uid = 'orders'
const path = `/api/datasources/uid/${uid}`
const entry = {
  type: 'grafana-postgresql-datasource',
  url: 'db.shop:5432',
  user: 'grafana',
  isDefault: false,
  secure: { password: { secret: { name: 'db', key: 'password' } } },
}

async function stage() {
  const grafana = new FakeGrafana()
  grafana.seed.datasource('first', { members: { isDefault: true } })
  const desk = new Desk<GrafanaResource>(new GrafanaReconciler(), () => new GrafanaClient(grafana.wire()))
  const secret = (password: string, allowedUrls: readonly string[] = ['db.shop:5432']) =>
    desk.secrets.write('db', ['grafana'], { password }, { allowedUrls })
  secret('hunter2')
  const write = async (written: object) => {
    desk.write('stores', 'datasources', { [uid]: written }, { controls: { policy: 'sync' } })
    return desk.converge('stores')
  }
  assert.deepEqual(await write(entry), { kind: 'done' })
  const stored = () => grafana.state.data.datasources.get(uid)
  return { grafana, desk, secret, write, stored }
}

describe('datasources, pass after pass', () => {
  it('are written once, and nothing is written or kept while nothing changes', async () => {
    const { grafana, desk, stored } = await stage()
    assert.deepEqual(stored()?.secure, { password: 'hunter2' })
    const [writes, { saves }] = [grafana.writes().length, desk]
    for (let pass = 0; pass < 10; pass += 1) await desk.reconcile('stores')
    await desk.restart()
    await desk.reconcile('stores')
    assert.deepEqual([grafana.writes().length, desk.saves], [writes, saves])
    assert.equal(writes, 1)
  })

  it('have a new value as soon as the Secret has, and nothing else of it is sent', async () => {
    const { grafana, desk, secret, stored } = await stage()
    secret('hunter3')
    await desk.converge('stores')
    assert.deepEqual(stored()?.secure, { password: 'hunter3' })
    assert.equal(grafana.writes().length, 2)
    await desk.reconcile('stores')
    assert.equal(grafana.writes().length, 2)
  })

  it('get back what somebody saved over, a value too that nobody can see; and what he made is kept', async () => {
    const { grafana, desk, stored } = await stage()
    const body = { ...(grafana.ask('GET', path).body as object), user: 'ada' }
    grafana.ask('PUT', path, { ...body, secureJsonData: { password: 'mine', token: 'hers' } })
    await desk.converge('stores')
    assert.deepEqual(stored()?.secure, { password: 'hunter2', token: '' })
    assert.equal(own(stored()?.members, 'user'), 'grafana')
    assert.match(desk.originals[0]?.text ?? '', /"user":"ada"/)
    const writes = grafana.writes().length
    await desk.reconcile('stores')
    assert.equal(grafana.writes().length, writes)
  })

  it('are no longer the default where somebody made them that, without a new version', async () => {
    const { grafana, desk, stored } = await stage()
    const datasource = stored()
    assert.ok(datasource !== undefined)
    const members = { ...datasource.members, isDefault: true }
    grafana.state.data.datasources.set(uid, { ...datasource, members })
    await desk.converge('stores')
    assert.equal(own(stored()?.members, 'isDefault'), false)
  })

  it('are sent nowhere that their Secret does not allow', async () => {
    const { grafana, desk, write, secret } = await stage()
    await write({ ...entry, url: 'evil:5432' })
    assert.equal(grafana.writes().length, 1)
    assert.match(desk.unready('stores').join(), /orders: refused SecretNotUsable/)
    secret('hunter2', ['db.shop:5432', 'evil:5432'])
    await desk.converge('stores')
    assert.equal(grafana.writes().length, 2)
  })

  it('show no value of a Secret anywhere', async () => {
    const { grafana, desk, secret } = await stage()
    grafana.inject({
      ...{ method: 'PUT', kind: 'answer' },
      answer: { status: 400, body: { message: 'no password hunter3' } },
    })
    secret('hunter3')
    await desk.converge('stores')
    const told = JSON.stringify([
      ...[desk.state('stores'), [...desk.state('stores').inventory], desk.logged, desk.announced],
      ...[desk.originals],
    ])
    assert.match(told, /no password \[secret\]/)
    assert.equal(/hunter[23]/.test(told), false)
  })

  it('are deleted when they are no longer written, and kept first', async () => {
    const { desk, stored } = await stage()
    const more = { more: { type: 'testdata' } }
    desk.write('stores', 'datasources', more, { controls: { policy: 'sync' } })
    await desk.converge('stores')
    assert.equal(stored(), undefined, desk.unready('stores').join())
    assert.equal(desk.originals.length, 1)
  })

  it('are ours also where a crash came right after they were made', async () => {
    const { grafana, desk, stored, write } = await stage()
    grafana.state.data.datasources.delete(uid)
    desk.remove('stores')
    await desk.converge('stores')
    let gone = false
    desk.tap = ({ what }, moment) => {
      gone ||= what === 'apply' && moment === 'after'
      if (gone) throw new Crash('gone')
    }
    await write(entry)
    assert.ok(stored() !== undefined)
    await desk.restart()
    await desk.converge('stores')
    await write({ ...entry, user: 'other' })
    desk.write('stores', 'datasources', { more: { type: 'testdata' } }, { controls: { policy: 'sync' } })
    await desk.converge('stores')
    assert.equal(stored(), undefined)
  })

  it('that do not work are told so, and what they say stays the same', async () => {
    const { grafana, desk, write } = await stage()
    grafana.sicken(uid, 'dial tcp 10.0.0.7:41234->10.0.0.1:5432: connection refused')
    await write({ ...entry, health: 'checked' })
    assert.match(desk.unready('stores').join(), /orders: .* Unhealthy/)
    const { saves } = desk
    await desk.reconcile('stores')
    assert.equal(desk.saves, saves)
  })
})
