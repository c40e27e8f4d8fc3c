import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { createServer } from 'node:tls'
import kafkajs from 'kafkajs'
import type { AclOperationTypes, AclResourceTypes, Kafka } from 'kafkajs'
import { KafkaClient } from '../../reconcilers/kafka/client/kafka-client.ts'
import { brokerDefaults } from '../../reconcilers/kafka/fake-configs.ts'
import { createFake } from '../../reconcilers/kafka/fake.ts'
import { normalizeTopic } from '../../reconcilers/kafka/normalize.ts'
import type { Topic } from '../../reconcilers/kafka/normalize.ts'
import { topicSchema } from '../../reconcilers/kafka/schema.ts'
import { kafkaSettings } from '../../reconcilers/kafka/settings.ts'
import { readSettings } from '../../src/config.ts'
import type { Change, FieldChange, Json } from '../../src/core/resource.ts'
import { ReconcileError } from '../../src/errors.ts'
import type { Outcome, Verdict } from '../../src/reconcile/service-client.ts'
import { createAuthority } from '../../src/stack/certificates.ts'
import type { KafkaCredentials } from '../../reconcilers/kafka/stack/credentials.ts'
import { creationOf, removalOf } from '../support/changes.ts'
import { startKafka } from '../support/kafka.ts'
import type { RunningKafka } from '../support/kafka.ts'
import { testPlaces } from '../support/places.ts'

const versions = ['4.3.1', '3.9.2'] as const
const releases = { '4.3.1': '4.3', '3.9.2': '3.9' } as const

const deadline = () => AbortSignal.timeout(60_000)

function connect(
  kafka: { readonly bootstrapServers: string },
  env: Record<string, string> = {},
): KafkaClient {
  return new KafkaClient(
    readSettings(kafkaSettings, { KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrapServers, ...env }),
  )
}

function create(name: string, written: unknown = {}): Change<Topic> {
  return creationOf(normalizeTopic(name, topicSchema.parse(written)))
}

function update(name: string, fields: Record<string, Json | undefined>): Change<Topic> {
  const changes = Object.entries(fields).map(([path, value]): FieldChange => ({
    path,
    cause: 'written',
    ...(value !== undefined && { after: value }),
  }))
  return { action: 'update', type: 'topics', name, cause: 'written', fields: changes }
}

/** Looks until every topic is there: a broker shows a topic a moment after the controller has made it. */
async function observe(client: KafkaClient, ...names: string[]): Promise<readonly Topic[]> {
  const signal = deadline()
  for (;;) {
    const found = await client.observe('topics', names, signal)
    if (found.length === names.length && found.every(({ unavailable }) => unavailable === undefined))
      return found
    await setTimeout(50, undefined, { signal })
  }
}

async function observeOne(client: KafkaClient, name: string): Promise<Topic> {
  const [found] = await observe(client, name)
  assert.ok(found !== undefined)
  return found
}

async function make(client: KafkaClient, name: string, written: unknown = {}): Promise<Topic> {
  assert.deepEqual(failures(await client.apply([create(name, written)], deadline())), [])
  return observeOne(client, name)
}

function failures(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes.flatMap((outcome) => (outcome.state === 'done' ? [] : [outcome.message]))
}

function objections(verdicts: readonly Verdict[]): readonly string[] {
  return verdicts.map((verdict) => (verdict.ok ? 'ok' : `${verdict.code}: ${verdict.message}`))
}

/** Kafka's own words about a topic: `PartitionCount: 3 …` and its configs. */
async function describeByTool(kafka: RunningKafka, name: string): Promise<string> {
  return kafka.tool('kafka-topics', ['--describe', '--topic', name])
}

/** Another client, for what other programs do: it shares nothing with the one under test. */
function otherProgram(kafka: RunningKafka): Kafka {
  const brokers = kafka.brokers.map(({ ports }) => `127.0.0.1:${ports.internal}`)
  return new kafkajs.Kafka({ clientId: 'other-program', brokers, logLevel: kafkajs.logLevel.NOTHING })
}

async function produce(kafka: RunningKafka, topic: string, count: number): Promise<void> {
  const producer = otherProgram(kafka).producer()
  await producer.connect()
  await producer.send({
    topic,
    messages: Array.from({ length: count }, (_, index) => ({ key: String(index), value: 'x' })),
  })
  await producer.disconnect()
}

