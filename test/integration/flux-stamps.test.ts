import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { ConfigMapSource } from '../../src/kube/config-map-source.ts'
import { fromKubeconfig } from '../../src/kube/kubeconfig.ts'
import { readConfigMap, type ConfigMap } from '../../src/kube/objects.ts'
import { KubeClient, configMapPath, contentTypes } from '../../src/kube/rest.ts'
import { KubeStateStore } from '../../src/kube/state-store.ts'
import { appliedAt } from '../../src/kube/written.ts'
import type { Clock } from '../../src/reconcile/clock.ts'
import type { FilesShape } from '../../src/reconcile/files-shape.ts'
import type { Log } from '../../src/reconcile/world.ts'
import { waitUntil } from '../../src/stack/deadline.ts'
import { startKubeApi, type TestKubeApi } from '../support/kube-api.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { emptyState } from '../support/state.ts'

const forever = new AbortController().signal
const quiet: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}
const types: Readonly<Record<string, string>> = { kafka: 'topics', elasticsearch: 'indices' }

/** A reconciler without a service: it reads what is desired, and what it says of it is always that all is well. */
interface Reconciler {
  readonly source: ConfigMapSource
  readonly warnings: readonly string[]
  /** One pass over a ConfigMap. Milliseconds to wait when it has something left to stamp. */
  pass(key: string): Promise<number | undefined>
}

interface Options {
  readonly component?: string
  readonly instance?: string
  readonly clock?: Clock
  readonly files?: FilesShape
}

interface Place {
  readonly namespace: string
  /** Writes a ConfigMap as Flux does; the object as it is then. */
  flux(name: string, object: Desired): Promise<ConfigMap>
  read(name: string): Promise<ConfigMap>
  reconciler(options?: Options): Promise<Reconciler>
  /** Passes over the ConfigMaps, one after the other and again, until nothing is left to wait for but `left` ms of the manual clock. */
  settle(reconciler: Reconciler, names: readonly string[], left?: number): Promise<void>
}

interface Desired {
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly data: Readonly<Record<string, string>>
}

interface Verdict {
  readonly inOneSecond: boolean
  /** The echo is the one that Flux's write has now, and what stands beside it was said of the content before. */
  readonly falselyFresh: boolean
}

function desired(entries: object, extending?: string, component = 'kafka'): Desired {
  return {
    labels: { 'infometis.component': component },
    // Never an empty map: a writer that sends one owns it as a whole, and Flux sends none.
    ...(extending === undefined ? {} : { annotations: { 'infometis.io/extends': extending } }),
    data: { [`${types[component] ?? ''}.yaml`]: stringify(entries) },
  }
}

function base(data: Readonly<Record<string, object>>, more: Partial<Desired> = {}): Desired {
  const texts = Object.entries(data).map(([type, entries]) => [`${type}.yaml`, stringify(entries)] as const)
  return { labels: { 'infometis.io/kind': 'base' }, data: Object.fromEntries(texts), ...more }
}

const topic = (partitions: number): object => ({ orders: { partitions } })

const annotation = (object: ConfigMap, name: string): string | undefined =>
  object.metadata.annotations[`infometis.io/${name}`]

