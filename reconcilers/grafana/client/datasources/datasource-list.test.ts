import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { grafanaTools } from '../../../../test/support/grafana-client.ts'
import { FakeGrafana } from '../../fake.ts'
import { DatasourceList } from './datasource-list.ts'

const signal = AbortSignal.timeout(20_000)

function stage() {
  const grafana = new FakeGrafana()
  const clock = { now: 0 }
  const list = new DatasourceList(grafanaTools(grafana.wire(), clock))
  const told = async (again = false) => (await list.forWarnings(again, signal)).status
  const refuse = (status: number) => {
    grafana.inject({ path: '/api/datasources', kind: 'answer', answer: { status, body: {} } })
  }
  return { grafana, clock, list, told, refuse }
}

describe('the list of datasources', () => {
  it('is asked for once in five seconds, unless it is to be new or something was written', async () => {
    const { grafana, clock, list, told } = stage()
    const asked = async (again = false) => {
      await told(again)
      return grafana.reads().length
    }
    assert.deepEqual([await asked(), await asked(), await asked(true), await asked()], [1, 1, 2, 2])
    list.forget()
    assert.equal(await asked(), 3)
    clock.now = 5_000
    assert.equal(await asked(), 4)
  })

  it('is asked for again at once after a refusal, but not where the token may not see it', async () => {
    const { told, refuse } = stage()
    refuse(500)
    assert.deepEqual([await told(), await told()], [500, 200])
    refuse(403)
    assert.deepEqual([await told(true), await told()], [403, 403])
  })
})
