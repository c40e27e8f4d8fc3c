import assert from 'node:assert/strict'
import { after, describe, it, type TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import kafkajs from 'kafkajs'
import { normalizeTopic } from '../../reconcilers/kafka/normalize.ts'
import { KafkaReconciler } from '../../reconcilers/kafka/reconciler.ts'
import { readSettings } from '../../src/config.ts'
import { ReconcileError } from '../../src/errors.ts'
import { ApiProxy } from '../support/api-proxy.ts'
import { creationOf, removalOf } from '../support/changes.ts'
import { KafkaRelay, writes } from '../support/kafka-relay.ts'
import { startKafka } from '../support/kafka.ts'
import { startKubeApi } from '../support/kube-api.ts'
import { type Reconciling, Team } from '../support/team.ts'

const [api, kafka] = await Promise.all([startKubeApi(), startKafka()])
after(async () => {
  await admin.disconnect()
  await Promise.all([api.stop(), kafka.stop()])
})

const { Kafka, logLevel } = kafkajs
const brokers = kafka.bootstrapServers.split(',')
const admin = new Kafka({ brokers, clientId: 'bystander', logLevel: logLevel.NOTHING }).admin()
await admin.connect()

/** What is promised: given back, and taken from one that died. */
const plannedMs = 3_000
const killedMs = 20_000

interface Line {
  readonly msg: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** One replica: the program as it is shipped, under the shipped Role, and what can be seen of it from outside. */
interface Replica extends Reconciling {
  readonly name: string
  readonly relay: KafkaRelay
  /** Where the test stands between it and the API server. */
  readonly proxy: ApiProxy | undefined
  /** The first such line of its log. */
  said(message: string, deadlineMs?: number): Promise<Line>
  page(path: string): Promise<{ readonly status: number; readonly text: string }>
}

/** A namespace whose topics begin with its name, and as many replicas as a test starts. */
async function stage(t: TestContext, name: string) {
  const team = await Team.open(api, kafka, name)
  const closes: (() => Promise<void>)[] = [() => team.close()]
  t.after(async () => {
    for (const close of closes) await close()
  })

  const replica = async (pod: string, more: { readonly proxied?: boolean } = {}): Promise<Replica> => {
    const relay = await KafkaRelay.open(brokers[0] ?? '')
    closes.push(() => relay.close())
    const account = { namespace: team.namespace, name: 'infometis-kafka' }
    const proxy = more.proxied === true ? await ApiProxy.open(api, account) : undefined
    if (proxy !== undefined) closes.push(() => proxy.close())
    const running = team.start('dist/main.mjs', ['run', 'kafka'], {
      LEADER_ELECTION: 'true',
      POD_NAME: pod,
      KAFKA_BOOTSTRAP_SERVERS: relay.address,
      RECONCILE_INTERVAL: '1s',
      ...(proxy === undefined ? {} : { KUBERNETES_SERVICE_HOST: '', KUBECONFIG: proxy.kubeconfig }),
    })
    const lines = (): readonly (Line & { readonly port?: number })[] =>
      running
        .log()
        .split('\n')
        .filter((line) => line.startsWith('{') && line.endsWith('}'))
        .map((line) => JSON.parse(line) as { msg: string; time: string; port?: number })
        .map((line) => ({ ...line, at: Date.parse(line.time) }))
    const said = async (message: string, deadlineMs = 30_000) => {
      const deadline = Date.now() + deadlineMs
      for (;;) {
        const found = lines().find(({ msg }) => msg === message)
        if (found !== undefined) return found
        if (Date.now() > deadline) throw new Error(`${pod} did not say "${message}"\n${running.log()}`)
        await setTimeout(20)
      }
    }
    const page = async (path: string) => {
      const { port = 0 } = await said('listening')
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(5_000) })
      return { status: answer.status, text: await answer.text() }
    }
    return { ...running, name: pod, relay, proxy, said, page }
  }

  const topics = (...names: readonly string[]): Record<string, unknown> =>
    Object.fromEntries(names.map((each) => [`${name}-${each}`, { partitions: 1 }]))
  const write = (...names: readonly string[]): Promise<void> =>
    team.write('doc', topics(...names), { 'infometis.io/policy': 'sync' })
  const ready = (from: Reconciling, deadlineMs?: number) =>
    team.until('doc', 'Ready', ({ ready: is }) => is === 'True', from, deadlineMs)
  /** From one document to the next: Ready alone may still speak of the one before. */
  const converged = async (from: Reconciling, ...names: readonly string[]) => {
    const before = await team.status('doc')
    assert.ok(before)
    await write(...names)
    return team.converges('doc', before, from)
  }
  const lease = async (path: string): Promise<string> =>
    api.kubectl(['get', 'lease', 'infometis-kafka', '-n', name, '-o', `jsonpath={${path}}`])
  return { team, replica, topics, write, ready, converged, lease }
}