/** Until it fails: a frozen process may answer once more, since the signal to it is not waited for. */
async function again(work: () => Promise<unknown>): Promise<never> {
  for (;;) await work()
}

/** The protocol's requests while `work` runs, by API key. */
async function countRequests(work: () => Promise<unknown>): Promise<ReadonlyMap<number, number>> {
  const counts = new Map<number, number>()
  const count = (message: unknown) => {
    if (typeof message !== 'object' || message === null || !('apiKey' in message)) return
    counts.set(Number(message.apiKey), (counts.get(Number(message.apiKey)) ?? 0) + 1)
  }
  const channel = 'tracing:plt:kafka:connections:api:start'
  subscribe(channel, count)
  try {
    await work()
  } finally {
    unsubscribe(channel, count)
  }
  return counts
}

for (const version of versions) {
  describe(`Kafka ${version}, one broker`, () => {
    let kafka: RunningKafka
    let client: KafkaClient
    before(async () => {
      kafka = await startKafka({ version, properties: { 'num.partitions': '12' } })
      client = connect(kafka)
    })
    after(async () => {
      await client.close()
      await kafka.stop()
    })

    it('tells its cluster id and its release', async () => {
      assert.deepEqual(await client.ping(deadline()), {
        clusterId: kafka.clusterId,
        version: releases[version],
      })
    })

    it('creates a topic that Kafka’s own tools show as written', async () => {
      const config = { 'retention.ms': 86400000, 'cleanup.policy': 'compact, delete' }
      await make(client, 'created', { partitions: 3, 'replication-factor': 1, config })
      const shown = await describeByTool(kafka, 'created')
      assert.match(shown, /PartitionCount: 3\s+ReplicationFactor: 1/)
      assert.match(shown, /retention\.ms=86400000/)
      assert.match(shown, /cleanup\.policy=compact, ?delete/)
    })

    it('observes as equal to desired what it has just created, spellings and defaults included', async () => {
      const config = {
        'retention.ms': ' 1000 ',
        'cleanup.policy': 'delete,compact',
        'flush.messages': 9223372036854775807n,
        preallocate: 'TRUE',
        'min.cleanable.dirty.ratio': 0.5,
      }
      const change = create('spelt', { partitions: 2, 'replication-factor': 1, config })
      assert.deepEqual(failures(await client.apply([change], deadline())), [])
      const observed = await observeOne(client, 'spelt')
      for (const [path, value] of change.desired?.fields ?? [])
        assert.equal(observed.fields.get(path), value, path)
    })

    it('says which configs are set on the topic itself, and counts no default among them', async () => {
      const plain = await make(client, 'plain')
      const explicit = await make(client, 'explicit', { config: { 'retention.ms': 1000 } })
      assert.deepEqual([...(plain.explicit ?? [])], [])
      assert.deepEqual([...(explicit.explicit ?? [])], ['config.retention.ms'])
      assert.equal(plain.fields.get('config.min.insync.replicas'), '1')
      assert.equal(plain.fields.get('partitions'), 12)
    })

    it('takes creating twice, adding the same partitions twice and deleting twice as done', async () => {
      const twice = async (change: Change<Topic>) => [
        ...failures(await client.apply([change], deadline())),
        ...failures(await client.apply([change], deadline())),
      ]
      assert.deepEqual(await twice(create('twice', { partitions: 1 })), [])
      await observeOne(client, 'twice')
      assert.deepEqual(await twice(update('twice', { partitions: 2 })), [])
      assert.deepEqual(await twice(removalOf(await observeOne(client, 'twice'))), [])
    })

    it('changes and removes the named configs only, and leaves what another tool set', async () => {
      await make(client, 'altered', { config: { 'retention.ms': 1000, 'segment.ms': 2000 } })
      await kafka.tool('kafka-configs', [
        '--alter',
        '--entity-type',
        'topics',
        '--entity-name',
        'altered',
        '--add-config',
        'flush.ms=3000',
      ])
      const change = update('altered', { 'config.retention.ms': '4000', 'config.segment.ms': undefined })
      assert.deepEqual(failures(await client.apply([change], deadline())), [])
      const shown = await describeByTool(kafka, 'altered')
      assert.match(shown, /retention\.ms=4000/)
      assert.match(shown, /flush\.ms=3000/)
      assert.doesNotMatch(shown, /segment\.ms/)
    })

    it('adds partitions and changes configs of one topic in one change', async () => {
      await make(client, 'grown', { partitions: 1 })
      const change = update('grown', { partitions: 4, 'config.retention.ms': '5000' })
      assert.deepEqual(failures(await client.apply([change], deadline())), [])
      assert.match(await describeByTool(kafka, 'grown'), /PartitionCount: 4[\s\S]*retention\.ms=5000/)
    })

    it('with one bad topic among 500 makes the other 499, and tells the broker’s own words', async () => {
      const changes = Array.from({ length: 500 }, (_, index) =>
        create(`many-${index}`, { partitions: 1, config: { 'retention.ms': index === 250 ? -5 : 1000 } }),
      )
      const words =
        /^Invalid value -5 for configuration retention\.ms: Value must be at least -1 \(INVALID_CONFIG\)$/
      const verdicts = objections(await client.validate(changes, deadline())).filter((each) => each !== 'ok')
      assert.equal(verdicts.length, 1)
      assert.match(verdicts[0]?.replace('RejectedByServer: ', '') ?? '', words)
      const outcomes = await client.apply(changes, deadline())
      assert.deepEqual(
        outcomes.map(({ state }) => state === 'failed'),
        changes.map((_, index) => index === 250),
      )
      assert.match(failures(outcomes)[0] ?? '', words)
      const admin = otherProgram(kafka).admin()
      await admin.connect()
      const names = (await admin.listTopics()).filter((name) => name.startsWith('many-'))
      await admin.disconnect()
      assert.equal(names.length, 499)
    })

    it('validates without writing', async () => {
      const existing = await make(client, 'validated', { partitions: 2, config: { 'retention.ms': 1000 } })
      const changes = [
        create('never-made', { partitions: 1 }),
        create('validated', { partitions: 9 }),
        create('too-many', { 'replication-factor': 3 }),
        update('validated', { partitions: 3, 'config.retention.ms': '2000' }),
        update('validated', { partitions: 1 }),
        update('validated', { 'config.retention.ms': 'x' }),
        removalOf(existing),
      ]
      const said = objections(await client.validate(changes, deadline()))
      assert.deepEqual(
        said.map((each) => each.split(' ')[0]),
        ['ok', 'ok', 'RejectedByServer:', 'ok', 'RejectedByServer:', 'RejectedByServer:', 'ok'],
      )
      const [after] = await observe(client, 'validated')
      assert.deepEqual(after, existing)
      assert.deepEqual(await client.observe('topics', ['never-made', 'too-many'], deadline()), [])
    })

    it('splits what one request may not carry: 1,200 topics of 12 partitions, and as many by the broker’s default', async () => {
      const written = Array.from({ length: 1_200 }, (_, index) =>
        create(`heavy-${index}`, { partitions: 12 }),
      )
      const byDefault = Array.from({ length: 1_200 }, (_, index) => create(`default-${index}`))
      assert.deepEqual(new Set(objections(await client.validate(written, deadline()))), new Set(['ok']))
      assert.deepEqual(new Set(objections(await client.validate(byDefault, deadline()))), new Set(['ok']))
    })

    it('asks once for metadata and once for the configs of each 500 topics, and writes nothing', async () => {
      const names = Array.from({ length: 500 }, (_, index) => `many-${index}`)
      const counts = await countRequests(() =>
        client.observe('topics', [...names, 'plain', 'created', 'missing'], deadline()),
      )
      assert.deepEqual(Object.fromEntries(counts), { 3: 1, 32: 2 })
    })

    it('lists every name, and observes what is gone as absent', async () => {
      const names = await client.list('topics', deadline())
      assert.ok(names.includes('created') && names.includes('many-0'))
      assert.deepEqual(await client.observe('topics', ['missing', 'bad name'], deadline()), [])
      assert.deepEqual(await client.observe('topics', [], deadline()), [])
    })

    it('deletes by id: a topic that somebody made anew since stays', async () => {
      const planned = await make(client, 'renewed')
      const admin = otherProgram(kafka).admin()
      await admin.connect()
      await admin.deleteTopics({ topics: ['renewed'] })
      await admin.createTopics({ topics: [{ topic: 'renewed', numPartitions: 1 }] })
      await admin.disconnect()
      assert.deepEqual(objections(await client.validate([removalOf(planned)], deadline())), ['ok'])
      assert.deepEqual(failures(await client.apply([removalOf(planned)], deadline())), [])
      const now = await observeOne(client, 'renewed')
      assert.notEqual(now.id, planned.id)
    })

    it('does not delete by name when the id is not known', async () => {
      const topic = await make(client, 'kept')
      const change: Change<Topic> = {
        action: 'delete',
        type: 'topics',
        name: topic.name,
        cause: 'written',
        fields: [],
      }
      assert.match(failures(await client.apply([change], deadline()))[0] ?? '', /id is not known/)
      await observeOne(client, 'kept')
    })

    it('objects to deleting a topic that holds records, and not to an empty one', async () => {
      const full = await make(client, 'full', { partitions: 2 })
      const vacant = await make(client, 'vacant', { partitions: 2 })
      await produce(kafka, 'full', 5)
      const said = objections(await client.validate([removalOf(full), removalOf(vacant)], deadline()))
      assert.deepEqual(said, ['DeletesData: full holds up to 5 records', 'ok'])
    })

    it('objects to deleting a topic that an active consumer group reads, until the group has left', async () => {
      const read = await make(client, 'read', { partitions: 1 })
      const other = await make(client, 'unread', { partitions: 1 })
      const consumer = otherProgram(kafka).consumer({ groupId: 'readers' })
      await consumer.connect()
      await consumer.subscribe({ topic: 'read' })
      const joined = new Promise((resolve) => consumer.on('consumer.group_join', resolve))
      await consumer.run({ eachMessage: async () => Promise.resolve() })
      await joined
      const during = objections(await client.validate([removalOf(read), removalOf(other)], deadline()))
      await consumer.disconnect()
      const afterwards = objections(await client.validate([removalOf(read)], deadline()))
      assert.deepEqual(during, ['TopicInUse: read is read by active consumer group readers', 'ok'])
      assert.deepEqual(afterwards, ['ok'])
    })

    it('refuses what the fake refuses, in the words that the fake uses', async () => {
      const { client: fake, server } = createFake({ brokers: 1 })
      server.create('same.topic', { partitions: 2 })
      await make(client, 'same.topic', { partitions: 2 })
      const changes = [
        create('same_topic'),
        create('w', { config: { foo: 1 } }),
        create('w', { config: { 'retention.ms': 'abc' } }),
        create('w', { config: { 'retention.ms': -5 } }),
        create('w', { config: { 'retention.ms': '9223372036854775808' } }),
        create('w', { config: { 'cleanup.policy': 'keep' } }),
        create('w', { config: { 'compression.type': 'x' } }),
        create('w', { config: { preallocate: 'maybe' } }),
        create('w', { config: { 'min.insync.replicas': 0 } }),
        update('same.topic', { partitions: 1 }),
        update('same.topic', { 'config.retention.ms': 'x' }),
      ]
      const real = objections(await client.validate(changes, deadline()))
      const imitated = objections((await fake.validate?.(changes, deadline())) ?? [])
      assert.deepEqual(imitated, real)
    })

    it('obeys an abort within a second while the broker is frozen', async () => {
      await client.ping(deadline())
      const [broker] = kafka.brokers
      broker?.pause()
      const started = performance.now()
      try {
        await assert.rejects(
          again(() => client.observe('topics', ['plain'], AbortSignal.timeout(200))),
          {
            name: 'TimeoutError',
          },
        )
        await assert.rejects(client.apply([create('frozen')], AbortSignal.timeout(200)), {
          name: 'TimeoutError',
        })
      } finally {
        broker?.resume()
      }
      assert.ok(performance.now() - started < 1_400)
    })

    it('says that a request timed out, and works again afterwards', async () => {
      const impatient = connect(kafka, { KAFKA_REQUEST_TIMEOUT: '500ms' })
      await impatient.ping(deadline())
      const [broker] = kafka.brokers
      broker?.pause()
      try {
        await assert.rejects(
          again(() => impatient.ping(deadline())),
          { reason: 'ServiceTimeout' },
        )
      } finally {
        broker?.resume()
      }
      assert.equal((await impatient.ping(deadline())).clusterId, kafka.clusterId)
      await impatient.close()
    })

    it('finds its way again after the broker was stopped and started', async () => {
      const [broker] = kafka.brokers
      await broker?.stop()
      await assert.rejects(client.ping(deadline()), {
        reason: 'ServiceUnreachable',
        message: /nothing listens there/,
      })
      await broker?.start()
      assert.equal((await client.ping(deadline())).clusterId, kafka.clusterId)
    })
  })
}

