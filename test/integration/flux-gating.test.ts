import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import kafkajs, { Kafka, logLevel, type Admin } from 'kafkajs'
import { parseAllDocuments, stringify } from 'yaml'
import { z } from 'zod'
import { applyConfigMap } from '../../src/kube/apply.ts'
import { hasStatus } from '../../src/kube/kube-error.ts'
import { fromKubeconfig } from '../../src/kube/kubeconfig.ts'
import { appliedAt } from '../../src/kube/written.ts'
import { readConfigMap, type ConfigMap } from '../../src/kube/objects.ts'
import { KubeClient, configMapPath } from '../../src/kube/rest.ts'
import { runOrThrow } from '../../src/stack/command.ts'
import { waitUntil } from '../../src/stack/deadline.ts'
import { freePorts } from '../../src/stack/port.ts'
import { projectFile } from '../../src/stack/project.ts'
import { reconcilerServer } from '../../src/stack/reconciler.ts'
import type { Server } from '../../src/stack/server.ts'
import { fluxNamespace, startFlux, type Flux } from '../support/flux/flux.ts'
import type { GitPublisher } from '../support/flux/git-publisher.ts'
import type { KustomizationStatus } from '../support/flux/kustomization-status.ts'
import { startKafka, type RunningKafka } from '../support/kafka.ts'
import { startKubeApi, type TestKubeApi } from '../support/kube-api.ts'
import { testLaunch, testPlaces } from '../support/places.ts'

const forever = new AbortController().signal
/** Flux looks every 5 s, raises a shorter timeout to 30 s, and has to do with two cores here. */
const soon = 40_000
const afterTimeout = 75_000

/** A namespace with its reconciler, which can be stopped and started again. */
interface Team {
  readonly namespace: string
  readonly reconciler: Server
}

/** A repository, its GitRepository and a Kustomization of the same name. */
interface Case {
  readonly name: string
  readonly namespace: string
  /** Commits `desired.yaml` with these objects, and publishes it. */
  commit(...objects: readonly object[]): Promise<string>
  /** Waits until Flux says Ready of a revision. */
  ready(revision: string): Promise<KustomizationStatus>
  /** Waits until Flux has given up on a revision, and answers why. */
  refused(revision: string): Promise<string>
  until(wanted: (status: KustomizationStatus) => boolean, ms?: number): Promise<KustomizationStatus>
}

interface Dressing {
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

/** A desired ConfigMap as a team writes it into Git. */
function topics(name: string, entries: object, { labels = {}, annotations = {} }: Dressing = {}): object {
  const own = { 'infometis.component': 'kafka', 'infometis.config-type': 'topics', ...labels }
  return configMap(name, { 'topics.yaml': stringify(entries) }, { labels: own, annotations })
}

function base(name: string, entries: object): object {
  return configMap(name, { 'topics.yaml': stringify(entries) }, { labels: { 'infometis.io/kind': 'base' } })
}

function extending(name: string): Dressing {
  return { annotations: { 'infometis.io/extends': name } }
}

function configMap(name: string, data: Readonly<Record<string, string>>, dressing: Dressing = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...dressing }, data }
}

const topic = (name: string, config: object = {}, partitions = 1): object => ({
  [name]: { partitions, 'replication-factor': 1, config },
})

const manifest = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.record(z.string(), z.unknown()).optional(),
})
/** What gives rights, and needs no kubelet. */
const rbac = ['ServiceAccount', 'Role', 'RoleBinding']
type Spec = Readonly<Record<string, unknown>>

function yamlOf(objects: readonly object[]): string {
  return objects.map((each) => stringify(each)).join('---\n')
}