/** What kafkajs, which the reconciler does not use here, sees of a test's topics. */
async function existing(prefix: string): Promise<readonly string[]> {
  const names = (await admin.listTopics()).filter((name) => name.startsWith(`${prefix}-`))
  return names.map((name) => name.slice(prefix.length + 1)).sort()
}

function figures(t: TestContext, what: string, ms: readonly number[]): void {
  t.diagnostic(`${what}: ${ms.map((each) => `${(each / 1_000).toFixed(2)} s`).join(', ')}`)
}

it('one of two replicas reconciles; ended by SIGTERM it hands over within 3 s, killed within 20 s, and nothing is lost', async (t) => {
  const { team, replica, write, ready, converged, lease } = await stage(t, 'handover')
  await write('first')
  let leader = await replica('pod-0')
  await leader.said('synced')
  await ready(leader)
  assert.match(await lease('.spec.holderIdentity'), /^pod-0_[0-9a-f]{8}$/)

  const leading: number[] = []
  const working: number[] = []
  let others = 0
  const handOver = async (signal: 'SIGTERM' | 'SIGKILL', within: number): Promise<void> => {
    others += 1
    const standby = await replica(`pod-${others}`)
    await standby.said('standby')
    const text = await eventually(async () => {
      const page = await standby.page('/ready')
      return page.status === 200 ? page.text : undefined
    })
    assert.match(text, new RegExp(`${leader.name}_[0-9a-f]{8} leads: it holds the lease infometis-kafka`))
    assert.equal((await standby.page('/health')).status, 200)
    const before = await converged(leader, 'first', `while-${others}`)
    assert.deepEqual(standby.relay.written, [], 'a standby changes nothing')
    assert.doesNotMatch(standby.log(), /"msg":"(synced|status changed|change sent)"/)

    const at = Date.now()
    leader.kill(signal)
    // Written while nobody leads: whoever comes finds it.
    await write('first', `after-${others}`)
    const won = await standby.said('leading', within)
    const synced = await standby.said('synced')
    assert.ok(synced.at - at <= within, `${signal}: ${synced.at - at} ms`)
    leading.push(won.at - at)
    working.push(synced.at - at)
    assert.equal(await leader.ended, signal === 'SIGTERM' ? '0' : 'SIGKILL', leader.log())
    await team.converges('doc', before, standby)
    assert.deepEqual(await existing('handover'), [`after-${others}`, 'first'])
    leader = standby
  }

  for (let round = 0; round < 3; round += 1) await handOver('SIGTERM', plannedMs)
  figures(t, 'SIGTERM to another leads', leading.splice(0))
  figures(t, 'SIGTERM to another has read everything and works', working.splice(0))
  await handOver('SIGKILL', killedMs)
  figures(t, 'SIGKILL to another leads', leading)
  figures(t, 'SIGKILL to another has read everything and works', working)
  assert.equal(await lease('.spec.leaseTransitions'), String(others))
  assert.match(
    (await leader.page('/metrics')).text,
    /leader_election_master_status\{name="infometis-kafka"\} 1/,
  )
  assert.equal((await team.status('doc'))?.ready, 'True')
})

