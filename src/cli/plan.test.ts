import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { createFake, type FakeServer } from '../../reconcilers/kafka/fake.ts'
import { importService } from './import.ts'
import { plan, type PlanOptions } from './plan.ts'
import { type Connect, connect } from './services.ts'

let server: FakeServer
let out = ''
let err = ''

beforeEach(() => {
  server = createFake({ brokers: 1 }).server
  out = ''
  err = ''
})

function context(input = '') {
  return {
    out: { write: (text: string) => (out += text) },
    err: { write: (text: string) => (err += text) },
    input: stream(input),
    cwd: import.meta.dirname,
    env: {},
    signal: new AbortController().signal,
    now: () => 0,
    timeout: 10_000,
    connect: () => createFake({ server }).client,
  }
}

async function* stream(text: string): AsyncIterable<string> {
  yield text
}

function configMap(
  document: string,
  more: { readonly name?: string; readonly annotations?: string } = {},
): string {
  const annotations = more.annotations === undefined ? '' : `\n  annotations: {${more.annotations}}`
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${more.name ?? 'kafka-topics-desired'}
  namespace: team
  labels: {infometis.component: kafka, infometis.config-type: topics}${annotations}
data:
  topics.yaml: |
    ${document.trim().split('\n').join('\n    ')}
`
}

async function planOf(input: string, more: Partial<PlanOptions> = {}): Promise<0 | 2> {
  return plan({ ...context(input), file: ['-'], ...more })
}

describe('infometis plan', () => {
  it('shows every field of what would be created, and ends with 2', async () => {
    assert.equal(
      await planOf(configMap('user-events:\n  partitions: 3\n  config: {retention.ms: 86400000}')),
      2,
    )
    assert.equal(
      out,
      `# team/kafka-topics-desired (upsert-only) <stdin>
+ topics/user-events  create
    + config.retention.ms: 86400000
    + partitions: 3

Plan: 1 to create, 0 to change, 0 to delete
`,
    )
    assert.match(err, /Ownership is not known/)
    assert.deepEqual(server.writes(), [])
  })

  it('says in one line that there is nothing to do, and ends with 0', async () => {
    server.create('user-events', { partitions: 3 })
    assert.equal(await planOf(configMap('user-events: {partitions: 3}')), 0)
    assert.equal(out, 'No changes: 1 as written.\n')
  })

  it('takes what exists as owned when nobody knows: a difference is a change, not a held adoption', async () => {
    server.create('user-events', { partitions: 3 })
    assert.equal(await planOf(configMap('user-events: {partitions: 6}')), 2)
    assert.match(out, /^~ topics\/user-events {2}update\n {4}~ partitions: 3 → 6$/m)
  })

  it('shows what is refused with its rule', async () => {
    server.create('user-events', { partitions: 6 })
    assert.equal(await planOf(configMap('user-events: {partitions: 3}')), 2)
    assert.match(out, /^! topics\/user-events {2}update refused \(PartitionsDecrease\): /m)
    assert.match(out, /^Plan: 0 to create, 0 to change, 0 to delete, 1 refused$/m)
  })

  it('shows what is held, its hash, and how to approve it', async () => {
    server.create('profiles', { config: { 'cleanup.policy': 'compact' } })
    assert.equal(await planOf(configMap('profiles: {config: {cleanup.policy: "compact,delete"}}')), 2)
    const [, hash] = /1 held \(hash ([0-9a-f]{12})\)/.exec(out) ?? []
    assert.ok(hash !== undefined, out)
    assert.ok(out.includes(`    infometis.io/approve: "${hash}"\n`))
    assert.ok(out.includes(`infometis approve team/kafka-topics-desired --hash ${hash}\n`))
  })

  it('shows an approved change as one that would be made', async () => {
    server.create('profiles', { config: { 'cleanup.policy': 'compact' } })
    const document = 'profiles: {config: {cleanup.policy: "compact,delete"}}'
    await planOf(configMap(document))
    const [, hash = ''] = /hash ([0-9a-f]{12})/.exec(out) ?? []
    out = ''
    await planOf(configMap(document, { annotations: `infometis.io/approve: "${hash}"` }))
    assert.match(out, /Plan: 0 to create, 1 to change, 0 to delete\n/)
  })

  it('lets --policy stand in for the document’s own', async () => {
    assert.equal(await planOf(configMap('a: {partitions: 1}'), { policy: 'observe-only' }), 2)
    assert.match(out, /\(observe-only\)/)
    assert.match(out, /create withheld \(ChangesWithheld\)/)
  })

  it('plans several ConfigMaps under their names, with one line for all at the end', async () => {
    const two = `${configMap('a: {}', { name: 'one' })}---\n${configMap('b: {}', { name: 'two' })}`
    assert.equal(await planOf(two), 2)
    assert.match(out, /# team\/one \(upsert-only\)[^]*# team\/two \(upsert-only\)/)
    assert.match(out, /\nPlan: 2 to create, 0 to change, 0 to delete\n$/)
  })

  it('merges an overlay over its base, which is not planned by itself', async () => {
    const base = configMap('a: {partitions: 12, config: {retention.ms: 1}}', { name: 'base' }).replace(
      'labels: {',
      'labels: {infometis.io/kind: base, ',
    )
    const overlay = configMap('a: {partitions: 1}', { annotations: 'infometis.io/extends: base' })
    assert.equal(await planOf(`${base}---\n${overlay}`), 2)
    assert.match(
      out,
      /^\+ topics\/a {2}create\n {4}\+ config\.retention\.ms: 1\n {4}\+ partitions: 1\n\nPlan: 1 to create/m,
    )
  })

  it('leaves documents of another instance out, and says so', async () => {
    const other = configMap('b: {}', { name: 'eu' }).replace(
      'labels: {',
      'labels: {infometis.io/instance: eu, ',
    )
    assert.equal(await planOf(`${configMap('a: {}')}---\n${other}`), 2)
    assert.match(err, /Left out: documents of the instance eu/)
    assert.doesNotMatch(out, /topics\/b/)
    out = ''
    assert.equal(await planOf(other, { env: { INFOMETIS_INSTANCE: 'eu' } }), 2)
    assert.match(out, /topics\/b/)
  })

  it('leaves other objects and the operator’s own alone', async () => {
    const status = configMap('b: {}', { name: 'x-status' }).replace(
      'labels: {',
      'labels: {infometis.io/kind: status, ',
    )
    const plain = 'apiVersion: v1\nkind: Service\nmetadata: {name: kafka}\n'
    assert.equal(await planOf(`${status}---\n${plain}---\n${configMap('a: {}')}`), 2)
    assert.match(out, /^Plan: 1 to create/m)
  })

  it('prints JSON for a program, with nothing else on standard output', async () => {
    assert.equal(await planOf(configMap('a: {partitions: 2}'), { output: 'json' }), 2)
    const parsed: unknown = JSON.parse(out)
    assert.deepEqual(parsed, {
      plans: [
        {
          configMap: 'team/kafka-topics-desired',
          file: '<stdin>',
          component: 'kafka',
          type: 'topics',
          policy: 'upsert-only',
          changes: [
            {
              action: 'create',
              type: 'topics',
              name: 'a',
              cause: 'written',
              verdict: 'apply',
              fields: [{ path: 'partitions', after: 2, cause: 'written' }],
            },
          ],
          orphans: [],
          adopted: [],
          retained: {},
          yielded: {},
          counts: {
            create: 1,
            update: 0,
            replace: 0,
            delete: 0,
            held: 0,
            refused: 0,
            withheld: 0,
            waiting: 0,
            orphans: 0,
            unchanged: 0,
          },
          conflicts: [],
          invalid: [],
        },
      ],
      counts: {
        create: 1,
        update: 0,
        replace: 0,
        delete: 0,
        held: 0,
        refused: 0,
        withheld: 0,
        waiting: 0,
        orphans: 0,
        unchanged: 0,
      },
    })
  })

  it('plans the rest beside an invalid entry, and ends with an error', async () => {
    await assert.rejects(planOf(configMap('good: {partitions: 1}\nbad: {partitions: 0}')), {
      name: 'ExitError',
      code: 1,
      message: '1 invalid; the plan is of the others',
    })
    assert.match(out, /^\+ topics\/good {2}create$/m)
    assert.match(out, /^! invalid bad\.partitions \(line 2\): partitions must be/m)
  })

  const errors: readonly { readonly name: string; readonly input: string; readonly message: RegExp }[] = [
    {
      name: 'no document at all',
      input: '',
      message: /^no desired document in -: a ConfigMap needs the labels/,
    },
    {
      name: 'an entry that is written twice',
      input: configMap('a: {}\na: {}'),
      message: /^<stdin>:10: a: is written twice, first in line 1/,
    },
    {
      name: 'a wrong control',
      input: configMap('a: {}', { annotations: 'infometis.io/policy: all' }),
      message: /infometis\.io\/policy: is "all"/,
    },
    {
      name: 'a base that is not in the files',
      input: configMap('a: {}', { annotations: 'infometis.io/extends: nowhere' }),
      message: /there is no ConfigMap nowhere/,
    },
    {
      name: 'a component nobody knows',
      input: configMap('a: {}').replace('component: kafka', 'component: kafak'),
      message: /unknown value "kafak"; did you mean "kafka"\?/,
    },
    {
      name: 'a config type that is not labelled',
      input: configMap('a: {}').replace(', infometis.config-type: topics', ''),
      message: /^<stdin>:6: metadata\.labels\.infometis\.config-type: the label is missing; known: topics$/,
    },
    {
      name: 'data that is no text',
      input: configMap('a: {}').replace('|\n    a: {}', '{a: {}}'),
      message: /data\.topics\.yaml: Kubernetes takes only text here/,
    },
  ]
  for (const { name, input, message } of errors) {
    it(`ends with an error and the place for ${name}`, async () => {
      await assert.rejects(planOf(input), { name: 'ExitError', code: 1, message })
      assert.equal(out, '')
    })
  }

  it('refuses a cluster that is not the expected one', async () => {
    const options = { env: { EXPECTED_CLUSTER_ID: 'other' } }
    await assert.rejects(planOf(configMap('a: {}'), options), {
      code: 1,
      message: /this is cluster fake-kafka-cluster-id0; EXPECTED_CLUSTER_ID says other/,
    })
  })

  it('lets an unreachable service be the caller’s error', async () => {
    server.down = true
    await assert.rejects(planOf(configMap('a: {}')), { name: 'ReconcileError', reason: 'ServiceUnreachable' })
  })

  describe('where the files are of several services', () => {
    const carts = configMap('carts: {}', { name: 'carts' })
      .replace('component: kafka', 'component: elasticsearch')
      .replace('type: topics', 'type: indices')
      .replace('topics.yaml', 'indices.yaml')
    const both = `${configMap('a: {}')}---\n${carts}`

    it('plans those that it can reach, and says of each other why it has no plan', async () => {
      const connectKafka: Connect = (service, env) =>
        service.kind === 'kafka' ? createFake({ server }).client : connect(service, env)
      await assert.rejects(planOf(both, { connect: connectKafka }), {
        code: 1,
        message: /^elasticsearch has no plan: ELASTICSEARCH_URL: must be set\n {2}→ with the local stack/,
      })
      assert.match(out, /^\+ topics\/a {2}create$/m)
      assert.doesNotMatch(out, /carts/)
    })

    it('prints no plan where it can reach none of them', async () => {
      const message =
        /^kafka has no plan: KAFKA_BOOTSTRAP_SERVERS: must be set\n.*\nelasticsearch has no plan: ELASTICSEARCH_URL/
      await assert.rejects(planOf(both, { connect }), { code: 1, message })
      assert.equal(out, '')
    })

    it('ends with what nobody foresaw', async () => {
      const broken: Connect = () => {
        throw new TypeError('a mistake of ours')
      }
      await assert.rejects(planOf(both, { connect: broken }), { name: 'TypeError' })
    })
  })
})

describe('infometis import', () => {
  for (const output of ['yaml', 'json'] as const) {
    it(`prints ${output} whose first plan is empty`, async () => {
      server.create('user-events', { partitions: 3, config: { 'retention.ms': '9223372036854775807' } })
      server.create('a.b-c_d', { config: { 'cleanup.policy': 'compact,delete' } })
      server.create('__consumer_offsets', { partitions: 50 })
      assert.equal(await importService({ ...context(), service: 'kafka', output }), 0)
      assert.match(err, /^2 entries of topics, 1 internal left out$/m)
      const manifest = out
      out = ''
      assert.equal(await planOf(manifest), 0)
      assert.equal(out, 'No changes: 2 as written.\n')
    })
  }

  it('takes only names that match, and the ConfigMap’s name and namespace as given', async () => {
    for (const name of ['orders.created', 'orders.paid', 'other']) server.create(name)
    await importService({
      ...context(),
      service: 'kafka',
      output: 'yaml',
      match: '^orders\\.',
      name: 'orders',
      namespace: 'team',
    })
    assert.equal(
      out,
      `apiVersion: v1
kind: ConfigMap
metadata:
  name: orders
  namespace: team
  labels:
    infometis.component: kafka
    infometis.config-type: topics
data:
  topics.yaml: |
    orders.created:
      partitions: 1
      replication-factor: 1
    orders.paid:
      partitions: 1
      replication-factor: 1
`,
    )
  })

  it('says so when nothing matches', async () => {
    const options = { ...context(), service: 'kafka', output: 'yaml', match: 'x' } as const
    await assert.rejects(importService(options), {
      code: 1,
      message: 'nothing to import from kafka that matches x',
    })
  })
})
