import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { at, listAt, textAt } from '../../src/core/members.ts'
import { ReconcileError } from '../../src/errors.ts'
import type { WireAnswer } from './client/wire.ts'
import { FakeGrafana, type FakeOptions } from './fake.ts'

const folders = '/apis/folder.grafana.app/v1/namespaces/default/folders'
const dashboards = '/apis/dashboard.grafana.app/v0alpha1/namespaces/default/dashboards'
const rules = '/api/v1/provisioning/alert-rules'
const signal = new AbortController().signal
const metadataOnly = {
  accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1, application/json',
}

function body(answer: WireAnswer, status = 200): unknown {
  assert.equal(answer.status, status, JSON.stringify(answer.body))
  return answer.body
}

function refusal(answer: WireAnswer): readonly [number, string] {
  return [answer.status, textAt(answer.body, 'message')]
}

function namesIn(answer: WireAnswer): readonly string[] {
  return listAt(body(answer), 'items').map((each) => textAt(each, 'metadata', 'name'))
}

/** The object as it was read, with other annotations. */
function annotated(object: unknown, annotations: Readonly<Record<string, string>>): unknown {
  return { ...(object as object), metadata: { ...(at(object, 'metadata') as object), annotations } }
}

function grafanaWith(count: number, options: FakeOptions = {}): FakeGrafana {
  const grafana = new FakeGrafana(options)
  for (let number = 1; number <= count; number += 1) grafana.seed.dashboard(`d${number}`)
  return grafana
}