describe('Kafka 4.3.1 beside its fake', () => {
  let kafka: RunningKafka
  let client: KafkaClient
  before(async () => {
    kafka = await startKafka({ version: '4.3.1' })
    client = connect(kafka)
  })
  after(async () => {
    await client.close()
    await kafka.stop()
  })

  it('has the defaults that the fake has', async () => {
    const topic = await make(client, 'defaults')
    const { client: fake, server } = createFake()
    server.create('defaults')
    const [imitated] = await fake.observe('topics', ['defaults'], deadline())
    assert.deepEqual(new Map([...(imitated?.fields ?? [])].sort()), new Map([...topic.fields].sort()))
    const configs = await kafka.tool('kafka-configs', [
      '--describe',
      '--all',
      '--entity-type',
      'topics',
      '--entity-name',
      'defaults',
    ])
    for (const key of brokerDefaults.keys()) assert.ok(configs.includes(`${key}=`), key)
  })

  it('objects to deleting a topic that a consumer of the new protocol reads', async () => {
    const topic = await make(client, 'modern', { partitions: 1 })
    await produce(kafka, 'modern', 1)
    const consumer = kafka.tool('kafka-console-consumer', [
      ...['--topic', 'modern', '--group', 'modern-readers', '--timeout-ms', '15000', '--from-beginning'],
      ...['--consumer-property', 'group.protocol=consumer'],
    ])
    const signal = deadline()
    const wanted =
      'DeletesDataInUse: modern holds up to 1 record; modern is read by active consumer group modern-readers'
    let said: readonly string[] = []
    while (said[0] !== wanted && !signal.aborted) {
      said = objections(await client.validate([removalOf(topic)], signal))
      await setTimeout(200)
    }
    assert.deepEqual(said, [wanted])
    await consumer
  })
})

