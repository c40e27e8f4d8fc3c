import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  environmentOf,
  factsOf,
  liveFacts,
  localContext,
  newK0s,
  oldKind,
  ourK0s,
  upOf,
} from '../../test/support/cluster-facts.ts'
import type { UpChoice } from './choice.ts'
import type { Facts } from './facts.ts'
import { planUp } from './up-plan.ts'

/** Every command in order; those of one group in one list. */
function commands(choice: UpChoice, facts: Facts): readonly (readonly string[])[] {
  return planUp(choice, facts).map((group) => group.map(({ command }) => command.join(' ')))
}

const kubectl = 'kubectl --context kind-infometis'
const stamp = 'infometis.io/reconcile-at=2026-11-21T00:00:00.000Z'

describe('the plan of up --on kind', () => {
  it('makes the cluster, brings the image, applies, waits for everything together and asks for an answer', () => {
    assert.deepEqual(commands(upOf(), factsOf()), [
      ['kind create cluster --name infometis --config /checkout/deploy/clusters/kind.yaml --wait 180s'],
      ['docker build --tag infometis:0.1.0 /checkout'],
      ['kind load docker-image infometis:0.1.0 --name infometis'],
      [`${kubectl} apply -k /cache/clusters/kind-infometis-dev`],
      [
        `${kubectl} rollout status statefulset/kafka --namespace infometis-dev --timeout=900s`,
        `${kubectl} rollout status deployment/infometis-kafka --namespace infometis-dev --timeout=900s`,
      ],
      [
        `${kubectl} annotate configmap topics --namespace infometis-dev --overwrite --field-manager=infometis-cli ${stamp}`,
      ],
    ])
  })

  it('reaches the border by ports of the node, over the environment as it is', () => {
    const write = planUp(upOf(), factsOf())
      .flat()
      .find((step) => step.write !== undefined)?.write
    assert.equal(write?.file, '/cache/clusters/kind-infometis-dev/kustomization.yaml')
    assert.deepEqual(JSON.parse(write.text), {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: ['../../../checkout/environments/dev'],
      components: ['../../../checkout/deploy/clusters/node-ports'],
    })
  })

  it('takes back half a cluster', () => {
    const [create] = planUp(upOf({ name: 'mine' }), factsOf()).flat()
    assert.deepEqual(create?.undo, ['kind', 'delete', 'cluster', '--name', 'mine'])
  })

  it('leaves a cluster that is there as it is, and restarts what would go on with the old image', () => {
    const deployments = [
      { namespace: 'infometis-dev', name: 'infometis-kafka' },
      { namespace: 'infometis-dev', name: 'of-somebody-else' },
    ]
    const facts = factsOf({ cluster: oldKind, live: liveFacts({ deployments }) })
    assert.deepEqual(commands(upOf({ wait: false }), facts), [
      ['docker build --tag infometis:0.1.0 /checkout'],
      ['kind load docker-image infometis:0.1.0 --name infometis'],
      [`${kubectl} apply -k /cache/clusters/kind-infometis-dev`],
      [`${kubectl} rollout restart --namespace infometis-dev deployment/infometis-kafka`],
    ])
    assert.deepEqual(commands(upOf({ wait: false, skipImage: true }), facts), [
      [`${kubectl} apply -k /cache/clusters/kind-infometis-dev`],
    ])
  })

  it('gives a cluster that the kubeconfig does not know its context back', () => {
    const cluster = { ...oldKind, hasContext: false } as const
    const [first] = commands(upOf(), factsOf({ cluster }))
    assert.deepEqual(first, ['kind export kubeconfig --name infometis'])
  })
})

describe('the plan of up --on k0s', () => {
  const own = 'k0s kubectl --kubeconfig /cache/clusters/k0s.kubeconfig'
  const choice = upOf({ on: 'k0s', wait: false })

  it('installs and starts it, waits for its node and its storage, and imports the image', () => {
    assert.deepEqual(commands(choice, factsOf({ cluster: newK0s })), [
      ['k0s install controller --single --config /checkout/deploy/clusters/k0s.yaml'],
      ['k0s start'],
      ['k0s status'],
      ['k0s kubeconfig admin'],
      [`${own} wait nodes --all --for=condition=Ready --timeout=5s`],
      [`${own} get storageclass openebs-hostpath`],
      ['docker build --tag infometis:0.1.0 /checkout'],
      ['docker save --output /cache/clusters/image.tar infometis:0.1.0'],
      ['k0s ctr images import /cache/clusters/image.tar'],
      ['rm -f /cache/clusters/image.tar'],
      [`${own} apply -k /cache/clusters/k0s-dev`],
    ])
  })

  it('uses what runs already, and asks a k0s of somebody else for no storage of ours', () => {
    const first = (facts: Facts) => commands({ ...choice, skipImage: true }, facts).flat()
    assert.deepEqual(first(factsOf({ cluster: ourK0s })), [
      'k0s status',
      'k0s kubeconfig admin',
      `${own} wait nodes --all --for=condition=Ready --timeout=5s`,
      `${own} get storageclass openebs-hostpath`,
      `${own} apply -k /cache/clusters/k0s-dev`,
    ])
    const theirs = first(factsOf({ cluster: { ...ourK0s, isOurs: false } }))
    assert.ok(!theirs.some((each) => each.includes('storageclass')))
  })

  it('keeps the kubeconfig out of every output', () => {
    const steps = planUp(choice, factsOf({ cluster: newK0s })).flat()
    const step = steps.find(({ command }) => command.includes('kubeconfig'))
    assert.equal(step?.output, '/cache/clusters/k0s.kubeconfig')
  })
})

describe('the plan of up --on current', () => {
  const choice = upOf({ on: 'current', wait: false })
  const facts = factsOf({ cluster: localContext, live: liveFacts() })

  it('applies the environment itself where the image is there, to the context as it was found', () => {
    assert.deepEqual(commands({ ...choice, skipImage: true }, facts), [
      ['kubectl --context laptop apply -k /checkout/environments/dev'],
    ])
  })

  it('puts an image of another registry over it', () => {
    const image = { name: 'registry.example:5000/infometis', tag: '2' }
    const [[step] = []] = planUp({ ...choice, image }, facts)
    assert.deepEqual(step?.command.slice(-2), ['-k', '/cache/clusters/current-dev'])
    assert.deepEqual(JSON.parse(step.write?.text ?? ''), {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: ['../../../checkout/environments/dev'],
      images: [{ name: 'infometis', newName: image.name, newTag: '2' }],
    })
  })

  it('builds and pushes it when it is told to', () => {
    const image = { name: 'registry.example/infometis', tag: '2' }
    assert.deepEqual(commands({ ...choice, image, push: true }, facts).slice(0, 2), [
      ['docker build --tag registry.example/infometis:2 /checkout'],
      ['docker push registry.example/infometis:2'],
    ])
  })

  it('says of every step what to do when it fails', () => {
    const all = [upOf(), upOf({ on: 'k0s' }), { ...choice, wait: true }].flatMap((each) =>
      planUp(
        each,
        factsOf({ cluster: { kind: oldKind, k0s: newK0s, current: localContext }[each.on] }),
      ).flat(),
    )
    assert.ok(all.length > 15)
    assert.deepEqual(
      all.filter(({ wayOut, title, deadlineMs }) => wayOut.length < 15 || title === '' || deadlineMs <= 0),
      [],
    )
  })

  it('has nothing to wait for in an environment of ConfigMaps alone', () => {
    const environment = environmentOf('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}')
    const plan = commands({ ...choice, wait: true, skipImage: true }, { ...facts, environment })
    assert.equal(plan.length, 1)
  })
})