describe('lists of the fake Grafana', () => {
  void it('end after so many objects, or bytes, and go on from there', () => {
    for (const [options, limit] of [
      [{ pageBytes: 1 }, ''],
      [{}, '&limit=1'],
    ] as const) {
      const grafana = grafanaWith(3, options)
      const found: string[] = []
      let token = ''
      do {
        const answer = grafana.ask('GET', `${dashboards}?continue=${encodeURIComponent(token)}${limit}`)
        found.push(...namesIn(answer))
        token = textAt(answer.body, 'metadata', 'continue')
      } while (token !== '')
      assert.deepEqual(found, ['d1', 'd2', 'd3'])
    }
    assert.deepEqual(refusal(grafanaWith(1).ask('GET', `${dashboards}?continue=x`)), [
      400,
      'continue key is not valid',
    ])
  })

  void it('are of metadata only where that is asked for and known', () => {
    const known = grafanaWith(1).ask('GET', dashboards, undefined, metadataOnly).body
    assert.equal(textAt(known, 'kind'), 'PartialObjectMetadataList')
    assert.deepEqual(Object.keys(listAt(known, 'items')[0] as object).toSorted(), [
      ...['apiVersion', 'kind', 'metadata'],
    ])
    const unknown = grafanaWith(1, { partialMetadata: false })
    assert.equal(
      textAt(unknown.ask('GET', dashboards, undefined, metadataOnly).body, 'kind'),
      'DashboardList',
    )
    const only = { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' }
    assert.equal(unknown.ask('GET', dashboards, undefined, only).status, 406)
  })

  void it('name the top “general” where that is switched on', () => {
    const grafana = grafanaWith(1, { generalSentinel: true })
    const folder = at(
      body(grafana.ask('GET', `${dashboards}/d1`)),
      'metadata',
      'annotations',
      'grafana.app/folder',
    )
    assert.equal(folder, 'general')
    const moved = grafana.ask('PUT', `${dashboards}/d1`, grafana.ask('GET', `${dashboards}/d1`).body)
    assert.equal(at(moved.body, 'metadata', 'generation'), 1)
  })
})

describe('what others made, in the fake Grafana', () => {
  void it('of files: its dashboards are not deleted, nor saved by the older API', () => {
    const grafana = new FakeGrafana()
    const manager = { kind: 'classic-file-provisioning', id: 'files' }
    grafana.seed.dashboard('d', { manager, provisioned: true })
    const words = 'provisioned dashboard cannot be deleted'
    assert.deepEqual(refusal(grafana.ask('DELETE', `${dashboards}/d`)), [400, words])
    assert.deepEqual(refusal(grafana.ask('DELETE', '/api/dashboards/uid/d')), [400, words])
    const saved = grafana.ask('POST', '/api/dashboards/db', {
      dashboard: { uid: 'd', title: 'd', version: 1 },
    })
    assert.deepEqual(refusal(saved), [400, 'Cannot save provisioned dashboard'])
    assert.equal(at(grafana.ask('GET', '/api/dashboards/uid/d').body, 'meta', 'provisioned'), true)
  })

  void it('of files: its datasources and rules are not touched', () => {
    const grafana = new FakeGrafana()
    grafana.seed.datasource('ds', { readOnly: true })
    const given = { name: 'ds', type: 'prometheus', access: 'proxy', url: 'http://p' }
    assert.deepEqual(refusal(grafana.ask('PUT', '/api/datasources/uid/ds', given)), [
      ...([403, 'Cannot update read-only data source'] as const),
    ])
    assert.equal(grafana.ask('DELETE', '/api/datasources/uid/ds').status, 403)
    grafana.seed.folder('f')
    grafana.seed.rule('r', { folder: 'f', provenance: 'file' })
    const { body: words } = grafana.ask('DELETE', `${rules}/r`)
    assert.equal(textAt(words, 'messageId'), 'alerting.provenanceMismatch')
    assert.equal(grafana.ask('DELETE', '/api/v1/provisioning/folder/f/rule-groups/group').status, 409)
  })

  void it('of Git Sync: its folder takes nothing that is not its own, and its objects are committed to', () => {
    const grafana = new FakeGrafana()
    const manager = { kind: 'repo', id: 'r1' }
    grafana.seed.folder('git', { manager })
    grafana.seed.dashboard('d', { folder: 'git', manager })
    const annotations = { 'grafana.app/folder': 'git' }
    const made = grafana.ask('POST', dashboards, {
      metadata: { name: 'x', annotations },
      spec: { title: 'x' },
    })
    assert.deepEqual(refusal(made), [
      400,
      'folder is managed by a repository, but the dashboard is not managed',
    ])
    const inner = grafana.ask('POST', folders, { metadata: { name: 'x', annotations }, spec: { title: 'x' } })
    assert.match(refusal(inner)[1], /folder is managed by repo:r1, but the resource is not managed/)
    assert.deepEqual(grafana.commits, [])
    body(grafana.ask('PUT', `${dashboards}/d`, grafana.ask('GET', `${dashboards}/d`).body))
    assert.deepEqual(grafana.commits, ['dashboards/d'])
  })

  void it('of another manager: kind and id stay, but may be taken away first', () => {
    const grafana = new FakeGrafana()
    grafana.seed.dashboard('d', { manager: { kind: 'kubectl', id: 'somebody' } })
    const read = body(grafana.ask('GET', `${dashboards}/d`))
    const ours = { 'grafana.app/managedBy': 'kubectl', 'grafana.app/managerId': 'infometis' }
    assert.deepEqual(refusal(grafana.ask('PUT', `${dashboards}/d`, annotated(read, ours))), [
      403,
      'Cannot change resource manager identity; remove the existing manager first, then add the new one',
    ])
    const none = body(grafana.ask('PUT', `${dashboards}/d`, annotated(read, {})))
    body(grafana.ask('PUT', `${dashboards}/d`, annotated(none, ours)))
    const saved = grafana.ask('POST', '/api/dashboards/db', {
      dashboard: { uid: 'd', title: 'd', version: 1 },
    })
    assert.deepEqual(refusal(saved), [400, 'Cannot save provisioned dashboard'])
  })
})

describe('folders of the fake Grafana', () => {
  void it('are four deep at most, and never below themselves', () => {
    const grafana = new FakeGrafana()
    for (const [uid, folder] of [
      ['a', ''],
      ['b', 'a'],
      ['c', 'b'],
      ['d', 'c'],
    ] as const)
      grafana.seed.folder(uid, { folder })
    const place = (folder: string) => ({ 'grafana.app/folder': folder })
    const deep = { metadata: { name: 'e', annotations: place('d') }, spec: { title: 'e' } }
    assert.deepEqual(refusal(grafana.ask('POST', folders, deep)), [
      400,
      'Maximum nested folder depth reached',
    ])
    const read = body(grafana.ask('GET', `${folders}/a`))
    assert.deepEqual(refusal(grafana.ask('PUT', `${folders}/a`, annotated(read, place('c')))), [
      400,
      'Circular reference detected',
    ])
    assert.equal(grafana.ask('PUT', `${folders}/a`, annotated(read, place('nowhere'))).status, 404)
  })

  void it('go with what is in them by the older API, but with rules only where that is said', () => {
    const grafana = new FakeGrafana()
    grafana.seed.folder('a')
    grafana.seed.folder('b', { folder: 'a' })
    grafana.seed.dashboard('d', { folder: 'b' })
    grafana.seed.rule('r', { folder: 'b' })
    assert.deepEqual(body(grafana.ask('GET', '/api/folders/a/counts')), {
      ...{ folder: 1, dashboard: 1, alertrule: 1, librarypanel: 0 },
    })
    assert.equal(grafana.ask('DELETE', '/api/folders/a').status, 400)
    body(grafana.ask('DELETE', '/api/folders/a?forceDeleteRules=true'))
    assert.deepEqual(body(grafana.ask('GET', '/api/search')), [])
    assert.deepEqual(body(grafana.ask('GET', rules)), [])
  })

  void it('take the versions of their rules with them', () => {
    const grafana = new FakeGrafana()
    for (const interval of [60, 120]) {
      grafana.seed.folder('a')
      grafana.seed.rule('r', { folder: 'a', interval })
      const versions = body(grafana.ask('GET', '/api/ruler/grafana/api/v1/rule/r/versions'))
      assert.equal((versions as readonly unknown[]).length, 1)
      body(grafana.ask('DELETE', '/api/folders/a?forceDeleteRules=true'))
    }
  })

  void it('save their rules when they are renamed', () => {
    const grafana = new FakeGrafana()
    grafana.seed.folder('a')
    grafana.seed.rule('r', { folder: 'a' })
    const version = () =>
      at(grafana.ask('GET', '/api/ruler/grafana/api/v1/rule/r').body, 'grafana_alert', 'version')
    const before = version()
    body(grafana.ask('PUT', '/api/folders/a', { title: 'Renamed', version: 1 }))
    assert.deepEqual([before, version()], [1, 2])
    assert.deepEqual(Object.keys(body(grafana.ask('GET', '/api/ruler/grafana/api/v1/rules')) as object), [
      'Renamed',
    ])
  })
})

describe('datasources and rules of the fake Grafana', () => {
  void it('have one default: the first, then the one that was said last', () => {
    const grafana = new FakeGrafana()
    const given = (uid: string, isDefault: boolean) => ({
      ...{ uid, name: uid, type: 'loki', access: 'proxy', url: 'http://l', isDefault },
    })
    const defaults = () =>
      (body(grafana.ask('GET', '/api/datasources')) as readonly unknown[]).map((each) =>
        at(each, 'isDefault'),
      )
    body(grafana.ask('POST', '/api/datasources', given('a', false)))
    assert.deepEqual(defaults(), [true])
    body(grafana.ask('POST', '/api/datasources', given('b', true)))
    assert.deepEqual(defaults(), [false, true])
    assert.equal(at(grafana.ask('GET', '/api/datasources/uid/a').body, 'version'), 1)
    const listed = JSON.stringify(grafana.ask('GET', '/api/datasources').body)
    assert.doesNotMatch(listed, /version|secureJsonFields/)
  })

  void it('cannot lose a URL, and are asked for their health', () => {
    const grafana = new FakeGrafana()
    grafana.seed.datasource('ds', { members: { type: 'grafana-testdata-datasource', url: 'http://old' } })
    const given = { name: 'ds', type: 'grafana-testdata-datasource', access: 'proxy', url: '', version: 1 }
    assert.equal(
      at(body(grafana.ask('PUT', '/api/datasources/uid/ds', given)), 'datasource', 'url'),
      'http://old',
    )
    assert.equal(textAt(body(grafana.ask('GET', '/api/datasources/uid/ds/health')), 'status'), 'OK')
    grafana.sicken('ds', 'connection refused')
    assert.deepEqual(refusal(grafana.ask('GET', '/api/datasources/uid/ds/health')), [
      400,
      'connection refused',
    ])
    grafana.seed.datasource('traces', { members: { type: 'tempo' } })
    const unasked = grafana.ask('GET', '/api/datasources/uid/traces/health')
    assert.equal(textAt(body(unasked, 404), 'messageId'), 'plugin.notImplemented')
  })

  void it('of 12.x fails at another provenance; 13 says which is needed', () => {
    const answers = (['12.4', '13.3'] as const).map((profile) => {
      const grafana = new FakeGrafana({ profile })
      grafana.seed.folder('f')
      grafana.seed.rule('r', { folder: 'f', provenance: 'api' })
      const rule = body(grafana.ask('GET', `${rules}/r`))
      return refusal(grafana.ask('PUT', `${rules}/r`, rule, { 'X-Disable-Provenance': 'true' }))
    })
    assert.deepEqual(answers, [
      [500, 'Internal Server Error'],
      [409, "cannot update with provided provenance '', needs 'api'"],
    ])
  })

  void it('have one provenance after their group was changed, and keep theirs where it was not', () => {
    const grafana = new FakeGrafana()
    grafana.seed.folder('f')
    grafana.seed.rule('api', { folder: 'f', provenance: 'api' })
    grafana.seed.rule('none', { folder: 'f' })
    const put = (interval: number, headers = {}) => {
      const path = '/api/v1/provisioning/folder/f/rule-groups/group'
      return grafana.ask('PUT', path, { interval }, headers)
    }
    const provenances = () =>
      ['api', 'none'].map((uid) => at(grafana.ask('GET', `${rules}/${uid}`).body, 'provenance'))
    body(put(60))
    assert.deepEqual(provenances(), ['api', undefined])
    body(put(120))
    assert.deepEqual(provenances(), ['api', 'api'])
    body(put(60, { 'X-Disable-Provenance': 'true' }))
    assert.deepEqual(provenances(), [undefined, undefined])
    grafana.seed.rule('file', { folder: 'f', provenance: 'file' })
    assert.equal(put(60).status, 200)
    assert.deepEqual(refusal(put(120)), [409, "cannot update with provided provenance 'api', needs 'file'"])
  })

  void it('are exported in other words than they are read', () => {
    const grafana = new FakeGrafana()
    grafana.seed.folder('f', { title: 'F$1' })
    grafana.seed.rule('r', { folder: 'f', rule: { keep_firing_for: '60s', labels: { a: '$b' } } })
    const [group] = listAt(body(grafana.ask('GET', `${rules}/export?format=json`)), 'groups')
    assert.deepEqual([at(group, 'folder'), at(group, 'interval')], ['F$$1', '1m'])
    const [rule] = listAt(group, 'rules')
    assert.deepEqual([at(rule, 'keepFiringFor'), at(rule, 'labels')], ['1m', { a: '$$b' }])
    const one = listAt(body(grafana.ask('GET', `${rules}/r/export`)), 'groups')[0]
    assert.equal(at(one, 'folder'), undefined)
  })

  void it('have versions, each with its author, but not twice the same', async () => {
    const grafana = new FakeGrafana()
    grafana.seed.folder('f')
    grafana.seed.rule('r', { folder: 'f' })
    const rule = body(grafana.ask('GET', `${rules}/r`)) as object
    const headers = { 'X-Disable-Provenance': 'true' }
    const put = { method: 'PUT', path: `${rules}/r`, body: { ...rule, for: '2m' }, headers } as const
    assert.equal((await grafana.wire().send(put, signal)).status, 200)
    assert.equal((await grafana.wire().send(put, signal)).status, 200)
    const versions = body(
      grafana.ask('GET', '/api/ruler/grafana/api/v1/rule/r/versions'),
    ) as readonly unknown[]
    assert.deepEqual(
      versions.map((each) => textAt(each, 'grafana_alert', 'updated_by', 'name')),
      ['sa-1-infometis', 'somebody'],
    )
  })
})

describe('who asks the fake Grafana', () => {
  void it('is told what he may not do', async () => {
    const grafana = new FakeGrafana()
    const wire = grafana.wire()
    grafana.seed.datasource('ds')
    const remove = async (path: string) => refusal(await wire.send({ method: 'DELETE', path }, signal))
    grafana.role = 'Editor'
    assert.match((await remove('/api/datasources/uid/ds'))[1], /Permissions needed: datasources:delete$/)
    assert.equal((await wire.send({ method: 'GET', path: '/api/datasources/uid/ds' }, signal)).status, 200)
    grafana.role = 'Viewer'
    grafana.seed.dashboard('d')
    assert.match((await remove(`${dashboards}/d`))[1], /"d" is forbidden/)
    assert.equal((await wire.send({ method: 'GET', path: rules }, signal)).status, 403)
  })

  void it('as an Editor pauses no rule, and is told that he did', async () => {
    const grafana = new FakeGrafana()
    grafana.seed.folder('f')
    grafana.seed.rule('r', { folder: 'f' })
    grafana.role = 'Editor'
    const rule = body(grafana.ask('GET', `${rules}/r`)) as object
    const headers = { 'X-Disable-Provenance': 'true' }
    const put = { method: 'PUT', path: `${rules}/r`, body: { ...rule, isPaused: true }, headers } as const
    assert.equal(at((await grafana.wire().send(put, signal)).body, 'isPaused'), true)
    assert.equal(at(grafana.ask('GET', `${rules}/r`).body, 'isPaused'), false)
  })

  void it('with no good token is not known, but may ask for its health', async () => {
    const grafana = new FakeGrafana()
    for (const token of ['bad', 'expired', 'revoked', 'missing', 'other-org'] as const) {
      grafana.token = token
      const asked = grafana.wire().send({ method: 'GET', path: '/api/org' }, signal)
      await assert.rejects(
        asked,
        (error) => error instanceof ReconcileError && error.reason === 'AuthenticationFailed',
      )
      assert.equal(grafana.answerClient({ method: 'GET', path: '/api/health' }).status, 200)
    }
    const { body: words } = grafana.answerClient({ method: 'GET', path: '/apis' })
    assert.equal(textAt(words, 'messageId'), 'api-key.organization-mismatch')
  })
})

describe('a fake Grafana', () => {
  void it('without the newer API, or before it is ready', () => {
    const old = new FakeGrafana({ profile: 'api-only' })
    assert.deepEqual([old.ask('GET', '/apis').status, old.ask('GET', folders).status], [404, 404])
    const young = new FakeGrafana()
    young.starting = true
    assert.deepEqual(young.ask('GET', '/apis'), { status: 500, body: 'Internal Server Error' })
    assert.equal(young.ask('GET', '/api/org').status, 200)
  })

  void it('refuses to read the new model by the older API, or converts it with a loss', () => {
    const answers = (['12.4', '13.3'] as const).map((profile) => {
      const grafana = new FakeGrafana({ profile })
      grafana.seed.dashboard('d', { version: 'v2beta1' })
      return grafana.ask('GET', '/api/dashboards/uid/d')
    })
    assert.deepEqual(
      answers.map(({ status }) => status),
      [406, 200],
    )
    assert.equal(at(answers[1]?.body, 'dashboard', 'elements'), undefined)
  })

  void it('does the same again in the same order, and never gives an id twice', () => {
    const told = () => {
      const grafana = grafanaWith(2)
      return JSON.stringify(grafana.ask('GET', dashboards).body)
    }
    assert.equal(told(), told())
    const grafana = grafanaWith(1)
    const uid = () => textAt(grafana.ask('GET', `${dashboards}/d1`).body, 'metadata', 'uid')
    const before = uid()
    grafana.empty()
    assert.equal(grafana.ask('GET', `${dashboards}/d1`).status, 404)
    grafana.seed.dashboard('d1')
    assert.notEqual(uid(), before)
  })

  void it('can be put back', () => {
    const grafana = grafanaWith(1)
    const older = grafana.snapshot()
    body(grafana.ask('DELETE', `${dashboards}/d1`))
    grafana.seed.dashboard('d2')
    grafana.restore(older)
    assert.deepEqual(namesIn(grafana.ask('GET', dashboards)), ['d1'])
  })

  void it('writes down what clients asked, and not what people did', async () => {
    const grafana = grafanaWith(1)
    body(grafana.ask('GET', dashboards))
    await grafana.wire().send({ method: 'GET', path: '/api/org' }, signal)
    await grafana.wire().send({ method: 'DELETE', path: `${dashboards}/d1` }, signal)
    assert.deepEqual(
      [grafana.reads(), grafana.writes()].map((all) => all.map(({ path }) => path)),
      [['/api/org'], [`${dashboards}/d1`]],
    )
  })
})
