import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { waitUntil } from '../../../src/stack/deadline.ts'
import { namespace as stageNamespace, type Stage } from './stage.ts'

const rule = z.object({
  apiGroups: z.array(z.string()),
  resources: z.array(z.string()),
  verbs: z.array(z.string()),
})
const role = z.looseObject({ kind: z.literal('Role'), rules: z.array(rule) })
const binding = z.looseObject({
  kind: z.literal('RoleBinding'),
  subjects: z.array(z.looseObject({ kind: z.string() })),
})
const deployment = z.looseObject({
  kind: z.literal('Deployment'),
  spec: z.looseObject({
    template: z.looseObject({
      spec: z.looseObject({
        containers: z.tuple([z.looseObject({ env: z.array(z.looseObject({ name: z.string() })) })]),
      }),
    }),
  }),
})
const anything = z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }) })
type Manifest = z.infer<typeof anything>

interface Right {
  readonly resource: string
  readonly verb: string
}

const topicsMap = (name: string, text: string): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels: { 'infometis.component': 'kafka', 'infometis.config-type': 'topics' } },
  data: { 'topics.yaml': text },
})

/**
 * Each right of the shipped Role is taken away in a namespace of its own, where one reconciler of the shipped Deployment lives
 * through everything that needs a right: all at once, because each of them mostly waits.
 */
export function roleScenario(stage: () => Stage): void {
  describe('the shipped Role', () => {
    it('suffices, and without any one of its verbs something breaks that the reconciler reports', async () => {
      const { cluster, legs } = stage()
      const shipped = manifestsOf(await stage().render('deploy/kafka'))
      const rights = rightsOf(shipped)
      assert.ok(rights.length >= 8, 'the Role was read')
      const kubectl: Kubectl = async (args, input) => cluster.kubectl(args, input)
      const reasons = new StatusBoard(kubectl)
      await legs.time('5. the Role', `each of ${rights.length} verbs taken away, side by side`, async () => {
        const lives = rights.map(async (right, index) => {
          const told = await withoutRight({ kubectl, reasons, namespace: `role-${index}` }, shipped, right)
          console.log(`# without ${right.verb} ${right.resource}: ${told.slice(0, 160)}`)
        })
        await Promise.all([...lives, withEverything({ kubectl, reasons, namespace: 'role-all' }, shipped)])
      })
    })

    it('reads no other namespace, no Secret and nothing of the cluster', async () => {
      const account = `--as=system:serviceaccount:${stageNamespace}:infometis-kafka`
      const get = async (...args: readonly string[]): Promise<string> =>
        stage().cluster.kubectl(['get', account, ...args])
      assert.match(await get('configmaps', '--namespace', stageNamespace), /kafka-topics-desired/)
      for (const [what, ...where] of [
        ['configmaps', '--namespace', 'kube-system'],
        ['configmaps', '--all-namespaces'],
        ['secrets', '--namespace', stageNamespace],
        ['pods', '--namespace', stageNamespace],
        ['namespaces'],
        ['nodes'],
      ] as const) {
        await assert.rejects(get(what, ...where), /is forbidden/, `${what} ${where.join(' ')}`)
      }
    })
  })
}

type Kubectl = (args: readonly string[], input?: string) => Promise<string>

function manifestsOf(text: string): readonly Manifest[] {
  return parseAllDocuments(text).map((document) => anything.parse(document.toJS()))
}

function rightsOf(manifests: readonly Manifest[]): readonly Right[] {
  return manifests
    .flatMap((each) => role.safeParse(each).data?.rules ?? [])
    .flatMap(({ resources, verbs }) =>
      resources.flatMap((resource) => verbs.map((verb) => ({ resource, verb }))),
    )
}

/** The reconciler as shipped, alone, with the Kafka of the stage, and less one right. */
function lessOne(
  manifests: readonly Manifest[],
  right: Right | undefined,
  namespace: string,
): readonly object[] {
  return manifests.map((each) => {
    const shippedRole = role.safeParse(each).data
    if (shippedRole !== undefined) {
      const less = ({ resources, verbs, apiGroups }: z.infer<typeof rule>): object => ({
        apiGroups,
        resources,
        verbs: verbs.filter(
          (verb) => right === undefined || verb !== right.verb || !resources.includes(right.resource),
        ),
      })
      return { ...shippedRole, rules: shippedRole.rules.map(less) }
    }
    const bound = binding.safeParse(each).data
    if (bound !== undefined)
      return { ...bound, subjects: bound.subjects.map((subject) => ({ ...subject, namespace })) }
    const deployed = deployment.safeParse(each).data
    return deployed === undefined ? each : alone(deployed)
  })
}

function alone({ spec, ...rest }: z.infer<typeof deployment>): object {
  const { template } = spec
  const [container] = template.spec.containers
  const env = container.env.filter(({ name }) => name !== 'KAFKA_BOOTSTRAP_SERVERS')
  const address = { name: 'KAFKA_BOOTSTRAP_SERVERS', value: `kafka.${stageNamespace}.svc:9092` }
  const small = { requests: { cpu: '10m', memory: '64Mi' }, limits: { cpu: '1', memory: '256Mi' } }
  const containers = [{ ...container, env: [...env, address], resources: small }]
  return {
    ...rest,
    spec: { ...spec, replicas: 1, template: { ...template, spec: { ...template.spec, containers } } },
  }
}

