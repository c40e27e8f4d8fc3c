import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import type { InventoryEntry } from '../../src/core/inventory.ts'
import { keyOf } from '../../src/core/resource.ts'
import { applyConfigMap } from '../../src/kube/apply.ts'
import { fromKubeconfig } from '../../src/kube/kubeconfig.ts'
import { Originals } from '../../src/kube/originals.ts'
import { KubeClient } from '../../src/kube/rest.ts'
import { writeState } from '../../src/kube/state-document.ts'
import type { State } from '../../src/reconcile/state.ts'
import { startKafka, type RunningKafka } from '../support/kafka.ts'
import { startKubeApi, type TestKubeApi } from '../support/kube-api.ts'
import { emptyState } from '../support/state.ts'

const root = join(import.meta.dirname, '../..')
const namespace = 'infometis'
const deadline = AbortSignal.timeout(240_000)

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

let kafka: RunningKafka
let api: TestKubeApi
let client: KubeClient
let directory: string

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'infometis-cli-'))
  ;[kafka, api] = await Promise.all([startKafka({ signal: deadline }), startKubeApi({ signal: deadline })])
  await api.namespace(namespace)
  client = new KubeClient(await fromKubeconfig(api.kubeconfig))
})

after(async () => {
  client.close()
  await Promise.all([kafka.stop(), api.stop()])
  await rm(directory, { recursive: true, force: true })
})

/** The command itself, in a process of its own: its exit code is what `main.ts` makes of it. */
async function infometis(argv: readonly string[], env: Record<string, string>, input = ''): Promise<Ended> {
  const child = spawn(process.execPath, [join(root, 'src/main.ts'), ...argv], {
    cwd: root,
    env: { PATH: '/usr/bin:/bin', HOME: directory, ...env },
    timeout: 60_000,
  })
  const code = new Promise<number | null>((resolve) => child.once('close', resolve))
  child.stdin.end(input)
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: await code, out, err }
}

const onKafka = (): Record<string, string> => ({ KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrapServers })
const onBoth = (): Record<string, string> => ({
  ...onKafka(),
  KUBECONFIG: api.kubeconfig,
  INFOMETIS_NAMESPACE: namespace,
})

async function createTopic(name: string, ...args: readonly string[]): Promise<void> {
  await kafka.tool('kafka-topics', ['--create', '--topic', name, '--partitions', '1', ...args])
}

function configMap(
  name: string,
  document: string,
  annotations: Readonly<Record<string, string>> = {},
): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace,
      annotations,
      labels: { 'infometis.component': 'kafka', 'infometis.config-type': 'topics' },
    },
    data: { 'topics.yaml': document },
  })
}

function stateOf(more: Partial<State> = {}): State {
  return {
    ...emptyState,
    message: 'all as written',
    observedHash: 'abc',
    clusterId: kafka.clusterId,
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'Succeeded',
        message: '',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ],
    ...more,
  }
}

function entry(name: string, fields: Readonly<Record<string, string | number>>): InventoryEntry {
  return { type: 'topics', name, fields: new Map(Object.entries(fields)), deletable: true }
}

function inventoryOf(...entries: readonly InventoryEntry[]): State['inventory'] {
  return new Map(entries.map((each) => [keyOf(each), each]))
}

/** A status object as the operator writes it. */
async function keepState(name: string, state: State): Promise<void> {
  await applyConfigMap(
    client,
    {
      metadata: {
        name: `${name}-status`,
        namespace,
        labels: {
          'infometis.io/kind': 'status',
          'infometis.component': 'kafka',
          'infometis.config-type': 'topics',
        },
        annotations: { 'infometis.io/desired': `${namespace}/${name}` },
      },
      ...writeState(state),
    },
    { manager: 'infometis-kafka', force: true, signal: deadline },
  )
}

async function forgetStates(): Promise<void> {
  await api.kubectl([
    'delete',
    'configmap',
    '--namespace',
    namespace,
    '--selector',
    'infometis.io/kind=status',
  ])
}

