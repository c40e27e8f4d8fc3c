import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Reason } from '../../../src/errors.ts'
import { failure } from '../../../test/support/failure.ts'
import { scriptedGrafana } from '../../../test/support/scripted-grafana.ts'
import { FakeGrafana, type GrafanaProfile } from '../fake.ts'
import { Discovery, apiPath, findApis } from './apis.ts'
import { findClusterId, findVersion } from './probe.ts'

const soon = () => AbortSignal.timeout(5_000)

const profiles: readonly (readonly [GrafanaProfile, number, readonly string[]])[] = [
  ['api-only', 0, []],
  ['12.4', 4, ['v1beta1']],
  ['13.0', 6, ['v1', 'v1beta1']],
  ['13.3', 6, ['v1', 'v1beta1']],
]

const grafana = {
  '/api/health': { body: { database: 'ok', version: '13.2.0', commit: 'abc' } },
  '/api/org': { body: { id: 2, name: 'Ops' } },
  '/api/frontend/settings': { body: { namespace: 'org-2', buildInfo: { version: '13.2.0' } } },
  '/apis': { body: { kind: 'APIGroupList', groups: [] } },
}

describe('what a Grafana serves', () => {
  for (const [profile, dashboards, folders] of profiles) {
    it(`is found out of ${profile}`, async () => {
      const apis = await findApis(new FakeGrafana({ profile }).wire(), soon())
      assert.equal(apis.namespace, 'default')
      assert.equal(apis.dashboards.length, dashboards)
      assert.deepEqual(apis.folders, folders)
    })
  }

  it('is asked once for all who want to know, and again after a failure and when told to', async () => {
    const fake = new FakeGrafana()
    const discovery = new Discovery(fake.wire())
    const asked = () => fake.requests.filter(({ path }) => path === '/apis').length
    fake.starting = true
    const error = await failure(discovery.apis(soon()))
    assert.equal(error.reason, 'ServiceUnreachable')
    assert.match(
      error.message,
      /\/apis answers with status 500 \(Internal Server Error\): Grafana may still be starting/,
    )
    fake.starting = false
    await Promise.all([discovery.apis(soon()), discovery.apis(soon())])
    await discovery.apis(soon())
    assert.equal(asked(), 2)
    discovery.forget()
    await discovery.apis(soon())
    assert.equal(asked(), 3)
  })

  it('ends with the signal of whoever asks, and is asked anew by the next one', async () => {
    const fake = new FakeGrafana()
    const discovery = new Discovery(fake.wire())
    fake.inject({ path: '/apis', kind: 'hang' })
    const controller = new AbortController()
    const asking = discovery.apis(controller.signal)
    controller.abort(new Error('stop now'))
    await assert.rejects(asking, { message: 'stop now' })
    assert.equal((await discovery.apis(soon())).namespace, 'default')
  })

  it('takes what came before Grafana 12 for nothing: it was an experiment', async () => {
    const group = (name: string, ...versions: readonly string[]) => ({
      name,
      versions: versions.map((version) => ({ groupVersion: `${name}/${version}`, version })),
    })
    const groups = [
      group('dashboard.grafana.app', 'v0alpha1', 'v1alpha1'),
      group('folder.grafana.app', 'v0alpha1'),
    ]
    const apis = await findApis(scriptedGrafana({ ...grafana, '/apis': { body: { groups } } }), soon())
    assert.deepEqual(apis, { namespace: 'org-2', folders: [], dashboards: [] })
  })

  for (const [id, namespace] of [
    [1, 'default'],
    [7, 'org-7'],
  ] as const) {
    it(`names the namespace ${namespace} itself where Grafana does not`, async () => {
      const wire = scriptedGrafana({
        ...grafana,
        '/api/frontend/settings': { body: {} },
        '/api/org': { body: { id, name: 'Ops' } },
      })
      assert.equal((await findApis(wire, soon())).namespace, namespace)
    })
  }

  it('does not take what is forbidden for what is not there', async () => {
    const wire = scriptedGrafana({ ...grafana, '/apis': { status: 403, body: { message: 'No.' } } })
    assert.equal((await failure(findApis(wire, soon()))).reason, 'AuthorizationFailed')
  })

  it('stands where names are percent-encoded', () => {
    const apis = { namespace: 'org-2', folders: ['v1'], dashboards: [] }
    assert.equal(
      apiPath(apis, 'folder', 'v1', 'folders', 'a/b', 'counts'),
      '/apis/folder.grafana.app/v1/namespaces/org-2/folders/a%2Fb/counts',
    )
  })
})

describe('which Grafana answers', () => {
  it('is known by namespace and organisation', async () => {
    const wire = scriptedGrafana(grafana)
    assert.equal(await findVersion(wire, soon()), '13.2.0')
    assert.equal(await findClusterId(wire, 'org-2', soon()), 'org-2/Ops')
  })

  it('says its version to who is signed in where it hides it from others', async () => {
    const wire = scriptedGrafana({ ...grafana, '/api/health': { body: { database: 'ok' } } })
    assert.equal(await findVersion(wire, soon()), '13.2.0')
  })

  const refused: readonly (readonly [string, Parameters<typeof scriptedGrafana>[0], Reason, RegExp])[] = [
    [
      'one without its database',
      { '/api/health': { status: 503, body: { database: 'failing', version: '13.2.0' } } },
      'ServiceUnhealthy',
      /^Grafana cannot reach its database \(database: failing\)$/,
    ],
    [
      'Grafana 10',
      { '/api/health': { body: { database: 'ok', version: '10.4.19' } } },
      'NotSupportedByServer',
      /^Grafana 10\.4\.19 answers, but 11\.0 or later is needed$/,
    ],
    [
      'something else',
      { '/api/health': { body: { status: 'green' } } },
      'NotSupportedByServer',
      /let GRAFANA_URL name/,
    ],
    [
      'a way that ends elsewhere',
      { '/api/health': { status: 404, body: { message: 'Not found' } } },
      'NotSupportedByServer',
      /does not say which Grafana it is/,
    ],
  ]
  for (const [what, answers, reason, words] of refused) {
    it(`${what} is ${reason}`, async () => {
      const error = await failure(findVersion(scriptedGrafana({ ...grafana, ...answers }), soon()))
      assert.equal(error.reason, reason, error.message)
      assert.match(error.message, words)
    })
  }

  it('is none where no organisation answers', async () => {
    const wire = scriptedGrafana({ ...grafana, '/api/org': { body: [] } })
    assert.equal((await failure(findClusterId(wire, 'default', soon()))).reason, 'NotSupportedByServer')
  })
})
