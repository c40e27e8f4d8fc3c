import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { Kafka, logLevel, type KafkaConfig, type SASLOptions } from 'kafkajs'
import { isRunning, processesMarked } from '../../src/stack/process-identity.ts'
import { startKafka, type RunningKafka, type TestKafkaOptions } from '../support/kafka.ts'
import { marked } from '../support/places.ts'

const cases: readonly {
  readonly name: string
  readonly options: TestKafkaOptions
  readonly mechanism?: SASLOptions['mechanism']
}[] = [
  { name: 'version 4.3.1 in the clear', options: {} },
  { name: 'version 3.9.2 in the clear', options: { version: '3.9.2' } },
  { name: 'TLS', options: { security: 'tls' } },
  { name: 'mutual TLS', options: { security: 'mtls' } },
  { name: 'SASL PLAIN over TLS', options: { security: 'sasl-plain' }, mechanism: 'plain' },
  { name: 'SASL SCRAM over TLS', options: { security: 'sasl-scram' }, mechanism: 'scram-sha-512' },
  {
    name: 'SASL SCRAM on version 3.9.2',
    options: { security: 'sasl-scram', version: '3.9.2' },
    mechanism: 'scram-sha-256',
  },
]

async function text(file: string | undefined): Promise<string> {
  return file === undefined ? '' : readFile(file, 'utf8')
}

async function clientOf(kafka: RunningKafka, mechanism?: SASLOptions['mechanism']): Promise<Kafka> {
  const { ca, certificate, key, usernameFile, passwordFile } = kafka.client
  const pair = certificate === undefined ? {} : { cert: await text(certificate), key: await text(key) }
  const config: KafkaConfig = {
    brokers: kafka.bootstrapServers.split(','),
    logLevel: logLevel.NOTHING,
    ...(ca === undefined ? {} : { ssl: { ca: await text(ca), ...pair } }),
  }
  if (mechanism === undefined) return new Kafka(config)
  const sasl = {
    mechanism,
    username: await text(usernameFile),
    password: await text(passwordFile),
  } as SASLOptions
  return new Kafka({ ...config, sasl })
}

/**
 * A broker answers a list from its own copy of the metadata, which may trail the controllers' that a creation
 * was acknowledged by; every call starts a JVM, so the loop needs no pause of its own.
 */
async function listed(kafka: RunningKafka, topic: string, deadlineMs = 60_000): Promise<void> {
  const deadline = performance.now() + deadlineMs
  for (;;) {
    const topics = (await kafka.tool('kafka-topics', ['--list'])).trim().split('\n')
    if (topics.includes(topic)) return
    assert.ok(performance.now() < deadline, `after ${deadlineMs} ms the list has only ${topics.join(', ')}`)
  }
}

describe('Kafka of the local stack', () => {
  for (const { name, options, mechanism } of cases) {
    it(`serves a client with ${name}`, async () => {
      const kafka = await startKafka(options)
      const admin = (await clientOf(kafka, mechanism)).admin()
      try {
        await admin.connect()
        assert.equal((await admin.describeCluster()).clusterId, kafka.clusterId)
        await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 3 }] })
        assert.match(
          await kafka.tool('kafka-topics', ['--describe', '--topic', 'orders']),
          /PartitionCount: 3/,
        )
      } finally {
        await admin.disconnect()
        await kafka.stop()
      }
    })
  }

  it('denies what no ACL allows', async () => {
    const properties = { 'allow.everyone.if.no.acl.found': 'false' }
    const kafka = await startKafka({ security: 'sasl-scram', authorizer: true, properties })
    const admin = (await clientOf(kafka, 'scram-sha-512')).admin()
    try {
      await admin.connect()
      const create = async (topic: string): Promise<boolean> =>
        admin.createTopics({ topics: [{ topic }], waitForLeaders: false })
      await assert.rejects(create('denied'))
      const acl = ['--add', '--allow-principal', 'User:infometis', '--operation', 'Create', '--cluster']
      await kafka.tool('kafka-acls', acl)
      await create('allowed')
      assert.deepEqual((await kafka.tool('kafka-topics', ['--list'])).trim(), 'allowed')
    } finally {
      await admin.disconnect()
      await kafka.stop()
    }
  })

  it('keeps its topics and ports over the kill of a broker, three brokers and all', async () => {
    const kafka = await startKafka({ brokers: 3 })
    const [first] = kafka.brokers
    assert.ok(first)
    try {
      await kafka.tool('kafka-topics', [
        '--create',
        '--topic',
        'orders',
        '--replication-factor',
        '3',
        '--partitions',
        '1',
      ])
      await first.kill()
      assert.equal(first.running(), false)
      await listed(kafka, 'orders')
      await first.start()
      assert.equal(kafka.bootstrapServers.split(',')[0], `127.0.0.1:${first.ports.client}`)
      assert.match(await kafka.tool('kafka-broker-api-versions', []), /id: 1 /)
    } finally {
      await kafka.stop()
    }
  })

  it('leaves no process behind', async () => {
    const started: Parameters<typeof isRunning>[0][] = []
    const { mark, launch } = marked()
    const kafka = await startKafka({
      launch: { ...launch, onSpawn: async (identity) => void started.push(identity) },
    })
    assert.equal((await processesMarked(mark)).length, 1)
    await kafka.stop()
    assert.deepEqual(await Promise.all(started.map(isRunning)), [false])
    assert.deepEqual(await processesMarked(mark), [])
  })
})