describe('a leader that is no longer one', { concurrency: true }, () => {
  /** Stopped where an answer decides what it does next; the answer comes while it is stopped, and another leads when it goes on. */
  const stopped = async (
    t: TestContext,
    name: string,
    pause: (first: Replica) => { readonly reached: Promise<undefined>; readonly letGo: () => void },
  ): Promise<void> => {
    const { replica, topics, team, ready, converged, write, lease } = await stage(t, name)
    await write('kept')
    const first = await replica('pod-0', { proxied: true })
    await ready(first)
    const second = await replica('pod-1')
    await second.said('standby')

    const { reached, letGo } = pause(first)
    const both = {
      ...topics('kept', 'made'),
      [`${name}-kept`]: { partitions: 1, config: { 'retention.ms': 1_000 } },
    }
    await team.write('doc', both, { 'infometis.io/policy': 'sync' })
    await reached
    first.kill('SIGSTOP')
    letGo()
    const since = Date.now()
    const { at } = await second.said('leading', killedMs)
    figures(t, `${name}: stopped to another leads`, [at - since])
    await converged(second, 'kept')
    assert.deepEqual(await existing(name), ['kept'])

    const [requests, written] = [first.relay.written.length, first.proxy?.written.length]
    first.kill('SIGCONT')
    assert.equal(await first.ended, '1', first.log())
    assert.match(first.log(), /"level":"error".*"reason":"LeadershipLost".*"msg":"leadership lost"/)
    assert.match(first.log(), /error: the lease infometis-kafka was not renewed for 10 s/)
    assert.deepEqual(first.relay.written.slice(requests), [], first.log())
    assert.deepEqual(first.proxy?.written.slice(written), [], first.log())
    assert.deepEqual(await existing(name), ['kept'])
    assert.match(await lease('.spec.holderIdentity'), /^pod-1_/)
    await ready(second)
  }

  it('was stopped before it changed anything, goes on after 15 s, writes nothing and ends', async (t) => {
    await stopped(t, 'stopped-early', ({ proxy }) => {
      assert.ok(proxy)
      return { reached: proxy.hold(/^PATCH .*\/doc-status$/), letGo: () => proxy.letGo() }
    })
  })

  it('was stopped between two changes to the service, goes on after 15 s, leaves out the second and ends', async (t) => {
    await stopped(t, 'stopped-amid', ({ relay }) => ({
      reached: relay.hold(writes.createTopics),
      letGo: () => relay.letGo(),
    }))
  })

  it('has a client of Kafka that leaves out the second change when its clock says so, although no signal has', async (t) => {
    const relay = await KafkaRelay.open(brokers[0] ?? '')
    t.after(() => relay.close())
    const lost = new ReconcileError('LeadershipLost', 'another replica may lead')
    const check = (): void => {
      if (relay.written.length > 0) throw lost
    }
    const reconciler = new KafkaReconciler()
    const settings = readSettings(reconciler.settings, { KAFKA_BOOTSTRAP_SERVERS: relay.address })
    const client = reconciler.connect(settings, { signal: new AbortController().signal, check })
    t.after(() => client.close())
    const [first, second] = ['fenced-first', 'fenced-second'].map((name) => normalizeTopic(name, {}))
    assert.ok(first && second)
    const changes = [creationOf(first), removalOf({ ...second, id: crypto.randomUUID() })]
    const outcomes = await client.apply(changes, AbortSignal.timeout(30_000))
    assert.deepEqual(relay.written, [writes.createTopics])
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.state === 'failed' ? outcome.reason : outcome.state)),
      ['done', 'LeadershipLost'],
    )
  })

  it('cannot reach the API server: it stops writing before another leads, and ends', async (t) => {
    const { replica, ready, converged, write } = await stage(t, 'cut-off')
    await write('kept')
    const first = await replica('pod-0', { proxied: true })
    await ready(first)
    const second = await replica('pod-1')
    await second.said('standby')
    const cut = Date.now()
    first.proxy?.cut()
    const lost = await first.said('leadership lost', killedMs)
    const ended = first.ended.then((code) => ({ code, at: Date.now() }))
    const won = await second.said('leading', killedMs)
    assert.equal((await ended).code, '1', first.log())
    assert.ok((await ended).at < won.at, `ended ${(await ended).at - won.at} ms after another led`)
    figures(t, 'cut off to: no longer leads, has ended, another leads', [
      lost.at - cut,
      (await ended).at - cut,
      won.at - cut,
    ])
    await converged(second, 'kept', 'more')
    assert.deepEqual(await existing('cut-off'), ['kept', 'more'])
  })

  it('finds another’s name in the lease, and ends at once', async (t) => {
    const { replica, ready, write } = await stage(t, 'stolen')
    await write('kept')
    const first = await replica('pod-0')
    await ready(first)
    const patch = JSON.stringify({ spec: { holderIdentity: 'thief' } })
    await api.kubectl(['patch', 'lease', 'infometis-kafka', '-n', 'stolen', '--type=merge', '-p', patch])
    assert.equal(await first.ended, '1', first.log())
    assert.match(first.log(), /"reason":"LeadershipLost".*thief holds the lease infometis-kafka now/)
  })
})