describe('plan against a real Kafka', () => {
  it('ends with 2 for changes, writes none of them, and with 0 when there are none', async () => {
    const document = configMap('a', 'plan-one: {partitions: 1, config: {retention.ms: 60000}}')
    const first = await infometis(['plan', '-f', '-'], onKafka(), document)
    assert.equal(first.code, 2, first.err)
    assert.match(first.out, /^\+ topics\/plan-one {2}create$/m)
    assert.match(first.out, /^Plan: 1 to create, 0 to change, 0 to delete$/m)
    assert.match(first.err, /Ownership is not known/)
    assert.doesNotMatch(await kafka.tool('kafka-topics', ['--list']), /plan-one/)

    await createTopic('plan-one', '--config', 'retention.ms=60000')
    const second = await infometis(['plan', '-f', '-'], onKafka(), document)
    assert.deepEqual([second.code, second.out], [0, 'No changes: 1 as written.\n'])
  })

  it('prints JSON that a program can read', async () => {
    const { code, out } = await infometis(
      ['plan', '-f', '-', '-o', 'json'],
      onKafka(),
      configMap('a', 'json-one: {}'),
    )
    assert.equal(code, 2)
    const parsed: unknown = JSON.parse(out)
    assert.ok(typeof parsed === 'object' && parsed !== null && 'counts' in parsed && 'plans' in parsed)
    assert.ok(Array.isArray(parsed.plans) && parsed.plans.length === 1)
    assert.match(JSON.stringify(parsed.counts), /"create":1/)
  })

  it('carries the broker’s own words for what only the broker refuses', async () => {
    const { code, out } = await infometis(
      ['plan', '-f', '-'],
      onKafka(),
      configMap('a', 'three: {replication-factor: 3}'),
    )
    assert.equal(code, 2)
    assert.match(out, /^! topics\/three {2}create refused \(\w+\): .*replication/im)
  })

  it('plans the environment that ships with the project', async () => {
    const { code, out, err } = await infometis(
      ['plan', '-f', 'environments/dev/desired', '-s', 'kafka'],
      onKafka(),
    )
    assert.equal(code, 2, err)
    assert.match(out, /^Plan: 10 to create, 0 to change, 0 to delete$/m)
  })

  it('ends with 1 and a sentence when Kafka cannot be reached', async () => {
    const env = { KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1' }
    const { code, out, err } = await infometis(
      ['plan', '-f', '-', '--timeout', '20s'],
      env,
      configMap('a', 'x: {}'),
    )
    assert.deepEqual([code, out], [1, ''])
    assert.match(err, /error: .*127\.0\.0\.1:1/)
  })
})

describe('import from a real Kafka', () => {
  it('prints a ConfigMap whose first plan is empty', async () => {
    await createTopic(
      'import.one',
      '--config',
      'cleanup.policy=compact,delete',
      '--config',
      'retention.ms=9223372036854775807',
    )
    await createTopic('import.two')
    const imported = await infometis(['import', 'kafka', '--match', '^import\\.'], onKafka())
    assert.equal(imported.code, 0, imported.err)
    assert.match(imported.err, /2 entries of topics/)
    const planned = await infometis(['plan', '-f', '-'], onKafka(), imported.out)
    assert.deepEqual([planned.code, planned.out], [0, 'No changes: 2 as written.\n'], planned.err)
  })
})

describe('validate without any network', () => {
  it('names file, line, path and what is wrong, and ends with 2', async () => {
    const file = join(directory, 'topics.yaml')
    await writeFile(file, 'good:\n  partitions: 1\nbad:\n  partitions: six\n')
    const { code, out } = await infometis(['validate', '-f', file], {})
    assert.equal(code, 2)
    assert.match(out, /topics\.yaml:4: bad\.partitions: partitions must be a whole number/)
  })

  it('ends with 0 for the environment that ships with the project', async () => {
    const { code, out, err } = await infometis(['validate', '-f', 'environments/dev/desired'], {})
    assert.deepEqual([code, out], [0, ''])
    assert.match(err, /39 entries in 12 documents: valid/)
  })
})

describe('status, approve and forget on a real Kubernetes API', () => {
  it('tells how to point at a cluster when none can be reached, and ends with 1', async () => {
    const kubeconfig = join(directory, 'nowhere')
    const server = { name: 'x', cluster: { server: 'https://127.0.0.1:1' } }
    const context = { name: 'x', context: { cluster: 'x', user: 'x' } }
    const config = {
      clusters: [server],
      users: [{ name: 'x', user: {} }],
      contexts: [context],
      'current-context': 'x',
    }
    await writeFile(kubeconfig, JSON.stringify(config))
    const { code, out, err } = await infometis(['status'], { KUBECONFIG: kubeconfig })
    assert.deepEqual([code, out], [1, ''])
    assert.match(err, /eval "\$\(infometis env\)"/)
  })

  it('ends with 0 when all is Ready, and prints what kubectl would', async () => {
    await keepState('ready-one', stateOf())
    const { code, out, err } = await infometis(['status'], onBoth())
    assert.equal(code, 0, err)
    const [head, row] = out.split('\n')
    assert.match(head ?? '', /^NAME +TYPE +READY +REASON +SUMMARY +SINCE$/)
    assert.match(row ?? '', /^ready-one +topics +True +Succeeded +1 ready +\d+d$/)
    await forgetStates()
  })

  it('plans with the operator’s inventory: what others own is a conflict, what nobody owns is a held adoption', async () => {
    await createTopic('owned', '--config', 'retention.ms=60000')
    await createTopic('found', '--config', 'retention.ms=60000')
    await createTopic('theirs', '--config', 'retention.ms=60000')
    await createTopic('left-over')
    const mine = [entry('owned', { 'config.retention.ms': '60000' }), entry('left-over', { partitions: 1 })]
    await keepState('mine', stateOf({ inventory: inventoryOf(...mine) }))
    await keepState('others', stateOf({ inventory: inventoryOf(entry('theirs', { partitions: 1 })) }))
    const document = ['owned', 'found', 'theirs']
      .map((name) => `${name}: {config: {retention.ms: 120000}}`)
      .join('\n')
    const { code, out, err } = await infometis(['plan', '-f', '-'], onBoth(), configMap('mine', document))
    assert.equal(code, 2, err)
    assert.equal(err, '')
    assert.match(out, /^~ topics\/owned {2}update$/m)
    assert.match(out, /^! topics\/found {2}update held \(AdoptionDiffers\)/m)
    assert.match(out, /^! topics\/theirs {2}conflict: is owned by infometis\/others$/m)
    assert.match(out, /^\? topics\/left-over {2}orphan/m)
    assert.match(out, /1 held \(hash [0-9a-f]{12}\)/)
    await forgetStates()
  })

  it('does not plan against another Kafka than the operator’s state speaks of', async () => {
    await keepState('elsewhere', stateOf({ clusterId: 'another-cluster' }))
    const { code, out, err } = await infometis(['plan', '-f', '-'], onBoth(), configMap('a', 'x: {}'))
    assert.deepEqual([code, out], [1, ''])
    assert.match(
      err,
      /the operator’s state of infometis\/elsewhere speaks of another-cluster: .*--standalone/,
    )
    const alone = await infometis(['plan', '-f', '-', '--standalone'], onBoth(), configMap('a', 'x: {}'))
    assert.equal(alone.code, 2, alone.err)
    await forgetStates()
  })

  it('shows what is held and approves exactly that', async () => {
    const hash = 'abcdefabcdef'
    const held = {
      type: 'topics',
      name: 't',
      state: 'held',
      reason: 'AdoptionDiffers',
      message: 'was there before',
    } as const
    const line = '! topics/t  update held (AdoptionDiffers): was there before'
    const plan = { hash, text: line, changes: [] }
    await api.kubectl(['apply', '-f', '-'], configMap('waiting', 't: {}'))
    await keepState(
      'waiting',
      stateOf({
        ready: 'False',
        reason: 'ChangesHeld',
        message: '1 held',
        summary: '1 held',
        resources: [held],
        plan,
      }),
    )

    const shown = await infometis(['status', 'waiting'], onBoth())
    assert.equal(shown.code, 2)
    assert.ok(shown.out.includes(`  ${line}\n`), shown.out)
    assert.match(shown.out, / {2}→ AdoptionDiffers: /)
    assert.ok(shown.out.includes(`infometis approve infometis/waiting --hash ${hash}\n`))

    const stale = await infometis(['approve', 'waiting', '--hash', '000000000000'], onBoth())
    assert.equal(stale.code, 1)
    assert.match(stale.err, /its hash is abcdefabcdef now, not 000000000000/)

    const approved = await infometis(['approve', 'waiting', '--hash', hash], onBoth())
    assert.equal(approved.code, 0, approved.err)
    assert.ok(approved.out.includes(line))
    assert.match(approved.err, /commit the annotation to Git/)
    const object: unknown = JSON.parse(
      await api.kubectl([
        'get',
        'configmap',
        'waiting',
        '--namespace',
        namespace,
        '-o',
        'json',
        '--show-managed-fields',
      ]),
    )
    const written = JSON.stringify(object)
    assert.match(written, /"infometis.io\/approve":"abcdefabcdef"/)
    assert.match(written, /"manager":"infometis-cli"/)
    assert.match(written, /"topics.yaml":"t: \{\}"/)
    await forgetStates()
  })

  it('says that a held annotation kept by another manager is to be changed there', async () => {
    const annotations = { 'infometis.io/approve': '111111111111' }
    await api.kubectl(
      ['apply', '--server-side', '--field-manager=git', '-f', '-'],
      configMap('managed', 't: {}', annotations),
    )
    const plan = { hash: '222222222222', text: '', changes: [] }
    await keepState('managed', stateOf({ ready: 'False', reason: 'ChangesHeld', plan }))
    const { code, err } = await infometis(['approve', 'managed'], onBoth())
    assert.equal(code, 1)
    assert.match(err, /set by another field manager.*change it there to "222222222222"/)
    await forgetStates()
  })

  it('makes no ConfigMap again that is gone', async () => {
    await keepState(
      'vanished',
      stateOf({ ready: 'False', plan: { hash: '333333333333', text: '', changes: [] } }),
    )
    const { code, err } = await infometis(['approve', 'vanished'], onBoth())
    assert.equal(code, 1)
    assert.match(err, /infometis\/vanished is gone/)
    await forgetStates()
  })

  it('forgets only what is gone, and says what it gives up', async () => {
    await keepState('ready-two', stateOf())
    const kept = await infometis(['forget', 'ready-two'], onBoth())
    assert.equal(kept.code, 1)
    assert.match(kept.err, /its status says Succeeded, not SourceGone/)

    const inventory = inventoryOf(entry('left-behind', { partitions: 1 }))
    await keepState('gone', stateOf({ ready: 'Unknown', reason: 'SourceGone', inventory }))
    const forgotten = await infometis(['forget', 'gone'], onBoth())
    assert.equal(forgotten.code, 0, forgotten.err)
    assert.match(forgotten.out, /topics\/left-behind {2}stays/)
    assert.match(forgotten.out, /Forgotten: infometis\/gone, which had made 1 resource/)
    const unknown = await infometis(['status', 'gone'], onBoth())
    assert.equal(unknown.code, 1)
    await forgetStates()
  })
})

describe('what is printed', () => {
  it('arrives whole in a pipe, however much it is', async () => {
    const document = join(directory, 'topics.yaml')
    const many = Array.from({ length: 5_000 }, (_, n) => `topic-${n}: {partitions: none}`)
    await writeFile(document, `${many.join('\n')}\n`)
    const command = [process.execPath, join(root, 'src/main.ts'), 'validate', '-f', document]
    const piped = spawn('sh', ['-c', '"$@" 2> /dev/null | cat', 'sh', ...command], { timeout: 60_000 })
    const lines = (await text(piped.stdout)).trimEnd().split('\n')
    assert.equal(lines.length, many.length)
    assert.match(lines.at(-1) ?? '', /:5000: topic-4999\.partitions: /)
  })
})

describe('originals on a real Kubernetes API', () => {
  it('says that nothing was kept, and then lists, narrows down and prints what was', async () => {
    const none = await infometis(['originals'], onBoth())
    assert.deepEqual(
      [none.code, none.out],
      [0, 'nothing has been kept: no change or deletion has overwritten what somebody made.\n'],
    )

    const connection = { ...(await fromKubeconfig(api.kubeconfig)), namespace }
    const own = new KubeClient(connection)
    const store = new Originals(own, 'kafka')
    const content = { text: '{"title":"mine"}', by: 'user:ada', at: '2026-01-02T03:04:05Z' }
    const name = await store.keep(`${namespace}/boards`, 'boards/overview', content, deadline)
    await store.keep(`${namespace}/boards`, 'boards/other', { text: '{}' }, deadline)
    own.close()
    assert.ok(name)
    const all = await infometis(['originals'], onBoth())
    assert.match(all.out, /^RESOURCE +AT +BY +CONFIGMAP +NAME$/m)
    assert.match(
      all.out,
      new RegExp(`^boards/overview +2026-01-02T03:04:05Z +user:ada +infometis/boards +${name}$`, 'm'),
    )
    assert.match(all.out, /^boards\/other +\S+ +- +/m)
    const one = await infometis(['originals', 'overview'], onBoth())
    assert.doesNotMatch(one.out, /boards\/other/)
    const printed = await infometis(['originals', name], onBoth())
    assert.deepEqual([printed.code, printed.out, printed.err], [0, '{"title":"mine"}\n', ''])
    const wrong = await infometis(['originals', 'overvew'], onBoth())
    assert.equal(wrong.code, 1)
    assert.match(wrong.err, /boards\/overview/)
  })
})
