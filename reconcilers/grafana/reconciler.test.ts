import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { readSettings } from '../../src/config.ts'
import type { ServiceClient } from '../../src/reconcile/service-client.ts'
import { creationOf, removalOf } from '../../test/support/changes.ts'
import { failure } from '../../test/support/failure.ts'
import { type RunningFake, serveFakeGrafana } from './fake-server.ts'
import { normalizeFolder } from './normalize.ts'
import { GrafanaReconciler } from './reconciler.ts'
import { type GrafanaResource, grafanaTypes } from './resource.ts'

const soon = () => AbortSignal.timeout(20_000)

/** As the process connects: settings, files, HTTP. What answers is the simulated API. */
describe('the reconciler of Grafana over HTTP', () => {
  const reconciler = new GrafanaReconciler()
  let directory: string
  let server: RunningFake
  let client: ServiceClient<GrafanaResource>
  const file = () => join(directory, 'token')
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'infometis-grafana-'))
    server = await serveFakeGrafana({ host: '127.0.0.1', port: 0, directory, token: 'glsa_good' })
    const env = { GRAFANA_URL: server.url, GRAFANA_TOKEN_FILE: file() }
    client = reconciler.connect(readSettings(reconciler.settings, env))
  })
  after(async () => {
    await client.close()
    await server.close()
    await rm(directory, { recursive: true, force: true })
  })

  it('knows every config type, in the order of their needs', () => {
    assert.deepEqual(
      reconciler.types.map(({ name }) => name),
      grafanaTypes,
    )
  })

  it('leaves only the pausing of an alert rule to people', () => {
    const yielding = reconciler.types.filter((type) => type.yields?.('isPaused') === true)
    assert.deepEqual(
      yielding.map(({ name }) => name),
      ['alert-rules'],
    )
    assert.equal(yielding[0]?.yields?.('title'), false)
  })

  it('is refused with a token that is none, and let in with the next one, without a new connection', async () => {
    await writeFile(file(), 'glsa_bad')
    const error = await failure(client.ping(soon()))
    assert.equal(error.reason, 'AuthenticationFailed')
    assert.match(error.message, /refuses the token of GRAFANA_TOKEN_FILE: Invalid API key/)
    await writeFile(file(), 'glsa_good\n')
    assert.deepEqual(await client.ping(soon()), { version: '13.3.0', clusterId: 'default/Main Org.' })
  })

  it('makes a folder, sees it, and deletes it', async () => {
    await writeFile(file(), 'glsa_good')
    const [made] = await client.apply([creationOf(normalizeFolder('kafka', { title: 'Kafka' }))], soon())
    assert.equal(made?.state, 'done', JSON.stringify(made))
    const [seen] = await client.observe('folders', ['kafka'], soon())
    assert.equal(seen?.fields.get('title'), 'Kafka')
    assert.deepEqual(await client.apply([removalOf(seen)], soon()), [{ state: 'done' }])
    assert.deepEqual(await client.list('folders', soon()), [])
  })
})
