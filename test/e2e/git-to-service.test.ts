import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { waitUntil } from '../../src/stack/deadline.ts'
import {
  indicesPath,
  indicesWith,
  operatorPath,
  operatorWith,
  topicsPath,
  topicsWith,
} from './support/desired.ts'
import type { Sighting } from './support/object-watch.ts'
import { roleScenario } from './support/role.ts'
import { isRootOnLinux, whySkipped } from './support/root.ts'
import { namespace, setStage, type Stage } from './support/stage.ts'

const here = ['--namespace', namespace]
const topicsConfigMap = 'kafka-topics-desired'
const indicesConfigMap = 'elasticsearch-indices-desired'

/** README's one command that shows how every desired ConfigMap stands. */
const statusCommand = [
  'get',
  'cm',
  '-l',
  'infometis.io/kind=status',
  '-o',
  'custom-columns=NAME:.metadata.name,READY:.data.ready,REASON:.data.reason,SUMMARY:.data.summary,MESSAGE:.data.message',
]

describe(`from a Git commit to the service, on a real cluster${whySkipped}`, { skip: !isRootOnLinux }, () => {
  let stage: Stage
  before(async () => {
    stage = await setStage((line) => console.log(`# ${line}`))
  })
  after(async () => {
    for (const line of stage.legs.lines()) console.log(line)
    await stage.stop()
  })

  const kubectl = async (...args: readonly string[]): Promise<string> =>
    stage.cluster.kubectl([...here, ...args])

  /** Commits and publishes; resolves with the revision and the time of the commit. */
  async function push(files: ReadonlyMap<string, string | undefined>, message: string): Promise<Pushed> {
    const at = performance.now()
    const revision = await stage.flux.publisher.commit(files, message)
    await stage.flux.publisher.publish(revision)
    return { revision, at, publishedAt: performance.now() }
  }

  interface Pushed {
    readonly revision: string
    readonly at: number
    readonly publishedAt: number
  }

  const conditionOf = (
    { object }: Sighting,
    type: string,
  ): { readonly status: string; readonly message: string } | undefined =>
    object.status?.conditions?.find((each) => each.type === type)

  /** When Flux says of a Kustomization that this very revision is Ready. */
  async function ready(name: string, { revision, at }: Pushed, deadlineMs = 120_000): Promise<number> {
    const sighting = await stage.kustomizations.until(
      (each) =>
        each.object.metadata.name === name &&
        each.object.status?.lastAppliedRevision === revision &&
        conditionOf(each, 'Ready')?.status === 'True',
      { since: at, deadlineMs, what: `Kustomization ${name} Ready at ${revision}` },
    )
    return sighting.at
  }

  /** When Flux says of a Kustomization that this revision is not Ready, and what it says. */
  async function notReady(name: string, { revision, at }: Pushed, deadlineMs = 120_000): Promise<Sighting> {
    return stage.kustomizations.until(
      (each) =>
        each.object.metadata.name === name &&
        each.object.status?.lastAttemptedRevision === revision &&
        conditionOf(each, 'Ready')?.status === 'False',
      { since: at, deadlineMs, what: `Kustomization ${name} not Ready at ${revision}` },
    )
  }

  async function configMap(
    name: string,
    wanted: (sighting: Sighting) => boolean,
    since: number,
    deadlineMs = 60_000,
  ): Promise<Sighting> {
    return stage.configMaps.until((each) => each.object.metadata.name === name && wanted(each), {
      since,
      deadlineMs,
      what: `ConfigMap ${name}`,
    })
  }

  const partitions = async (topic: string, count: number, deadlineMs?: number): Promise<number> =>
    stage.kafka.until((topics) => topics[topic] === count, `${topic} with ${count} partitions`, deadlineMs)

  const ledBy = async (): Promise<string> =>
    (await kubectl('get', 'lease', 'infometis-kafka', '-o', 'jsonpath={.spec.holderIdentity}')).replace(
      /_.*/,
      '',
    )

  const readyPods = async (name: string, wanted: number, deadlineMs = 120_000): Promise<void> => {
    const what = `${wanted} ready pods of ${name}`
    const template =
      '{range .items[*]}{.metadata.deletionTimestamp}{.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}'
    const look = async (): Promise<boolean> => {
      const lines = (await kubectl('get', 'pods', '-l', name, '-o', `jsonpath=${template}`)).split('\n')
      return (
        lines.filter((line) => line === 'True').length === wanted &&
        lines.filter((line) => line !== '').length === wanted
      )
    }
    await waitUntil(look, { what, deadlineMs, everyMs: 200 })
  }
  const reconcilerPods = 'app.kubernetes.io/name=infometis,app.kubernetes.io/component=kafka'
  const kafkaPods = 'app.kubernetes.io/name=kafka'

  it('brings up the services, then the operator, then what is desired, from nothing but a commit', async () => {
    const rendered = await stage.render('environments/e2e/flux')
    await stage.cluster.kubectl(['apply', '-f', '-'], rendered)
    const pushed = await push(new Map([[operatorPath, await operatorWith(2)]]), 'Two reconcilers of Kafka')
    for (const name of ['infometis-services', 'infometis-operator', 'infometis-desired']) {
      const readyAt = await ready(name, pushed, 300_000)
      stage.legs.add('An empty cluster, one commit', `${name} Ready, since the commit`, readyAt - pushed.at)
    }
    const topics = stage.kafka.until((all) => all['user-events'] === 1, 'user-events', 30_000)
    assert.ok((await topics) > pushed.at)
    assert.ok(await stage.search('/products'), 'the index products is there')
    assert.match(await kubectl(...statusCommand), /kafka-topics-desired-status +True/)
  })

  it('a commit becomes a topic and an index, and only then is the Kustomization Ready', async () => {
    for (const round of [1, 2, 3]) {
      const name = `payments-${round}`
      const files = new Map([
        [
          topicsPath,
          await topicsWith(
            Object.fromEntries(
              range(round).map((n) => [`payments-${n}`, '{partitions: 3, replication-factor: 1}']),
            ),
          ),
        ],
        [
          indicesPath,
          await indicesWith(
            Object.fromEntries(
              range(round).map((n) => [`payments-${n}`, '{settings: {number_of_replicas: 0}}']),
            ),
          ),
        ],
      ])
      const pushed = await push(files, `Topic and index ${name}`)
      const { at, publishedAt } = pushed
      const [applied, topic, index, told, kustomization] = await Promise.all([
        configMap(
          topicsConfigMap,
          ({ object }) => object.data?.['topics.yaml']?.includes(`${name}:`) === true,
          at,
        ),
        partitions(name, 3),
        existsInSearch(`/${name}`),
        configMap(indicesConfigMap, (each) => isTold(each, `${name}:`), at),
        ready('infometis-desired', pushed),
      ])
      const scenario = `1. git commit → Ready (round ${round})`
      const { legs } = stage
      legs.add(scenario, 'commit → artifact published (git, tar, status)', publishedAt - at)
      legs.add(scenario, 'published → Flux applied the ConfigMap', applied.at - publishedAt)
      legs.add(scenario, 'applied → topic on the broker (another client)', topic - applied.at)
      legs.add(scenario, 'applied → index in Elasticsearch (another client)', index - applied.at)
      legs.add(scenario, 'applied → summary on the ConfigMap', told.at - applied.at)
      legs.add(scenario, 'summary → Kustomization Ready (Flux looks every 5 s)', kustomization - told.at)
      legs.add(scenario, 'commit → Kustomization Ready', kustomization - at)
      assert.ok(kustomization >= Math.max(topic, index), 'Ready came after topic and index')
    }
    await stage.kafka.produce('payments-1', 1_000)
    assert.equal(await stage.kafka.count('payments-1'), 1_000)
  })

  const kept = async (fewer: number, more: Readonly<Record<string, string>> = {}): Promise<string> =>
    topicsWith({
      'payments-1': '{partitions: 3, replication-factor: 1}',
      'payments-2': '{partitions: 3, replication-factor: 1}',
      'payments-3': `{partitions: ${fewer}, replication-factor: 1}`,
      ...more,
    })

  it('a commit that the rules refuse fails fast, says why in one command, and the next good commit heals it', async () => {
    const refused = await push(new Map([[topicsPath, await kept(2)]]), 'Fewer partitions')
    const sighting = await notReady('infometis-desired', refused)
    const scenario = '2. a refused commit'
    stage.legs.add(scenario, 'commit → Kustomization says that it failed', sighting.at - refused.at)
    assert.match(conditionOf(sighting, 'Ready')?.message ?? '', /failed early due to stalled resources/)
    const shown = await kubectl(...statusCommand)
    console.log(
      `# kubectl ${statusCommand.join(' ')}\n# ${shown
        .split('\n')
        .filter((line) => line.includes(topicsConfigMap))
        .join('\n# ')}`,
    )
    assert.match(shown, /kafka-topics-desired-status +False +PartitionsDecrease .*payments-3/)
    const events = await kubectl(
      'get',
      'events',
      '--field-selector',
      `involvedObject.name=${topicsConfigMap}`,
    )
    assert.match(events, /Warning +PartitionsDecrease/)
    assert.equal(stage.kafka.topics['payments-3'], 3)
    const good = await push(new Map([[topicsPath, await kept(4)]]), 'More partitions')
    const [topic, healed] = await Promise.all([partitions('payments-3', 4), ready('infometis-desired', good)])
    stage.legs.add(scenario, 'next good commit → topic has it', topic - good.at)
    stage.legs.add(scenario, 'next good commit → Kustomization Ready again', healed - good.at)
  })

  it('while no reconciler runs Flux does not report Ready, however good the last status was', async () => {
    const stopped = await push(new Map([[operatorPath, await operatorWith(0)]]), 'Nobody reconciles Kafka')
    await ready('infometis-operator', stopped)
    await readyPods(reconcilerPods, 0)
    const waiting = await push(
      new Map([[topicsPath, await kept(4, { 'nobody-there': '{partitions: 1, replication-factor: 1}' })]]),
      'A topic that nobody makes',
    )
    await configMap(
      topicsConfigMap,
      ({ object }) => object.data?.['topics.yaml']?.includes('nobody-there') === true,
      waiting.at,
    )
    assert.match(
      await kubectl(...statusCommand),
      /kafka-topics-desired-status +True/,
      'the last status is still True',
    )
    const sighting = await notReady('infometis-desired', waiting)
    stage.legs.add(
      '2. a refused commit',
      'no reconciler: commit → Flux says that it timed out',
      sighting.at - waiting.at,
    )
    assert.match(
      conditionOf(sighting, 'Ready')?.message ?? '',
      /timeout waiting for: \[ConfigMap\/infometis-dev\/kafka-topics-desired status: 'InProgress'/,
    )
    const back = await push(new Map([[operatorPath, await operatorWith(2)]]), 'Two of them again')
    const [, , healed] = await Promise.all([
      ready('infometis-operator', back),
      partitions('nobody-there', 1),
      ready('infometis-desired', back),
    ])
    stage.legs.add('2. a refused commit', 'reconcilers back: commit → Kustomization Ready', healed - back.at)
  })

  it('git revert brings the previous state back and loses nothing', async () => {
    const settings = 'playground: {config: {retention.ms: 7200000}}'
    const before = await stage.kafka.config('playground', 'retention.ms')
    const changed = await push(
      new Map([
        [topicsPath, (await kept(4)).replace(/ {4}playground:\n(?: {6,}.*\n)+/, `    ${settings}\n`)],
      ]),
      'Longer retention',
    )
    await ready('infometis-desired', changed)
    assert.equal(await stage.kafka.config('playground', 'retention.ms'), '7200000')
    const at = performance.now()
    const revision = await stage.flux.publisher.revert()
    await stage.flux.publisher.publish(revision)
    const healed = await ready('infometis-desired', { revision, at, publishedAt: at })
    stage.legs.add('3. going back', 'git revert → Kustomization Ready at the previous state', healed - at)
    assert.equal(await stage.kafka.config('playground', 'retention.ms'), before)
    assert.equal(await stage.kafka.count('payments-1'), 1_000)
  })

  it('what Git prunes is told as SourceGone: nothing is deleted, and the inventory is kept', async () => {
    const path = 'environments/dev/desired/kafka/kustomization.yaml'
    const without = (await stage.shipped(path)).replace('  - topics.yaml\n', '')
    const pruned = await push(new Map([[path, without]]), 'No topics any more')
    const state = await configMap(
      `${topicsConfigMap}-status`,
      ({ object }) => object.data?.['reason'] === 'SourceGone',
      pruned.at,
    )
    await ready('infometis-desired', pruned)
    stage.legs.add('3. going back', 'pruned → status says SourceGone', state.at - pruned.at)
    assert.match(state.object.data?.['message'] ?? '', /resources it made are kept/)
    assert.equal(stage.kafka.topics['payments-3'], 4)
    assert.equal(await stage.kafka.count('payments-1'), 1_000)
    const inventory = await kubectl(
      'get',
      'cm',
      `${topicsConfigMap}-status`,
      '-o',
      'jsonpath={.binaryData.inventory\\.json\\.gz}',
    )
    assert.ok(inventory.length > 0)
    const back = await push(new Map([[path, await stage.shipped(path)]]), 'The topics again')
    stage.legs.add(
      '3. going back',
      'written again → Kustomization Ready',
      (await ready('infometis-desired', back)) - back.at,
    )
    const after = await configMap(
      `${topicsConfigMap}-status`,
      ({ object }) => object.data?.['ready'] === 'True',
      back.at,
    )
    assert.equal(after.object.data?.['reason'], 'Succeeded')
  })

  it('Kafka’s pod is killed: the topics are there again with their records, and the reconciler goes on by itself', async () => {
    const scenario = '4. things die'
    const at = performance.now()
    await kubectl('delete', 'pod', 'kafka-0', '--grace-period=0', '--force')
    const pushed = await push(
      new Map([[topicsPath, await kept(4, { 'after-kafka': '{partitions: 1, replication-factor: 1}' })]]),
      'While Kafka is away',
    )
    const made = await partitions('after-kafka', 1, 120_000)
    stage.legs.add(scenario, 'Kafka’s pod killed → a commit made meanwhile is on the broker', made - at)
    assert.equal(await stage.kafka.count('payments-1'), 1_000)
    stage.legs.add(scenario, '… and its Kustomization Ready', (await ready('infometis-desired', pushed)) - at)
    await readyPods(kafkaPods, 1)
  })

  it('the leader’s pod is killed: the other one takes over', async () => {
    const leader = await ledBy()
    const at = performance.now()
    await kubectl('delete', 'pod', leader, '--grace-period=0', '--force')
    await push(
      new Map([
        [
          topicsPath,
          await kept(4, {
            'after-kafka': '{partitions: 1, replication-factor: 1}',
            'after-leader': '{partitions: 1, replication-factor: 1}',
          }),
        ],
      ]),
      'While the leader is away',
    )
    stage.legs.add(
      '4. things die',
      'leader’s pod killed → a commit made meanwhile is on the broker',
      (await partitions('after-leader', 1)) - at,
    )
    const next = await ledBy()
    assert.notEqual(next, leader)
    await readyPods(reconcilerPods, 2)
  })

  it('the API server restarts: the watches come back and nothing is missed', async () => {
    const at = performance.now()
    const away = await stage.cluster.restartApiServer()
    stage.legs.add('4. things die', 'API server restarted: away for', away)
    const pushed = await push(
      new Map([
        [
          topicsPath,
          await kept(4, {
            'after-kafka': '{partitions: 1, replication-factor: 1}',
            'after-leader': '{partitions: 1, replication-factor: 1}',
            'after-api': '{partitions: 2, replication-factor: 1}',
          }),
        ],
      ]),
      'After the API server',
    )
    const made = await partitions('after-api', 2)
    stage.legs.add(
      '4. things die',
      'API server restarted → a commit made after it is on the broker',
      made - at,
    )
    assert.ok(made > pushed.at)
  })

  it('a rolling update of the image: never two that reconcile, never none for long', async () => {
    const pushed = await push(new Map([[operatorPath, await operatorWith(2, '0.1.0-next')]]), 'A newer image')
    const updated = await ready('infometis-operator', pushed, 180_000)
    stage.legs.add(
      '4. things die',
      'new image committed → both reconcilers rolled, Kustomization Ready',
      updated - pushed.at,
    )
    const images = await kubectl(
      'get',
      'pods',
      '-l',
      'app.kubernetes.io/name=infometis',
      '--field-selector=status.phase=Running',
      '-o',
      'jsonpath={range .items[*]}{.spec.containers[0].image}{"\\n"}{end}',
    )
    await readyPods(reconcilerPods, 2)
    assert.match(images, /0\.1\.0-next/)
    const after = await push(
      new Map([[topicsPath, await kept(4, { 'after-update': '{partitions: 1, replication-factor: 1}' })]]),
      'With the newer image',
    )
    stage.legs.add(
      '4. things die',
      'new image: commit → topic',
      (await partitions('after-update', 1)) - after.at,
    )
    assert.equal(await stage.kafka.count('payments-1'), 1_000)
  })

  it('the namespace enforces the restricted Pod Security Standard, and every pod runs non-root on a read-only root', async () => {
    const label = 'jsonpath={.metadata.labels.pod-security\\.kubernetes\\.io/enforce}'
    assert.equal(await stage.cluster.kubectl(['get', 'namespace', namespace, '-o', label]), 'restricted')
    const root = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'root', namespace },
      spec: { containers: [{ name: 'a', image: 'infometis:0.1.0' }] },
    }
    await assert.rejects(
      stage.cluster.kubectl(['apply', '-f', '-'], JSON.stringify(root)),
      /violates PodSecurity "restricted/,
    )
    const leader = await ledBy()
    const write =
      "try { require('node:fs').writeFileSync('/app/x', ''); console.log('written') } catch (error) { console.log(error.code) }"
    assert.equal((await kubectl('exec', leader, '--', 'node', '-e', write)).trim(), 'EROFS')
    assert.equal(
      (await kubectl('exec', leader, '--', 'node', '-e', 'console.log(process.getuid())')).trim(),
      '65532',
    )
    for (const service of ['kafka-0', 'elasticsearch-0']) {
      assert.notEqual((await kubectl('exec', service, '--', 'id', '-u')).trim(), '0', service)
      await assert.rejects(
        kubectl('exec', service, '--', 'touch', '/usr/x'),
        /Read-only file system/,
        service,
      )
    }
  })

  roleScenario(() => stage)

  /** The ConfigMap has this content, and the summary speaks of what Flux applied. */
  function isTold({ object }: Sighting, content: string): boolean {
    const { annotations = {}, managedFields = [] } = object.metadata
    const applied = managedFields.find(({ manager }) => manager === 'kustomize-controller')?.time
    const has = Object.values(object.data ?? {}).some((text) => text.includes(content))
    return (
      has &&
      annotations['infometis.io/ready'] === 'True' &&
      annotations['infometis.io/observed-applied'] === applied
    )
  }

  async function existsInSearch(path: string): Promise<number> {
    await waitUntil(async () => (await stage.search(path)) !== undefined, {
      what: path,
      deadlineMs: 60_000,
      everyMs: 20,
    })
    return performance.now()
  }
})

function range(last: number): readonly number[] {
  return Array.from({ length: last }, (_, index) => index + 1)
}