describe('three brokers', () => {
  let kafka: RunningKafka
  let client: KafkaClient
  before(async () => {
    kafka = await startKafka({ brokers: 3 })
    client = connect(kafka)
  })
  after(async () => {
    await client.close()
    await kafka.stop()
  })

  it('make a topic with three replicas, and stay observable while one of them is down', async () => {
    await make(client, 'threefold', {
      partitions: 6,
      'replication-factor': 3,
      config: { 'min.insync.replicas': 2 },
    })
    assert.match(await describeByTool(kafka, 'threefold'), /PartitionCount: 6\s+ReplicationFactor: 3/)
    await make(client, 'single', { partitions: 6, 'replication-factor': 1 })
    const [first] = kafka.brokers
    await first?.stop()
    const signal = deadline()
    let single: Topic | undefined
    while (single?.unavailable === undefined && !signal.aborted) {
      ;[single] = await client.observe('topics', ['single'], signal)
      await setTimeout(100)
    }
    assert.equal(single?.unavailable, '2 of 6 partitions have no leader')
    assert.equal(single.fields.get('partitions'), 6)
    const threefold = await observeOne(client, 'threefold')
    assert.equal(threefold.fields.get('replication-factor'), 3)
    assert.deepEqual(
      failures(await client.apply([update('threefold', { 'config.retention.ms': '1000' })], signal)),
      [],
    )
    const said = objections(await client.validate([removalOf(single)], signal))
    assert.match(
      said[0] ?? '',
      /^DeletesData: the records of single cannot be counted: partition \d has no leader$/,
    )
    await first?.start()
    await observeOne(client, 'single')
  })

  it('count the records of all leaders', async () => {
    const topic = await make(client, 'spread', { partitions: 6, 'replication-factor': 1 })
    await produce(kafka, 'spread', 60)
    assert.deepEqual(objections(await client.validate([removalOf(topic)], deadline())), [
      'DeletesData: spread holds up to 60 records',
    ])
  })

  it('are reached although the first address is dead', async () => {
    const other = connect({ bootstrapServers: `127.0.0.1:1,${kafka.bootstrapServers}` })
    assert.equal((await other.ping(deadline())).clusterId, kafka.clusterId)
    await other.close()
  })
})