describe('a lease', { concurrency: true }, () => {
  for (const [name, renewTime] of [
    ['ahead', '2099-01-01T00:00:00.000000Z'],
    ['behind', '2001-01-01T00:00:00.000000Z'],
  ] as const) {
    it(`of a holder that is gone, whose clock was far ${name}, is taken after 15 s and no sooner`, async (t) => {
      const { replica, write, ready } = await stage(t, `clock-${name}`)
      const spec = { holderIdentity: 'gone', leaseDurationSeconds: 15, renewTime, acquireTime: renewTime }
      const metadata = { name: 'infometis-kafka', namespace: `clock-${name}` }
      const manifest = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec }
      await api.kubectl(['create', '-f', '-'], JSON.stringify(manifest))
      await write('kept')
      const only = await replica('pod-0')
      const seen = await only.said('standby')
      const { at } = await only.said('leading', killedMs)
      assert.ok(at - seen.at >= 14_900 && at - seen.at < killedMs, `${at - seen.at} ms`)
      await ready(only)
    })
  }

  it('that the Role does not give is named on /ready and in the log; once it does, it works', async (t) => {
    const { team, replica, write, ready } = await stage(t, 'no-leases')
    const role = JSON.parse(
      await api.kubectl(['get', 'role', 'infometis-kafka', '-n', 'no-leases', '-o', 'json']),
    ) as {
      readonly rules: readonly {
        readonly resources: readonly string[]
        readonly verbs: readonly string[]
      }[]
    }
    const allow = async (verbs: readonly string[]): Promise<void> => {
      const others = role.rules.filter(({ resources }) => !resources.includes('leases'))
      assert.equal(others.length, role.rules.length - 1)
      const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs }
      const rules = verbs.length === 0 ? others : [...others, leases]
      const target = ['role', 'infometis-kafka', '-n', 'no-leases']
      await api.kubectl(['patch', ...target, '--type=merge', '-p', JSON.stringify({ rules })])
    }
    await allow([])
    await write('kept')
    const only = await replica('pod-0')
    for (const [missing, granted] of [
      ['get', []],
      ['create', ['get']],
    ] as const) {
      await allow(granted)
      const name = missing === 'create' ? '' : ' infometis-kafka'
      const says = `may not ${missing} leases${name} in namespace no-leases`
      const seen = await eventually(async () => {
        const page = await only.page('/ready')
        return page.text.includes(says) ? page : undefined
      })
      assert.equal(seen.status, 503, seen.text)
      assert.match(seen.text, /"name":"lease","ok":false.*Grant the reconciler’s Role the verb named/)
      assert.equal((await only.page('/health')).status, 200)
      assert.match(only.log(), new RegExp(`"level":"warn".*${says}.*"msg":"lease cannot be read or written"`))
    }
    assert.equal(await team.status('doc'), undefined)
    await allow(['get', 'create'])
    // Made, and then not renewed: it may not write, so it ends by itself.
    assert.equal(await only.ended, '1', only.log())
    assert.match(
      only.log(),
      /was not renewed for 10 s.*may not update leases infometis-kafka in namespace no-leases/,
    )
    await allow(['get', 'create', 'update'])
    const again = await replica('pod-0')
    await ready(again)
  })
})

async function eventually<T>(look: () => Promise<T | undefined>, deadlineMs = 40_000): Promise<T> {
  const deadline = Date.now() + deadlineMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`not seen within ${deadlineMs} ms`)
    await setTimeout(100)
  }
}