describe('Flux, the reconciler and Kafka', { timeout: 300_000, concurrency: true }, () => {
  let directory: string
  let api: TestKubeApi
  let kafka: RunningKafka
  let flux: Flux
  let client: KubeClient
  let admin: Admin
  let expressions: unknown
  let steady: Team
  let absent: Team

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'infometis-flux-'))
    ;[api, kafka] = await Promise.all([startKubeApi(), startKafka()])
    const kubeconfig = api.kubeconfig
    const flags = [
      '--concurrent=30',
      '--requeue-dependency=5s',
      '--feature-gates=CancelHealthCheckOnNewRevision=true',
    ]
    const around = { directory, launch: testLaunch(), places: testPlaces() }
    flux = await startFlux({ ...around, kubectl: api.kubectl, kubeconfig, flags })
    client = new KubeClient(await fromKubeconfig(kubeconfig))
    admin = new Kafka({ brokers: [kafka.bootstrapServers], logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    await api.namespace(fluxNamespace)
    expressions = (await shipped('infometis-desired'))['healthCheckExprs']
    assert.ok(Array.isArray(expressions) && expressions.length === 1)
    ;[steady, absent] = await Promise.all([team('steady'), team('absent')])
  })
  after(async () => {
    await Promise.all([steady.reconciler.stop(), absent.reconciler.stop(), admin.disconnect()])
    client.close()
    await flux.stop()
    await Promise.all([api.stop(), kafka.stop()])
    await rm(directory, { recursive: true, force: true })
  })

  /** A Kustomization that an environment ships, as kustomize renders it. */
  const shipped = async (name: string, environment = 'dev'): Promise<Spec> => {
    const objects = await rendered(`environments/${environment}/flux`, ['Kustomization'])
    const { spec } = objects.find(({ metadata }) => metadata.name === name) ?? assert.fail(`no ${name}`)
    return spec ?? assert.fail(`${name} has no spec`)
  }

  const team = async (namespace: string): Promise<Team> => {
    await api.namespace(namespace)
    const apply = ['apply', '--server-side', '--namespace', namespace, '-f', '-']
    await api.kubectl(apply, yamlOf(await rendered('deploy/kafka', rbac)))
    const account = await api.serviceAccountDir(namespace, 'infometis-kafka')
    const [httpPort = 0] = await freePorts(1)
    const below = await mkdtemp(join(directory, `${namespace}-`))
    const reconciler = reconcilerServer({
      service: 'kafka',
      directory: below,
      launch: testLaunch(),
      program: [process.execPath, projectFile('dist', 'main.mjs')],
      httpPort,
      environment: {
        KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrapServers,
        KUBERNETES_SERVICE_HOST: api.host,
        KUBERNETES_SERVICE_PORT: String(api.port),
        SERVICE_ACCOUNT_DIR: account,
        INFOMETIS_NAMESPACE: namespace,
        // What these tests wait for must not come by a resync.
        RECONCILE_INTERVAL: '10m',
      },
    })
    await reconciler.start()
    return { namespace, reconciler }
  }

  /** Objects of a folder as kustomize renders it. */
  const rendered = async (
    folder: string,
    kinds: readonly string[],
  ): Promise<readonly z.infer<typeof manifest>[]> => {
    const text = await api.kubectl(['kustomize', projectFile(...folder.split('/'))])
    const objects = parseAllDocuments(text).map((each) => manifest.parse(each.toJS()))
    const found = objects.filter(({ kind }) => kinds.includes(kind))
    assert.ok(
      kinds.every((kind) => found.some((each) => each.kind === kind)),
      `${folder} has not all kinds`,
    )
    return found
  }

  const open = async (
    name: string,
    namespace: string,
    more: object = {},
    home = fluxNamespace,
  ): Promise<Case> => {
    const publisher = await flux.addRepository(home, name)
    const metadata = { name, namespace: home }
    const source = { interval: '10m', url: 'https://git.example.org/team/repository' }
    const spec = {
      sourceRef: { kind: 'GitRepository', name },
      path: './',
      targetNamespace: namespace,
      interval: '10m',
      retryInterval: '2s',
      timeout: '30s',
      wait: true,
      prune: true,
      healthCheckExprs: expressions,
      ...more,
    }
    const objects = [
      { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository', metadata, spec: source },
      { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization', metadata, spec },
    ]
    await api.kubectl(['apply', '--server-side', '-f', '-'], yamlOf(objects))
    return caseOf(name, namespace, publisher, home)
  }

  /** The command of docs/flux.md that shows why a commit was refused, as a person runs it. */
  const documented = async (namespace: string): Promise<string> => {
    const text = await readFile(projectFile('docs', 'flux.md'), 'utf8')
    const command =
      /^ {4}(kubectl get configmaps .*)$/m.exec(text)?.[1] ?? assert.fail('docs/flux.md has no command')
    const env = {
      PATH: `${dirname(api.kubectlPath)}:${testPlaces().path}`,
      HOME: directory,
      KUBECONFIG: api.kubeconfig,
    }
    return runOrThrow('sh', ['-c', command.replace('infometis-dev', namespace)], { env, deadlineMs: 30_000 })
  }

  /** kube-controller-manager puts the built-in role `admin` together from its parts; it does not run here. */
  const aggregateAdmin = async (): Promise<void> => {
    const parts = ['admin', 'edit', 'view'].map((each) => `system:aggregate-to-${each}`)
    const texts = await Promise.all(
      parts.map(async (each) => api.kubectl(['get', 'clusterrole', each, '-o', 'json'])),
    )
    const rules = texts.flatMap(
      (text) => z.object({ rules: z.array(z.unknown()) }).parse(JSON.parse(text)).rules,
    )
    await api.kubectl(['patch', 'clusterrole', 'admin', '--type=merge', '--patch', JSON.stringify({ rules })])
  }

  const caseOf = (name: string, namespace: string, publisher: GitPublisher, home: string): Case => {
    const until: Case['until'] = async (wanted, ms = soon) => flux.untilKustomization(name, wanted, ms, home)
    return {
      name,
      namespace,
      until,
      commit: async (...objects) => {
        await publisher.commit(new Map([['desired.yaml', yamlOf(objects)]]), `change ${name}`)
        return publisher.publish()
      },
      ready: async (revision) =>
        until(
          ({ ready, lastAppliedRevision }) => ready?.status === 'True' && lastAppliedRevision === revision,
        ),
      refused: async (revision) => flux.untilFailed(name, revision, afterTimeout, home),
    }
  }

  const read = async (namespace: string, name: string): Promise<ConfigMap> => {
    const { body } = await client.request({
      method: 'GET',
      path: configMapPath(namespace, name),
      signal: forever,
    })
    return readConfigMap(body) ?? assert.fail(`no ConfigMap ${name}`)
  }

  const annotation = (object: ConfigMap, name: string): string | undefined =>
    object.metadata.annotations[`infometis.io/${name}`]

  const retention = async (name: string): Promise<string | undefined> => {
    const resources = [{ type: kafkajs.ConfigResourceTypes.TOPIC, name, configNames: ['retention.ms'] }]
    const described = await admin.describeConfigs({ resources, includeSynonyms: false })
    return described.resources[0]?.configEntries[0]?.configValue
  }

  /** Whether Flux ever was done with a revision: it says so in its log, whatever came after. */
  const wasReady = async (revision: string): Promise<boolean> =>
    (await flux.log())
      .split('\n')
      .some((line) => line.includes('Reconciliation finished') && line.includes(revision))

  /** Waits until a ConfigMap is as wanted. */
  const seen = async (
    { namespace, name }: Pick<Case, 'namespace' | 'name'>,
    what: string,
    wanted: (object: ConfigMap) => boolean,
  ): Promise<ConfigMap> => {
    let object = await read(namespace, name)
    await waitUntil(
      async () => {
        object = await read(namespace, name)
        return wanted(object)
      },
      { what, deadlineMs: soon },
    )
    return object
  }

  /** `flux reconcile`, to its end. */
  const reconcile = async (one: Case): Promise<KustomizationStatus> => {
    const request = await flux.reconcile(one.name)
    return one.until(
      (status) => status.lastHandledReconcileAt === request && status.ready?.status !== 'Unknown',
    )
  }

  describe('while the reconciler runs', { concurrency: true }, () => {
    it('a commit is Ready when the topic is there, by the echo of this very write', async () => {
      const one = await open('first', steady.namespace)
      await one.ready(await one.commit(topics('first', topic('first'))))
      assert.ok((await admin.listTopics()).includes('first'))
      const object = await read(one.namespace, 'first')
      assert.equal(annotation(object, 'ready'), 'True')
      assert.ok(appliedAt(object) !== undefined)
      assert.equal(annotation(object, 'observed-applied'), appliedAt(object))
    })

    it('a ConfigMap without our label keeps nobody waiting', async () => {
      const one = await open('plain', steady.namespace)
      const revision = await one.commit(configMap('plain', { a: 'b' }), topics('beside', topic('beside')))
      await one.ready(revision)
      assert.equal(annotation(await read(one.namespace, 'plain'), 'observed-applied'), undefined)
    })

    it('a commit that the rules refuse fails fast; our reason stands in the summary, in status and in an Event; the next good commit heals it', async () => {
      const one = await open('refused', steady.namespace)
      await one.ready(await one.commit(topics('refused', topic('refused', {}, 3))))
      const started = performance.now()
      const bad = await one.commit(topics('refused', topic('refused', {}, 1)))
      const message = await one.refused(bad)
      const seconds = (performance.now() - started) / 1_000
      assert.match(
        message,
        /failed early due to stalled resources: \[ConfigMap\/steady\/refused status: 'Failed'/,
      )
      assert.ok(seconds < 20, `Flux took ${seconds} s of a timeout of 30 s`)
      const object = await read(one.namespace, 'refused')
      const reason = annotation(object, 'reason') ?? ''
      const words = annotation(object, 'message') ?? ''
      assert.equal(annotation(object, 'ready'), 'False')
      assert.match(words, /refused/)
      assert.equal((await read(one.namespace, 'refused-status')).data['reason'], reason)
      const events = await api.kubectl(['events', '--namespace', one.namespace, '--for', 'ConfigMap/refused'])
      assert.ok(events.includes(reason), events)
      const shown = await documented(one.namespace)
      assert.ok(
        shown.split('\n').some((line) => /^refused +False /.test(line) && line.includes(words)),
        shown,
      )
      await one.ready(await one.commit(topics('refused', topic('refused', {}, 4))))
    })

    it('a label alone that changes in Git is answered with a new echo', async () => {
      const one = await open('labelled', steady.namespace)
      await one.ready(await one.commit(topics('labelled', topic('labelled'))))
      const before = await read(one.namespace, 'labelled')
      const labels = { team: 'shop' }
      await one.ready(await one.commit(topics('labelled', topic('labelled'), { labels })))
      const object = await read(one.namespace, 'labelled')
      assert.equal(object.metadata.labels['team'], 'shop')
      assert.notEqual(appliedAt(object), appliedAt(before))
      assert.equal(annotation(object, 'observed-applied'), appliedAt(object))
      assert.equal(annotation(object, 'observed-hash'), annotation(before, 'observed-hash'))
    })

    it('our own writes and Flux’s looks chase each other nowhere', async () => {
      const one = await open('quiet', steady.namespace)
      await one.ready(await one.commit(topics('quiet', topic('quiet'))))
      const { resourceVersion } = (await read(one.namespace, 'quiet')).metadata
      for (let look = 0; look < 3; look += 1) {
        assert.equal((await reconcile(one)).ready?.status, 'True')
        assert.equal((await read(one.namespace, 'quiet')).metadata.resourceVersion, resourceVersion)
      }
    })

    it('what kubectl changes in data, Flux takes back, and is Ready again when the reconciler has followed', async () => {
      const one = await open('drifted', steady.namespace)
      await one.ready(await one.commit(topics('drifted', topic('drifted', { 'retention.ms': 100_000 }))))
      const before = await read(one.namespace, 'drifted')
      const data = { 'topics.yaml': stringify(topic('drifted', { 'retention.ms': 200_000 })) }
      const edit = ['patch', 'configmap', 'drifted', '--namespace', one.namespace, '--type=merge']
      await api.kubectl([...edit, '--patch', JSON.stringify({ data })])
      await waitUntil(async () => (await retention('drifted')) === '200000', {
        what: 'the topic to follow kubectl',
        deadlineMs: soon,
      })
      assert.equal((await reconcile(one)).ready?.status, 'True')
      const object = await read(one.namespace, 'drifted')
      assert.deepEqual(object.data, before.data)
      assert.notEqual(appliedAt(object), appliedAt(before))
      assert.equal(annotation(object, 'observed-applied'), appliedAt(object))
      assert.equal(await retention('drifted'), '100000')
    })

    it('what kubectl annotates, Flux takes away; what our command line annotates stays', async () => {
      const one = await open('annotated', steady.namespace)
      await one.ready(await one.commit(topics('annotated', topic('annotated'))))
      const annotate = ['annotate', 'configmap', 'annotated', '--namespace', one.namespace]
      await api.kubectl([...annotate, 'infometis.io/max-deletes=1'])
      await api.kubectl([...annotate, '--field-manager=infometis-cli', 'infometis.io/reconcile-at=now'])
      assert.equal((await reconcile(one)).ready?.status, 'True')
      const object = await read(one.namespace, 'annotated')
      assert.equal(annotation(object, 'max-deletes'), undefined)
      assert.equal(annotation(object, 'reconcile-at'), 'now')
      assert.equal(annotation(object, 'observed-applied'), appliedAt(object))
    })

    it('our annotations copied into Git make nothing Ready and are reported; without them it heals', async () => {
      const one = await open('copied', steady.namespace)
      const annotations = {
        'infometis.io/ready': 'True',
        'infometis.io/observed-applied': '2026-01-01T00:00:00Z',
      }
      const copied = await one.commit(topics('copied', topic('copied'), { annotations }))
      assert.match(await one.refused(copied), /ConfigMap\/steady\/copied status: 'InProgress'/)
      assert.equal(await wasReady(copied), false)
      const log = await readFile(steady.reconciler.logFile, 'utf8')
      const warnings = log.split('\n').filter((line) => line.includes('belong to another manager'))
      assert.equal(warnings.length, 1)
      assert.match(warnings[0] ?? '', /steady\/copied/)
      await one.ready(await one.commit(topics('copied', topic('copied'))))
    })

    it('a ConfigMap pruned from Git is gone, its topic and its status stay, and Flux is Ready', async () => {
      const one = await open('pruned', steady.namespace)
      const kept = topics('kept', topic('kept'))
      await one.ready(await one.commit(kept, topics('pruned', topic('pruned'))))
      await one.ready(await one.commit(kept))
      await assert.rejects(read(one.namespace, 'pruned'), (error) => hasStatus(error, 404))
      const status = { namespace: one.namespace, name: 'pruned-status' }
      await seen(status, 'SourceGone', ({ data }) => data['reason'] === 'SourceGone')
      assert.ok((await admin.listTopics()).includes('pruned'))
    })

    it('a base that changes alone is Ready when the topics of those that extend it have followed', async () => {
      const one = await open('above', steady.namespace)
      const child = topics('above', { above: {} }, extending('above-base'))
      const unused = base('unused-base', topic('unused'))
      const retained = (ms: number): object => base('above-base', topic('above', { 'retention.ms': ms }))
      await one.ready(await one.commit(retained(100_000), unused, child))
      assert.equal(await retention('above'), '100000')
      await one.ready(await one.commit(retained(200_000), unused, child))
      assert.equal(await retention('above'), '200000')
      const object = await read(one.namespace, 'above-base')
      assert.equal(annotation(object, 'observed-applied.kafka'), appliedAt(object))
    })

    it('a commit without services takes away neither a namespace nor a volume, nor does the end of the Kustomization', async () => {
      const { prune, deletionPolicy, patches } = await shipped('infometis-services')
      assert.deepEqual([prune, deletionPolicy], [true, 'Orphan'])
      const namespace = await api.namespace('volumes')
      const own = { prune, deletionPolicy, patches, wait: false, targetNamespace: namespace }
      const one = await open('services', namespace, own)
      const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } }
      const objects = [
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
        { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec: claim },
      ]
      const service = configMap('service', { a: 'b' })
      await one.ready(await one.commit(...objects, service, configMap('other', {})))
      await one.ready(await one.commit(configMap('other', {})))
      await assert.rejects(read(namespace, 'service'), (error) => hasStatus(error, 404))
      await api.kubectl([
        'delete',
        'kustomization',
        'services',
        '--namespace',
        fluxNamespace,
        '--timeout=30s',
      ])
      const left = await api.kubectl([
        'get',
        'ns/volumes',
        'pvc/data',
        'cm/other',
        '-n',
        namespace,
        '-o',
        'name',
      ])
      assert.deepEqual(left.trim().split('\n'), [
        'namespace/volumes',
        'persistentvolumeclaim/data',
        'configmap/other',
      ])
      const phase = await api.kubectl(['get', 'namespace', namespace, '-o', 'jsonpath={.status.phase}'])
      assert.equal(phase, 'Active')
    })

    it('in a shared cluster Flux acts as the service account of the one namespace, and can do nothing elsewhere', async () => {
      const namespace = await api.namespace('data-platform')
      const elsewhere = await api.namespace('elsewhere')
      await aggregateAdmin()
      const given = await rendered('environments/prod-shared/flux', rbac)
      await api.kubectl(['apply', '--server-side', '-f', '-'], yamlOf(given))
      const { serviceAccountName, targetNamespace } = await shipped('infometis-operator', 'prod-shared')
      assert.deepEqual([serviceAccountName, targetNamespace], ['infometis-flux', namespace])
      // Without `targetNamespace` a commit says itself where its objects go.
      const more = { serviceAccountName, targetNamespace: undefined, wait: false }
      const one = await open('tenant', namespace, more, namespace)
      const inside = topics('inside', topic('inside'))
      const at = (object: object, place: string): object => {
        const { metadata, ...rest } = manifest.parse(object)
        return { ...rest, metadata: { ...metadata, namespace: place } }
      }
      // Everything of the environment that gives rights: each RoleBinding comes together with its Role.
      const stacks = ['services', 'operator'].map((part) => `environments/prod-shared/stack/${part}`)
      const roles = (await Promise.all(stacks.map(async (each) => rendered(each, rbac)))).flat()
      const own = [...roles, inside].map((each) => at(each, namespace))
      await one.ready(await one.commit(...own))
      assert.ok(appliedAt(await read(namespace, 'inside')) !== undefined, 'the echo finds Flux’s own entry')
      const message = await one.refused(await one.commit(at(inside, elsewhere)))
      assert.match(
        message,
        /User "system:serviceaccount:data-platform:infometis-flux" cannot patch resource "configmaps" .* in the namespace "elsewhere"/,
      )
      await assert.rejects(read(elsewhere, 'inside'), (error) => hasStatus(error, 404))
    })

    it('what the environments tell Flux is taken by its CRDs, field by field', async () => {
      await Promise.all(['infometis-dev', 'data-platform'].map(async (each) => api.namespace(each)))
      for (const environment of ['dev', 'uat', 'prod-independent', 'prod-shared']) {
        const folder = projectFile('environments', environment, 'flux')
        const dry = ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-o', 'name']
        const taken = await api.kubectl([...dry, '-k', folder])
        for (const name of ['services', 'operator', 'border', 'desired'])
          assert.match(
            taken,
            new RegExp(`^kustomization\\.kustomize\\.toolkit\\.fluxcd\\.io/infometis-${name}$`, 'm'),
          )
        assert.match(taken, /^gitrepository\.source\.toolkit\.fluxcd\.io\/infometis$/m)
      }
    })
  })

  describe('while the reconciler is down', { concurrency: false }, () => {
    const retained = (name: string, ms: number): object => topic(name, { 'retention.ms': ms })
    let stale: Case
    let swapped: Case
    let late: Case
    let based: Case
    let dependent: Case
    const revisions = new Map<Case, string>()
    const revisionOf = (one: Case): string => revisions.get(one) ?? assert.fail(`${one.name} has no revision`)
    const child = topics('based', { based: {} }, extending('based-base'))

    before(async () => {
      const { namespace } = absent
      ;[stale, swapped, late, based] = await Promise.all([
        open('stale', namespace),
        open('swapped', namespace),
        open('late', namespace),
        open('based', namespace),
      ])
      dependent = await open('dependent', namespace, { dependsOn: [{ name: 'stale' }], retryInterval: '5s' })
      const firsts = [
        stale.commit(topics('stale', retained('stale', 100_000))),
        swapped.commit(topics('swapped', retained('swapped', 100_000))),
        late.commit(topics('late', retained('late', 100_000))),
        based.commit(base('based-base', retained('based', 100_000)), child),
      ] as const
      const [onStale, onSwapped, onLate, onBased] = await Promise.all(firsts)
      await Promise.all([
        stale.ready(onStale),
        swapped.ready(onSwapped),
        late.ready(onLate),
        based.ready(onBased),
      ])
      await dependent.ready(await dependent.commit(configMap('dependent', { a: '1' })))
      await absent.reconciler.stop()
      revisions.set(stale, await stale.commit(topics('stale', retained('stale', 200_000))))
      revisions.set(based, await based.commit(base('based-base', retained('based', 200_000)), child))
      revisions.set(dependent, await dependent.commit(configMap('dependent', { a: '2' })))
    })

    describe('Flux is not Ready of', { concurrency: true }, () => {
      it('a commit, though yesterday’s True still stands there', async () => {
        assert.match(
          await stale.refused(revisionOf(stale)),
          /timeout waiting for: \[ConfigMap\/absent\/stale status: 'InProgress'\]/,
        )
        const object = await read(stale.namespace, 'stale')
        assert.match(object.data['topics.yaml'] ?? '', /200000/)
        assert.equal(annotation(object, 'ready'), 'True')
        assert.equal(await wasReady(revisionOf(stale)), false)
      })

      it('a commit and its reversal, though the mark that stands there speaks of the same content', async () => {
        const { data, metadata } = await read(swapped.namespace, 'swapped')
        await swapped.commit(topics('swapped', retained('swapped', 200_000)))
        await seen(swapped, 'the change', (object) => object.data['topics.yaml'] !== data['topics.yaml'])
        const back = await swapped.commit(topics('swapped', retained('swapped', 100_000)))
        revisions.set(swapped, back)
        const message = await swapped.refused(back)
        assert.match(message, /ConfigMap\/absent\/swapped status: 'InProgress'/)
        const object = await read(swapped.namespace, 'swapped')
        assert.deepEqual(object.data, data)
        assert.equal(annotation(object, 'observed-hash'), metadata.annotations['infometis.io/observed-hash'])
        assert.equal(await wasReady(back), false)
      })

      it('a commit for which a word comes late, from a reading before it', async () => {
        const before = await read(late.namespace, 'late')
        const revision = await late.commit(topics('late', retained('late', 200_000)))
        revisions.set(late, revision)
        const after = await seen(late, 'Flux’s write', (object) => appliedAt(object) !== appliedAt(before))
        const annotations = Object.fromEntries(
          Object.entries(before.metadata.annotations).filter(([key]) => key.startsWith('infometis.io/')),
        )
        const { name, namespace, uid } = after.metadata
        await applyConfigMap(
          client,
          {
            metadata: {
              name,
              namespace,
              uid,
              annotations: { ...annotations, 'infometis.io/message': 'late' },
            },
          },
          { manager: 'infometis-kafka', force: false, signal: forever },
        )
        assert.match(await late.refused(revision), /ConfigMap\/absent\/late status: 'InProgress'/)
        const object = await read(namespace, name)
        assert.deepEqual([annotation(object, 'ready'), annotation(object, 'message')], ['True', 'late'])
        assert.equal(await wasReady(revision), false)
      })

      it('a base, though the ConfigMap that extends it is as it was', async () => {
        const message = await based.refused(revisionOf(based))
        assert.match(message, /\[ConfigMap\/absent\/based-base status: 'InProgress'\]/)
        assert.equal(annotation(await read(based.namespace, 'based'), 'ready'), 'True')
        assert.equal(await retention('based'), '100000')
        assert.equal(await wasReady(revisionOf(based)), false)
      })

      it('what depends on it, and applies nothing of that', async () => {
        const { ready } = await dependent.until((status) => status.ready?.reason === 'DependencyNotReady')
        assert.match(ready?.message ?? '', /dependency 'flux-system\/stale' is not ready/)
        assert.equal((await read(dependent.namespace, 'dependent')).data['a'], '1')
        assert.equal(await wasReady(revisionOf(dependent)), false)
      })
    })

    it('and is Ready of all of them when it is back', async () => {
      await absent.reconciler.start()
      const cases = [stale, swapped, late, based, dependent]
      await Promise.all(cases.map(async (one) => one.ready(revisionOf(one))))
      assert.equal(await retention('stale'), '200000')
      assert.equal(await retention('swapped'), '100000')
      assert.equal(await retention('late'), '200000')
      assert.equal(await retention('based'), '200000')
      assert.equal((await read(dependent.namespace, 'dependent')).data['a'], '2')
    })
  })
})