/** The settings that name the files a reconciler would have mounted. */
function files(credentials: KafkaCredentials): Record<string, string> {
  const { ca, certificate, key, usernameFile, passwordFile } = credentials
  return {
    ...(ca !== undefined && { KAFKA_TLS: 'true', KAFKA_CA_FILE: ca }),
    ...(certificate !== undefined && { KAFKA_CERT_FILE: certificate }),
    ...(key !== undefined && { KAFKA_KEY_FILE: key }),
    ...(usernameFile !== undefined && { KAFKA_USERNAME_FILE: usernameFile }),
    ...(passwordFile !== undefined && { KAFKA_PASSWORD_FILE: passwordFile }),
  }
}

/** One ping with a client of its own: `ok`, or the reason and the sentence. */
async function knock(
  kafka: { readonly bootstrapServers: string },
  env: Record<string, string>,
): Promise<string> {
  const client = connect(kafka, env)
  try {
    await client.ping(deadline())
    return 'ok'
  } catch (error) {
    assert.ok(error instanceof ReconcileError, String(error))
    return `${error.reason}: ${error.message}`
  } finally {
    await client.close()
  }
}

const directories: string[] = []
after(async () => Promise.all(directories.map((directory) => rm(directory, { recursive: true }))))

/** Gone when the tests are over. */
async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'infometis-client-'))
  directories.push(directory)
  return directory
}

