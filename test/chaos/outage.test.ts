import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { startKafka } from '../support/kafka.ts'
import { startKubeApi } from '../support/kube-api.ts'
import { Team } from '../support/team.ts'

const [api, kafka] = await Promise.all([startKubeApi(), startKafka()])
after(async () => {
  await Promise.all([api.stop(), kafka.stop()])
})

const [broker] = kafka.brokers
const minute = 60_000

it('a broker that is down for a minute: status says so, and it converges by itself', async () => {
  const team = await Team.open(api, kafka, 'outage')
  try {
    const running = team.start('dist/main.mjs', ['run', 'kafka'])
    await team.write('doc', { orders: { partitions: 1 } })
    await team.until('doc', 'Ready', ({ ready }) => ready === 'True', running)
    await broker?.kill()
    const since = Date.now()
    await team.write('doc', { orders: { partitions: 1 }, payments: { partitions: 2 } })
    const down = await team.until(
      'doc',
      'unreachable',
      ({ reason }) => reason === 'ServiceUnreachable',
      running,
    )
    assert.equal(down.ready, 'Unknown')
    // The outage itself is what is tested: a minute of it.
    await setTimeout(minute - (Date.now() - since))
    assert.deepEqual(await team.status('doc'), down, 'retries change nothing in status')
    await broker?.start()
    await team.until('doc', 'Ready again', ({ ready }) => ready === 'True', running, 45_000)
    assert.match(await kafka.tool('kafka-topics', ['--describe', '--topic', 'payments']), /PartitionCount: 2/)
  } finally {
    await team.close()
  }
})
