import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import kafkajs from 'kafkajs'
import { startKafka } from '../support/kafka.ts'
import { startKubeApi } from '../support/kube-api.ts'
import { Team } from '../support/team.ts'

const [api, kafka] = await Promise.all([startKubeApi(), startKafka()])
after(async () => {
  await admin.disconnect()
  await Promise.all([api.stop(), kafka.stop()])
})

const most = 40

const { ConfigResourceTypes, Kafka, logLevel } = kafkajs
const brokers = kafka.bootstrapServers.split(',')
const admin = new Kafka({ brokers, clientId: 'bystander', logLevel: logLevel.NOTHING }).admin()
await admin.connect()

/** What kafkajs, which the reconciler does not use here, sees: `name partitions retention.ms` of every topic of this round. */
async function topics(prefix: string): Promise<readonly string[]> {
  const names = (await admin.listTopics()).filter((name) => name.startsWith(prefix))
  const { topics: found } = await admin.fetchTopicMetadata({ topics: names })
  const resources = names.map((name) => ({
    type: ConfigResourceTypes.TOPIC,
    name,
    configNames: ['retention.ms'],
  }))
  const described = await admin.describeConfigs({ includeSynonyms: false, resources })
  const retention = new Map(
    described.resources.map((each) => [each.resourceName, each.configEntries[0]?.configValue]),
  )
  const shown = found.map(({ name, partitions }) => [
    name.slice(prefix.length),
    partitions.length,
    retention.get(name),
  ])
  return shown.map((words) => words.join(' ')).sort()
}

/** One reconciler killed at the nth moment of a pass that creates, updates and deletes. True when there was no such moment. */
async function killAt(point: number): Promise<boolean> {
  const team = await Team.open(api, kafka, `kill-${point}`)
  const prefix = `k${point}-`
  const kept = { partitions: 2, config: { 'retention.ms': 120_000 } }
  const made = { partitions: 1, config: { 'retention.ms': 60_000 } }
  const sync = { 'infometis.io/policy': 'sync' }
  try {
    const before = team.start('dist/main.mjs', ['run', 'kafka'])
    await team.write('doc', { [`${prefix}a`]: made, [`${prefix}b`]: made }, sync)
    const first = await team.until('doc', 'Ready', ({ ready }) => ready === 'True', before)
    before.kill('SIGTERM')
    assert.equal(await before.ended, '0')

    await team.write('doc', { [`${prefix}a`]: kept, [`${prefix}c`]: made }, sync)
    const dying = team.start('test/chaos/doomed-reconciler.ts', [String(point)])
    const survives = team.converges('doc', first, dying).then(
      () => 'converged',
      () => 'not in time',
    )
    const end = await Promise.race([dying.ended, survives])
    dying.kill('SIGKILL')
    assert.ok(end === 'SIGKILL' || end === 'converged', `${end}\n${dying.log()}`)

    const again = team.start('dist/main.mjs', ['run', 'kafka'])
    const second = await team.converges('doc', first, again)
    assert.deepEqual(await topics(prefix), ['a 2 120000', 'c 1 60000'], `killed at moment ${point}`)

    // Nothing is forgotten: what was made is still deleted when Git no longer names it.
    await team.write('doc', { [`${prefix}a`]: kept }, sync)
    await team.converges('doc', second, again)
    assert.deepEqual(await topics(prefix), ['a 2 120000'], `killed at moment ${point}`)
    return end === 'converged'
  } finally {
    await team.close()
  }
}

it('a reconciler killed at any await of apply converges after a restart: nothing twice, lost or forgotten', async () => {
  const atOnce = 3
  let point = 1
  for (let survived = false; !survived; point += atOnce) {
    assert.ok(point < most, `more than ${most} moments: the reconcile never ends`)
    const points = Array.from({ length: atOnce }, (_, index) => point + index)
    survived = (await Promise.all(points.map(killAt))).includes(true)
  }
  assert.ok(point > 10, `fewer than ${point} moments were killed at`)
})