async function temporaryFile(content: string): Promise<string> {
  const path = join(await temporaryDirectory(), 'file')
  await writeFile(path, content)
  return path
}

describe('TLS with an authority of our own', () => {
  let kafka: RunningKafka
  before(async () => {
    kafka = await startKafka({ security: 'tls' })
  })
  after(() => kafka.stop())

  it('lets a client in that trusts the authority', async () => {
    assert.equal(await knock(kafka, files(kafka.client)), 'ok')
  })

  it('is refused by a client that trusts another authority, or the system’s only', async () => {
    const other = await createAuthority(await temporaryDirectory(), testPlaces().path)
    assert.match(
      await knock(kafka, { KAFKA_TLS: 'true', KAFKA_CA_FILE: other.certificate }),
      /^TlsFailed: localhost:\d+: /,
    )
    assert.match(await knock(kafka, { KAFKA_TLS: 'true' }), /^TlsFailed: localhost:\d+: /)
  })

  it('is told apart from a listener without TLS, both ways round', async () => {
    const internal = { bootstrapServers: `localhost:${String(kafka.brokers[0]?.ports.internal)}` }
    assert.match(await knock(kafka, {}), /^(TlsFailed|ServiceUnreachable): localhost:\d+.*(TLS)/)
    assert.match(
      await knock(internal, files(kafka.client)),
      /^(TlsFailed|ServiceUnreachable): localhost:\d+.*(TLS|SSL)/,
    )
  })

  it('names the file that cannot be read', async () => {
    assert.match(
      await knock(kafka, { KAFKA_TLS: 'true', KAFKA_CA_FILE: '/nowhere/ca.crt' }),
      /^TlsFailed: KAFKA_CA_FILE: \/nowhere\/ca\.crt cannot be read \(ENOENT\)$/,
    )
  })
})

describe('a certificate with another name', () => {
  it('is refused', async () => {
    const authority = await createAuthority(await temporaryDirectory(), testPlaces().path)
    const issued = await authority.issue('server', '/CN=localhost')
    const [cert, key] = await Promise.all([readFile(issued.certificate), readFile(issued.key)])
    const server = createServer({ cert, key })
    server.listen(0, '127.0.0.2')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const said = await knock(
      { bootstrapServers: `127.0.0.2:${port}` },
      { KAFKA_TLS: 'true', KAFKA_CA_FILE: authority.certificate },
    )
    server.close()
    assert.match(
      said,
      /^TlsFailed: 127\.0\.0\.2:\d+: .*127\.0\.0\.2 is not in the cert.*\(ERR_TLS_CERT_ALTNAME_INVALID\)$/,
    )
  })
})