describe('the echo of Flux’s writes, on a real API server', { timeout: 120_000 }, () => {
  let api: TestKubeApi
  let client: KubeClient
  let places = 0

  before(async () => {
    api = await startKubeApi()
    client = new KubeClient(await fromKubeconfig(api.kubeconfig))
  })
  after(async () => {
    client.close()
    await api.stop()
  })

  const place = async (t: TestContext): Promise<Place> => {
    const namespace = await api.namespace(`place-${++places}`)
    const read: Place['read'] = async (name) => {
      const path = configMapPath(namespace, name)
      const { body } = await client.request({ method: 'GET', path, signal: forever })
      return readConfigMap(body) ?? assert.fail(`no ConfigMap ${name}`)
    }
    const flux: Place['flux'] = async (name, { data, ...metadata }) => {
      const { body } = await client.request({
        method: 'PATCH',
        path: configMapPath(namespace, name),
        query: { fieldManager: 'kustomize-controller', force: true },
        contentType: contentTypes.apply,
        body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, ...metadata }, data },
        signal: forever,
      })
      return readConfigMap(body) ?? assert.fail(`no ConfigMap ${name}`)
    }
    const settle: Place['settle'] = async (reconciler, names, left) => {
      const one = async (name: string): Promise<boolean> => {
        const wait = await reconciler.pass(`${namespace}/${name}`)
        return wait === undefined || wait === left
      }
      const all = async (): Promise<boolean> => {
        const done: boolean[] = []
        for (const name of names) done.push(await one(name))
        return done.every(Boolean)
      }
      await waitUntil(all, { what: `${names.join(', ')} to be settled`, deadlineMs: 10_000 })
    }
    return {
      namespace,
      flux,
      read,
      settle,
      reconciler: async (options) => reconcilerOf(t, namespace, options),
    }
  }

  const reconcilerOf = async (
    t: TestContext,
    namespace: string,
    { component = 'kafka', instance = '', clock, files }: Options = {},
  ): Promise<Reconciler> => {
    const warnings: string[] = []
    const log = { ...quiet, warn: (_: object, message: string) => void warnings.push(message) }
    const parts = {
      component,
      types: [{ name: types[component] ?? '', ...(files && { files, definition: 'definition' }) }],
      namespaces: [namespace],
      names: [],
      instance,
    }
    const source = new ConfigMapSource({ client, ...parts, log })
    const stop = new AbortController()
    source.start(stop.signal)
    t.after(async () => {
      stop.abort()
      await Promise.all(source.reflectors.map(({ done }) => done))
    })
    await waitUntil(async () => source.synced(), { what: 'the source to be synced', deadlineMs: 10_000 })
    const bases = source.bases()
    const own = { client, component, instance, desired: source, bases, log, signal: stop.signal }
    const store = new KubeStateStore(clock === undefined ? own : { ...own, clock })
    const pass: Reconciler['pass'] = async (key) => {
      const written = source.read(key)
      return written === undefined
        ? 5
        : store.summarize(written, { ...emptyState, observedHash: written.hash }, forever)
    }
    return { source, warnings, pass }
  }

  /** Waits until a reconciler has read of a ConfigMap what is there now. */
  const known = async ({ source }: Reconciler, at: Place, name: string): Promise<ConfigMap> => {
    const object = await at.read(name)
    const version = object.metadata.resourceVersion
    await waitUntil(
      async () => source.bases().object(`${at.namespace}/${name}`)?.metadata.resourceVersion === version,
      { what: `${name} to be read`, deadlineMs: 10_000, everyMs: 5 },
    )
    return object
  }

  /** Two writes of Flux within a second or so, and a reconciler that dies after its first stamp, wherever that falls. */
  const twice = async (at: Place, reconciler: Reconciler, name: string, delay: number): Promise<Verdict> => {
    const key = `${at.namespace}/${name}`
    const first = await at.flux(name, desired(topic(1)))
    const untilStamped = waitUntil(
      async () => {
        const wait = await reconciler.pass(key)
        const object = reconciler.source.object(key)
        if (object !== undefined && annotation(object, 'observed-applied') !== undefined) return true
        await sleep(wait ?? 0)
        return false
      },
      { what: `${name} to be stamped`, deadlineMs: 20_000, everyMs: 10 },
    )
    const writeAgain = async (): Promise<void> => {
      await sleep(delay)
      await at.flux(name, desired(topic(2)))
    }
    await Promise.all([untilStamped, writeAgain()])
    const object = await known(reconciler, at, name)
    const fresh = annotation(object, 'observed-applied') === appliedAt(object)
    const stale = annotation(object, 'observed-hash') !== reconciler.source.read(key)?.hash
    return { inOneSecond: appliedAt(first) === appliedAt(object), falselyFresh: fresh && stale }
  }

  it('never vouches for a content that it has not seen, though Flux writes twice in a second and the reconciler dies after one stamp', async (t) => {
    const [wanted, wave] = [50, 20]
    const at = await place(t)
    const reconciler = await at.reconciler()
    const verdicts: Verdict[] = []
    const inOneSecond = (): number => verdicts.filter((each) => each.inOneSecond).length
    // A busy machine spreads the pairs over two seconds: then there are more waves.
    for (let round = 0; inOneSecond() < wanted && round < 15; round += 1) {
      await sleep(1_000 - (Date.now() % 1_000))
      const pairs = Array.from({ length: wave }, async (_, index) =>
        twice(at, reconciler, `twice-${round}-${index}`, (index / wave) * 800),
      )
      verdicts.push(...(await Promise.all(pairs)))
    }
    t.diagnostic(`${verdicts.length} pairs of writes, ${inOneSecond()} of them in one second`)
    assert.ok(inOneSecond() >= wanted, `only ${inOneSecond()} pairs fell into one second`)
    assert.equal(verdicts.filter((each) => each.falselyFresh).length, 0)
  })

  it('comes on a ConfigMap in the shape of another tool, too', async (t) => {
    const at = await place(t)
    const files: FilesShape = {
      label: 'board',
      annotations: ['board-folder'],
      entry: ({ key }) => ({ name: key, value: {} }),
    }
    const labels = { 'infometis.component': 'kafka', board: '1' }
    await at.flux('boards', { labels, annotations: { 'board-folder': 'a' }, data: { 'a.json': '{}' } })
    const reconciler = await at.reconciler({ files })
    await at.settle(reconciler, ['boards'])
    const object = await at.read('boards')
    assert.equal(annotation(object, 'observed-applied'), appliedAt(object))
  })

  describe('on a base', () => {
    it('comes when every ConfigMap that rests on it has said how it stands, and a while after their words', async (t) => {
      const at = await place(t)
      const clock = new ManualClock()
      await at.flux('base', base({ topics: topic(1) }))
      await at.flux('one', desired({ orders: {} }, 'base'))
      await at.flux('two', desired({ orders: {} }, 'base'))
      const reconciler = await at.reconciler({ clock })
      await at.settle(reconciler, ['one'])
      await clock.advance(10_000)
      assert.equal(await reconciler.pass(`${at.namespace}/one`), undefined)
      assert.equal(annotation(await at.read('base'), 'observed-applied.kafka'), undefined)
      await at.settle(reconciler, ['two'], 2_000)
      assert.equal(annotation(await at.read('two'), 'ready'), 'True')
      await clock.advance(1_999)
      assert.equal(await reconciler.pass(`${at.namespace}/one`), 1)
      assert.equal(annotation(await at.read('base'), 'observed-applied.kafka'), undefined)
      await clock.advance(1)
      await at.settle(reconciler, ['one', 'two'])
      const object = await at.read('base')
      assert.ok(appliedAt(object) !== undefined)
      assert.equal(annotation(object, 'observed-applied.kafka'), appliedAt(object))
    })

    it('is not renewed by what was said of an older content, be it of the same second', async (t) => {
      const at = await place(t)
      const clock = new ManualClock()
      const reconciler = await at.reconciler({ clock })
      await at.flux('base', base({ topics: topic(1) }))
      await at.flux('child', desired({ orders: {} }, 'base'))
      await at.flux('other', desired({ payments: {} }))
      for (const name of ['base', 'child', 'other']) await known(reconciler, at, name)
      await at.settle(reconciler, ['child', 'other'], 2_000)
      const twice = async (partitions: number): Promise<readonly [ConfigMap, ConfigMap]> => {
        await sleep(1_000 - (Date.now() % 1_000))
        const first = await at.flux('base', base({ topics: topic(partitions) }))
        await known(reconciler, at, 'base')
        assert.equal(await reconciler.pass(`${at.namespace}/child`), 2_000)
        return [first, await at.flux('base', base({ topics: topic(partitions + 1) }))]
      }
      // A busy machine may need more than a second for that.
      let [first, second] = await twice(2)
      for (let tries = 2; appliedAt(first) !== appliedAt(second) && tries < 10; tries += 1)
        [first, second] = await twice(tries * 2)
      assert.equal(appliedAt(second), appliedAt(first), 'both writes are of one second')
      await known(reconciler, at, 'base')
      await clock.advance(10_000)
      await sleep(1_000)
      await at.settle(reconciler, ['other'])
      assert.equal(annotation(await at.read('base'), 'observed-applied.kafka'), undefined)
      await at.settle(reconciler, ['child'], 2_000)
      await clock.advance(2_000)
      await at.settle(reconciler, ['child'])
      assert.equal(annotation(await at.read('base'), 'observed-applied.kafka'), appliedAt(second))
    })

    it('reaches through a base that rests on another', async (t) => {
      const at = await place(t)
      const clock = new ManualClock()
      await at.flux('root', base({ topics: topic(1) }))
      const annotations = { 'infometis.io/extends': 'root' }
      await at.flux('middle', base({ topics: { orders: {} } }, { annotations }))
      await at.flux('leaf', desired({ orders: {} }, 'middle'))
      const reconciler = await at.reconciler({ clock })
      await at.settle(reconciler, ['leaf'], 2_000)
      await clock.advance(2_000)
      await at.settle(reconciler, ['leaf'])
      for (const name of ['root', 'middle']) {
        const object = await at.read(name)
        assert.equal(annotation(object, 'observed-applied.kafka'), appliedAt(object), name)
      }
    })

    it('that nobody extends comes from the reconciler of its type, and from one only', async (t) => {
      const at = await place(t)
      await at.flux('topics', base({ topics: topic(1) }))
      await at.flux('indices', base({ indices: { logs: {} } }))
      const held = { 'infometis.io/observed-applied.kafka.12345678': 'another instance’s' }
      await at.flux('held', base({ topics: topic(1) }, { annotations: held }))
      await at.flux('child', desired(topic(1)))
      const reconciler = await at.reconciler()
      await at.settle(reconciler, ['child'])
      const object = await at.read('topics')
      assert.equal(annotation(object, 'observed-applied.kafka'), appliedAt(object))
      for (const name of ['indices', 'held'])
        assert.equal(annotation(await at.read(name), 'observed-applied.kafka'), undefined, name)
    })

    it('is each reconciler’s own, where two components and two instances rest on one base', async (t) => {
      const at = await place(t)
      const clocks = [new ManualClock(), new ManualClock(), new ManualClock()]
      const both = (partitions: number): Desired =>
        base({ topics: topic(partitions), indices: { logs: { partitions } } })
      await at.flux('base', both(1))
      await at.flux('kafka', desired({ orders: {} }, 'base'))
      const own = desired({ orders: {} }, 'base')
      const labels = { ...own.labels, 'infometis.io/instance': 'second' }
      await at.flux('second', { ...own, labels })
      await at.flux('search', desired({ logs: {} }, 'base', 'elasticsearch'))
      const options: readonly Options[] = [{}, { instance: 'second' }, { component: 'elasticsearch' }]
      const names = ['kafka', 'second', 'search']
      const reconcilers = await Promise.all(
        options.map(async (each, index) =>
          at.reconciler({ ...each, ...(clocks[index] === undefined ? {} : { clock: clocks[index] }) }),
        ),
      )
      const settleAll = async (): Promise<void> => {
        for (const [index, reconciler] of reconcilers.entries()) {
          await known(reconciler, at, 'base')
          await at.settle(reconciler, [names[index] ?? ''], 2_000)
          await clocks[index]?.advance(2_000)
          await at.settle(reconciler, [names[index] ?? ''])
        }
      }
      const stamps = async (): Promise<readonly (string | undefined)[]> => {
        const object = await at.read('base')
        const keys = Object.keys(object.metadata.annotations).filter((key) =>
          key.includes('observed-applied'),
        )
        assert.equal(keys.length, 3, keys.join())
        return keys.map((key) => object.metadata.annotations[key])
      }
      await settleAll()
      const before = await at.read('base')
      assert.deepEqual(await stamps(), Array(3).fill(appliedAt(before)))
      await waitUntil(async () => Date.now() > Date.parse(appliedAt(before) ?? '') + 1_000, {
        what: 'another second',
        deadlineMs: 2_000,
      })
      await at.flux('base', both(2))
      await settleAll()
      const renewed = appliedAt(await at.read('base'))
      assert.notEqual(renewed, appliedAt(before))
      assert.deepEqual(await stamps(), Array(3).fill(renewed))
    })

    it('is left to Git where Git carries it, and that is said once', async (t) => {
      const at = await place(t)
      const annotations = { 'infometis.io/observed-applied.kafka': '2026-01-01T00:00:00Z' }
      await at.flux('base', base({ topics: topic(1) }, { annotations }))
      await at.flux('child', desired(topic(1)))
      const reconciler = await at.reconciler()
      for (let pass = 0; pass < 3; pass += 1) await at.settle(reconciler, ['child'])
      assert.deepEqual(reconciler.warnings, ['the echo on a base was refused; remove it from Git'])
      const object = await at.read('base')
      assert.equal(annotation(object, 'observed-applied.kafka'), '2026-01-01T00:00:00Z')
    })
  })
})
