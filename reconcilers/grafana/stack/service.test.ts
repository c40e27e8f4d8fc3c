import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stackPlaces } from '../../../src/stack/settings.ts'
import { grafanaService } from './service.ts'

const options = { directory: '/nowhere', places: stackPlaces(), launch: { env: {} } }

describe('the Grafana that the user names', () => {
  it('is reached with every setting that is for it, and with nothing else of the user’s', async () => {
    const given = {
      GRAFANA_URL: 'https://grafana.example.com/team',
      GRAFANA_TOKEN_FILE: '/secrets/token',
      GRAFANA_ORG_ID: undefined,
      GRAFANA_URL_SIMULATED: 'http://127.0.0.1:1',
      KAFKA_BOOTSTRAP_SERVERS: 'kafka:9092',
    }
    const { environment, servers, clusterId, notice } = await grafanaService.start({ ...options, given })
    assert.deepEqual(environment, { GRAFANA_URL: given.GRAFANA_URL, GRAFANA_TOKEN_FILE: '/secrets/token' })
    assert.deepEqual([servers, clusterId, notice], [[], undefined, undefined])
  })

  it('is told of without what may be a password', async () => {
    const given = { GRAFANA_URL: 'http://admin:geheim@grafana:3000' }
    const { address } = await grafanaService.start({ ...options, given })
    assert.equal(address, 'http://…@grafana:3000 (as GRAFANA_URL says)')
  })

  it('is where its neighbours look for it', () => {
    assert.deepEqual(grafanaService.addresses(3000), { GRAFANA_URL: 'http://127.0.0.1:3000' })
    const given = { GRAFANA_URL: 'https://grafana.example.com' }
    assert.deepEqual(grafanaService.addresses(3000, given), given)
  })
})