describe('mutual TLS', () => {
  let kafka: RunningKafka
  before(async () => {
    kafka = await startKafka({ security: 'mtls' })
  })
  after(() => kafka.stop())

  it('lets a client with a certificate in, and one without it not', async () => {
    assert.equal(await knock(kafka, files(kafka.client)), 'ok')
    const { ca } = kafka.client
    assert.match(
      await knock(kafka, files(ca === undefined ? {} : { ca })),
      /^TlsFailed: localhost:\d+: .*certificate.* \(ERR_SSL_.*CERTIFICATE.*\)$/,
    )
  })

  it('takes a rotated certificate without a restart', async () => {
    const { ca = '', certificate = '', key = '' } = kafka.client
    const [mountedCert, mountedKey] = await Promise.all([temporaryFile('not yet'), temporaryFile('not yet')])
    const client = connect(kafka, files({ ca, certificate: mountedCert, key: mountedKey }))
    await assert.rejects(client.ping(deadline()), { reason: 'TlsFailed' })
    await writeFile(mountedCert, await readFile(certificate))
    await writeFile(mountedKey, await readFile(key))
    assert.equal((await client.ping(deadline())).clusterId, kafka.clusterId)
    await client.close()
  })
})

const mechanisms = [
  ['sasl-plain', 'PLAIN'],
  ['sasl-scram', 'SCRAM-SHA-256'],
  ['sasl-scram', 'SCRAM-SHA-512'],
] as const

for (const security of ['sasl-plain', 'sasl-scram'] as const) {
  describe(security === 'sasl-plain' ? 'SASL PLAIN' : 'SASL SCRAM', () => {
    let kafka: RunningKafka
    before(async () => {
      kafka = await startKafka({ security })
    })
    after(() => kafka.stop())

    for (const [, mechanism] of mechanisms.filter(([each]) => each === security)) {
      it(`${mechanism}: lets the right password in, and says that a wrong one is wrong without showing it`, async () => {
        const env = { ...files(kafka.client), KAFKA_SASL_MECHANISM: mechanism }
        assert.equal(await knock(kafka, env), 'ok')
        const said = await knock(kafka, {
          ...env,
          KAFKA_PASSWORD_FILE: await temporaryFile('wrong-password'),
        })
        assert.match(
          said,
          /^AuthenticationFailed: localhost:\d+ refuses the user: .*[Aa]uthentication failed/,
        )
        assert.doesNotMatch(said, /wrong-password/)
      })
    }

    it('shows refused credentials to the broker once, not in a loop, and takes a rotated password at once', async () => {
      const mechanism = security === 'sasl-plain' ? 'PLAIN' : 'SCRAM-SHA-512'
      const mounted = await temporaryFile('wrong-password')
      const env = { ...files(kafka.client), KAFKA_SASL_MECHANISM: mechanism, KAFKA_PASSWORD_FILE: mounted }
      const client = connect({ bootstrapServers: `${kafka.bootstrapServers},${kafka.bootstrapServers}` }, env)
      const attempts = await countRequests(async () => {
        for (let attempt = 0; attempt < 20; attempt += 1) {
          await assert.rejects(client.ping(deadline()), { reason: 'AuthenticationFailed' })
        }
      })
      const saslHandshake = 17
      assert.equal(attempts.get(saslHandshake), 1)
      await writeFile(mounted, `${kafka.users.get('infometis') ?? ''}\n`)
      assert.equal((await client.ping(deadline())).clusterId, kafka.clusterId)
      await writeFile(mounted, 'wrong again')
      await assert.rejects(client.ping(deadline()), { reason: 'AuthenticationFailed' })
      await client.close()
    })

    it('says what is missing when no credentials are given', async () => {
      const { ca } = kafka.client
      assert.match(
        await knock(kafka, files(ca === undefined ? {} : { ca })),
        /^ServiceUnreachable: .*KAFKA_SASL_MECHANISM/,
      )
    })

    it('says that a mechanism is not offered', async () => {
      const offered = security === 'sasl-plain' ? 'SCRAM-SHA-512' : 'PLAIN'
      const env = { ...files(kafka.client), KAFKA_SASL_MECHANISM: offered }
      assert.match(await knock(kafka, env), /^AuthenticationFailed: .*mechanism/)
    })
  })
}

