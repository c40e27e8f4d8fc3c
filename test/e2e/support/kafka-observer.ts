import { Resolver } from 'node:dns/promises'
import { connect, type LookupFunction } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import kafkajs, { type Admin } from 'kafkajs'

/**
 * A program of its own, run inside the cluster's network: kafkajs, which is not the client under test, says on each line what topics
 * there are as soon as that changes, and does what a line of its input asks for.
 * Arguments: bootstrap server, address of the cluster's DNS.
 */
const [bootstrap = '', nameServer = ''] = process.argv.slice(2)

const { ConfigResourceTypes, Kafka, logLevel } = kafkajs

const resolver = new Resolver({ timeout: 1_000, tries: 2 })
resolver.setServers([nameServer])

/** As a pod resolves it: `x.svc` is short for `x.svc.cluster.local`. */
const lookup: LookupFunction = (host, _options, done) => {
  const name = host.endsWith('.svc') ? `${host}.cluster.local` : host
  resolver.resolve4(name).then(
    (addresses) =>
      done(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      ),
    (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), []),
  )
}

const kafka = new Kafka({
  clientId: 'observer',
  brokers: [bootstrap],
  logLevel: logLevel.NOTHING,
  connectionTimeout: 3_000,
  requestTimeout: 5_000,
  retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 3 },
  socketFactory: ({ host, port, onConnect }) => connect({ host, port, lookup }, onConnect),
})

/** What a line of the input asks for. */
interface Question {
  readonly id: number
  readonly ask: 'produce' | 'count' | 'config'
  readonly topic: string
  readonly records?: number
  readonly key?: string
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

async function answer(admin: Admin, { ask, topic, records = 0, key = '' }: Question): Promise<unknown> {
  if (ask === 'produce') {
    const producer = kafka.producer({ allowAutoTopicCreation: false })
    await producer.connect()
    const messages = Array.from({ length: records }, (_, index) => ({
      key: `${index}`,
      value: `record ${index}`,
    }))
    await producer.send({ topic, acks: -1, messages })
    await producer.disconnect()
    return records
  }
  if (ask === 'count') {
    const offsets = await admin.fetchTopicOffsets(topic)
    return offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0)
  }
  const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic }]
  const { resources: described } = await admin.describeConfigs({ resources, includeSynonyms: false })
  return described[0]?.configEntries.find(({ configName }) => configName === key)?.configValue
}

async function watchTopics(admin: Admin, ended: () => boolean): Promise<void> {
  let last = ''
  while (!ended()) {
    await delay(40)
    const seen = await admin.fetchTopicMetadata().catch(() => undefined)
    if (seen === undefined) continue
    const sizes = seen.topics.map(({ name, partitions }) => [name, partitions.length] as const)
    const now = JSON.stringify(Object.fromEntries(sizes.sort(([a], [b]) => (a < b ? -1 : 1))))
    if (now !== last) say({ topics: JSON.parse(now) as unknown })
    last = now
  }
}

const admin = kafka.admin()
for (let connected = false; !connected;) {
  connected = await admin.connect().then(
    () => true,
    async () => delay(500, false),
  )
}
createInterface({ input: process.stdin }).on('line', (line) => {
  const question = JSON.parse(line) as Question
  void answer(admin, question)
    .then((value) => ({ id: question.id, value }))
    .catch((error: unknown) => ({ id: question.id, error: String(error) }))
    .then(say)
})
let ended = false
process.stdin.once('end', () => (ended = true))
await watchTopics(admin, () => ended)
await admin.disconnect()
