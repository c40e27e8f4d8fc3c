import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { GrafanaReconciler } from '../../reconciler.ts'
import { FakeGrafana, type GrafanaProfile } from '../../fake.ts'
import type { WireRequest } from '../wire.ts'
import { Desk } from '../../../../test/support/desk.ts'
import { GrafanaClient } from '../grafana-client.ts'

const rejected = { definition: { title: 'Too often', refresh: '1s' } }
const good = { definition: { title: 'Fine' } }
const observe = { controls: { policy: 'observe-only' } } as const

function stage(profile: GrafanaProfile, grafana = new FakeGrafana({ profile })) {
  const desk = new Desk(new GrafanaReconciler(), () => new GrafanaClient(grafana.wire()))
  const tries = () => grafana.requests.filter(({ query }) => query?.['dryRun'] === 'All')
  const names = () => {
    const { body } = grafana.ask('GET', '/api/search?type=dash-db')
    return (body as readonly { uid: string }[]).map(({ uid }) => uid)
  }
  return { grafana, desk, tries, names }
}

/** A Grafana that does what it is told to try. */
class Heedless extends FakeGrafana {
  override answerClient(request: WireRequest, login?: string) {
    return super.answerClient({ ...request, query: { ...request.query, dryRun: '' } }, login)
  }
}

describe('what is only planned', () => {
  it('is tried on a Grafana that only tries what it is told to try, and its words are in the plan', async () => {
    const { grafana, desk, tries, names } = stage('13.3')
    desk.write('d', 'dashboards', { a: rejected, b: good }, observe)
    await desk.reconcile('d')
    assert.deepEqual(desk.unready('d'), ['a: refused RejectedByServer', 'b: withheld ChangesWithheld'])
    assert.match(desk.state('d').message, /refresh interval is too low/)
    assert.deepEqual(
      tries().map(({ method }) => method),
      ['POST', 'POST', 'POST'],
    )
    assert.deepEqual(names(), [])
    assert.equal(grafana.writes().length, 0)
    await desk.reconcile('d')
    assert.equal(tries().length, 3, 'the same is not asked again')
  })

  it('is tried as a change of what is there, and that stays as it is', async () => {
    const { grafana, desk } = stage('13.3')
    desk.write('d', 'dashboards', { a: good })
    assert.deepEqual(await desk.converge('d'), { kind: 'done' })
    const path = '/apis/dashboard.grafana.app/v0alpha1/namespaces/default/dashboards/a'
    const before = grafana.ask('GET', path).body
    desk.write('d', 'dashboards', { a: rejected }, observe)
    await desk.reconcile('d')
    assert.deepEqual(desk.unready('d'), ['a: refused RejectedByServer'])
    assert.deepEqual(grafana.ask('GET', path).body, before)
  })

  it('is not tried over the older API, which would do it', async () => {
    const { grafana, desk, tries } = stage('api-only')
    desk.write('d', 'dashboards', { a: rejected }, observe)
    await desk.reconcile('d')
    assert.deepEqual(desk.unready('d'), ['a: withheld ChangesWithheld'])
    assert.deepEqual([tries().length, grafana.writes().length], [0, 0])
  })

  it('is tried once and never again on a Grafana that does what it was to try, and what that made is gone', async () => {
    const { desk, tries, names } = stage('13.3', new Heedless())
    desk.write('d', 'dashboards', { a: rejected }, observe)
    await desk.reconcile('d')
    await desk.reconcile('d')
    assert.deepEqual(desk.unready('d'), ['a: withheld ChangesWithheld'])
    assert.deepEqual([tries().length, names()], [1, []])
  })
})