interface Life {
  readonly kubectl: Kubectl
  readonly reasons: StatusBoard
  readonly namespace: string
}

async function begin({ kubectl, namespace }: Life, manifests: readonly object[]): Promise<void> {
  await kubectl(['create', 'namespace', namespace])
  const list = { apiVersion: 'v1', kind: 'List', items: manifests }
  await kubectl(['apply', '--namespace', namespace, '-f', '-'], JSON.stringify(list))
}

/** The reasons of all statuses of all namespaces, asked once a second however many want to know: kubectl costs more than the answer. */
class StatusBoard {
  readonly #kubectl: Kubectl
  #at = -Infinity
  #answer: Promise<ReadonlyMap<string, string>> = Promise.resolve(new Map())

  constructor(kubectl: Kubectl) {
    this.#kubectl = kubectl
  }

  /** Undefined: there is no such status. */
  async of(namespace: string, name: string): Promise<string | undefined> {
    if (performance.now() - this.#at > 1_000) {
      this.#at = performance.now()
      this.#answer = this.#ask()
    }
    return (await this.#answer).get(`${namespace} ${name}-status`)
  }

  async #ask(): Promise<ReadonlyMap<string, string>> {
    const columns = 'custom-columns=A:.metadata.namespace,B:.metadata.name,C:.data.reason'
    const selector = ['--all-namespaces', '--selector=infometis.io/kind=status', '--no-headers']
    const lines = (await this.#kubectl(['get', 'cm', ...selector, '-o', columns])).split('\n')
    return new Map(
      lines.map((line) => {
        const [namespace = '', name = '', reason = ''] = line.split(/ +/)
        return [`${namespace} ${name}`, reason]
      }),
    )
  }
}

/** Resolves with the line in which the reconciler says what it may not do. */
async function withoutRight(life: Life, shipped: readonly Manifest[], right: Right): Promise<string> {
  const { kubectl, namespace } = life
  await begin(life, lessOne(shipped, right, namespace))
  const ended = new AbortController()
  const lived = live(life, ended.signal).catch(() => undefined)
  const words = `cannot ${right.verb} resource \\"${right.resource}\\"`
  let told: string | undefined
  await waitUntil(
    async () => {
      told = (await logOf(kubectl, namespace)).split('\n').find((line) => line.includes(words))
      return told !== undefined
    },
    { what: `the reconciler to report that it ${words}`, deadlineMs: 200_000, everyMs: 3_000 },
  ).finally(() => ended.abort())
  await lived
  await kubectl(['delete', 'namespace', namespace, '--wait=false'])
  return sentenceOf(told ?? '')
}

async function withEverything(life: Life, shipped: readonly Manifest[]): Promise<void> {
  const { kubectl, namespace } = life
  await begin(life, lessOne(shipped, undefined, namespace))
  await live(life, new AbortController().signal)
  assert.doesNotMatch(await logOf(kubectl, namespace), /forbidden|cannot \w+ resource/)
  await kubectl(['delete', 'namespace', namespace, '--wait=false'])
}

function sentenceOf(line: string): string {
  const { error } = z.object({ error: z.unknown().default('') }).parse(JSON.parse(line))
  return typeof error === 'string' ? error : JSON.stringify(error)
}

async function logOf(kubectl: Kubectl, namespace: string): Promise<string> {
  return kubectl(['logs', '--namespace', namespace, 'deployment/infometis-kafka', '--tail=-1']).catch(
    () => '',
  )
}

/** Everything in the life of a ConfigMap that needs a right. */
async function live({ kubectl, reasons, namespace }: Life, signal: AbortSignal): Promise<void> {
  const apply = async (object: object): Promise<string> =>
    kubectl(
      ['apply', '--namespace', namespace, '--server-side', '--field-manager=kustomize-controller', '-f', '-'],
      JSON.stringify(object),
    )
  const until = async (name: string, wanted: string | undefined): Promise<void> =>
    waitUntil(async () => (await reasons.of(namespace, name)) === wanted, {
      what: `${name} to be ${wanted ?? 'gone'} in ${namespace}`,
      deadlineMs: 120_000,
      everyMs: 500,
      signal,
    })
  const suspend = async (value: string): Promise<string> =>
    kubectl([
      'annotate',
      'cm',
      'topics',
      '--namespace',
      namespace,
      '--overwrite',
      `infometis.io/suspend${value}`,
    ])
  await apply(topicsMap('topics', `${namespace}: {partitions: 1, replication-factor: 1}`))
  await until('topics', 'Succeeded')
  await apply(topicsMap('broken', 'nonsense: {partitions: many}'))
  await until('broken', 'InvalidDocument')
  await kubectl(['delete', 'cm', 'broken', '--namespace', namespace])
  await until('broken', undefined)
  for (const [value, wanted] of [
    ['=true', 'Suspended'],
    ['-', 'Succeeded'],
    ['=true', 'Suspended'],
  ] as const) {
    await suspend(value)
    await until('topics', wanted)
  }
}