describe('a principal without some rights', () => {
  let kafka: RunningKafka
  let client: KafkaClient
  before(async () => {
    kafka = await startKafka({ security: 'sasl-plain', authorizer: true })
    client = connect(kafka, { ...files(kafka.client), KAFKA_SASL_MECHANISM: 'PLAIN' })
  })
  after(async () => {
    await client.close()
    await kafka.stop()
  })

  /** A resource with any ACL is closed to everyone else, so all the rest is allowed by name. */
  const deny = async (type: AclResourceTypes, resourceName: string, ...operations: AclOperationTypes[]) => {
    const admin = otherProgram(kafka).admin()
    await admin.connect()
    const resource = {
      resourceType: type,
      resourceName,
      resourcePatternType: kafkajs.ResourcePatternTypes.LITERAL,
      host: '*',
    }
    const denied = operations.map((operation) => ({
      ...resource,
      principal: 'User:infometis',
      operation,
      permissionType: kafkajs.AclPermissionTypes.DENY,
    }))
    const rest = {
      principal: 'User:*',
      operation: kafkajs.AclOperationTypes.ALL,
      permissionType: kafkajs.AclPermissionTypes.ALLOW,
    }
    await admin.createAcls({ acl: [...denied, { ...resource, ...rest }] })
    await admin.disconnect()
    // The broker learns of ACLs from the metadata log, a moment later.
    await setTimeout(300)
  }
  const { TOPIC, GROUP, CLUSTER } = kafkajs.AclResourceTypes

  it('is told per topic what it may not do, and does the rest', async () => {
    await make(client, 'mine', { partitions: 1 })
    await make(client, 'sealed', { partitions: 1 })
    // Rights on the cluster would stand in for those on topics.
    await deny(CLUSTER, 'kafka-cluster', kafkajs.AclOperationTypes.CREATE, kafkajs.AclOperationTypes.DELETE)
    await deny(
      TOPIC,
      'sealed',
      kafkajs.AclOperationTypes.ALTER,
      kafkajs.AclOperationTypes.ALTER_CONFIGS,
      kafkajs.AclOperationTypes.DELETE,
    )
    await deny(TOPIC, 'forbidden', kafkajs.AclOperationTypes.CREATE)
    const sealed = await observeOne(client, 'sealed')
    const changes = [
      create('allowed', { partitions: 1 }),
      create('forbidden', { partitions: 1 }),
      update('mine', { partitions: 2 }),
      update('sealed', { partitions: 2 }),
      update('sealed', { 'config.retention.ms': '1' }),
      removalOf(sealed),
    ]
    const outcomes = await client.apply(changes, deadline())
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.state === 'failed' ? outcome.reason : outcome.state)),
      [
        'done',
        'AuthorizationFailed',
        'done',
        'AuthorizationFailed',
        'AuthorizationFailed',
        'AuthorizationFailed',
      ],
    )
    for (const message of failures(outcomes)) assert.match(message, /AUTHORIZATION_FAILED\)$/)
    assert.deepEqual(
      new Set(objections(await client.validate(changes.slice(0, 5), deadline()))),
      new Set(['ok']),
    )
  })

  it('is not told that a topic is absent when it may not look: the call fails and names it', async () => {
    await make(client, 'unreadable', { partitions: 1 })
    await deny(TOPIC, 'unreadable', kafkajs.AclOperationTypes.DESCRIBE_CONFIGS)
    await assert.rejects(client.observe('topics', ['mine', 'unreadable'], deadline()), {
      reason: 'AuthorizationFailed',
      message: /may not read the configs of topic unreadable: /,
    })
    await deny(TOPIC, 'invisible', kafkajs.AclOperationTypes.DESCRIBE)
    await assert.rejects(client.observe('topics', ['mine', 'invisible'], deadline()), {
      reason: 'AuthorizationFailed',
      message: /may not describe topic invisible: /,
    })
    assert.equal((await client.observe('topics', ['mine'], deadline())).length, 1)
  })

  it('has deletions held while it may not see the consumer groups', async () => {
    const mine = await observeOne(client, 'mine')
    assert.deepEqual(objections(await client.validate([removalOf(mine)], deadline())), ['ok'])
    await deny(GROUP, '*', kafkajs.AclOperationTypes.DESCRIBE)
    const [said] = objections(await client.validate([removalOf(mine)], deadline()))
    assert.match(
      said ?? '',
      /^TopicInUse: whether mine has active consumers cannot be told: grant Describe on every consumer group/,
    )
  })
})
