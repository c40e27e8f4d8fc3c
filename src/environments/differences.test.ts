import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { allowanceOf, allowedObjects, allowList } from './allow-list.ts'
import { differences } from './differences.ts'
import { type Manifest, parseManifests } from './manifest.ts'

/** A small stateful service with everything an environment may size. */
function service(more: Readonly<Record<string, string | number>> = {}): readonly Manifest[] {
  const value = { namespace: 'a', replicas: 1, image: 'kafka:1', memory: '1Gi', size: '1Gi', ...more }
  return parseManifests(`
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: kafka, namespace: ${value.namespace}, labels: {app.kubernetes.io/name: kafka}}
spec:
  replicas: ${value.replicas}
  template:
    spec:
      containers:
        - name: kafka
          image: ${value.image}
          env:
            - {name: REPLICAS, value: '${value.replicas}'}
            - {name: KAFKA_HEAP_OPTS, value: -Xmx${value.memory}}
          resources: {limits: {memory: ${value.memory}}}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {resources: {requests: {storage: ${value.size}}}}
`)
}

const paths = (a: readonly Manifest[], b: readonly Manifest[]) => differences(a, b).map(({ path }) => path)

describe('differences', () => {
  it('finds none between equals, whatever the order of objects, keys and named elements', () => {
    const one = parseManifests(`
{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{name: x, port: 1}, {name: y, port: 2}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: b}}`)
    const two = parseManifests(`
{kind: Service, apiVersion: v1, metadata: {name: b}}
---
{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{name: y, port: 2}, {port: 1, name: x}]}}`)
    assert.deepEqual(differences(one, two), [])
  })

  it('names the place by the names of what is in lists, and both values', () => {
    assert.deepEqual(differences(service(), service({ image: 'kafka:2' })), [
      {
        kind: 'StatefulSet',
        group: 'apps',
        object: 'StatefulSet/kafka',
        path: 'spec.template.spec.containers[kafka].image',
        reference: 'kafka:1',
        other: 'kafka:2',
      },
    ])
  })

  it('tells a number from its text, and a missing place from an empty one', () => {
    const of = (value: string) =>
      parseManifests(`{apiVersion: v1, kind: A, metadata: {name: a}, spec: ${value}}`)
    assert.deepEqual(paths(of('{a: 1}'), of('{a: "1"}')), ['spec.a'])
    assert.deepEqual(paths(of('{a: {}}'), of('{}')), ['spec.a'])
    assert.deepEqual(paths(of('{a: []}'), of('{a: {}}')), ['spec.a'])
    assert.deepEqual(paths(of('{a: [1]}'), of('{a: [1, 2]}')), ['spec.a[1]'])
  })

  it('tells elements of one name by their position', () => {
    const of = (second: string) =>
      parseManifests(
        `{apiVersion: v1, kind: A, metadata: {name: a}, mounts: [{name: m, at: /a}, {name: m, at: ${second}}]}`,
      )
    assert.deepEqual(paths(of('/b'), of('/c')), ['mounts[1].at'])
  })

  it('says of an object that only one side has it', () => {
    const [only] = differences(service(), [])
    assert.equal(only?.path, '')
    assert.equal(only.object, 'StatefulSet/kafka')
    assert.equal(only.other, undefined)
  })

  it('knows objects of one kind in two API groups apart', () => {
    const of = (group: string) => parseManifests(`{apiVersion: ${group}/v1, kind: A, metadata: {name: a}}`)
    assert.equal(differences(of('one.example'), of('two.example')).length, 2)
  })
})

describe('the allow-list', () => {
  it('covers replicas, resources, heap, storage and namespace', () => {
    const larger = service({ namespace: 'b', replicas: 3, memory: '4Gi', size: '50Gi' })
    const found = differences(service(), larger)
    assert.equal(found.length, 6)
    assert.deepEqual(
      found.filter((each) => allowanceOf(each) === undefined),
      [],
    )
  })

  it('covers neither the image nor an environment variable that is no size', () => {
    const [image] = differences(service(), service({ image: 'kafka:2' }))
    assert.ok(image !== undefined)
    assert.equal(allowanceOf(image), undefined)
    const path = 'spec.template.spec.containers[kafka].env[LOG_LEVEL].value'
    assert.equal(allowanceOf({ ...image, path }), undefined)
    assert.equal(allowanceOf({ ...image, path: `${path}.HEAP` }), undefined)
    assert.equal(allowanceOf({ ...image, path: 'spec.replicasX' }), undefined)
    assert.equal(allowanceOf({ ...image, path: 'spec.template.spec.containers[a].resourcesX' }), undefined)
  })

  it('covers a size of the kinds it names and of no other', () => {
    const place = { group: '', object: 'x', path: 'spec.replicas', reference: 1, other: 2 }
    assert.notEqual(allowanceOf({ ...place, kind: 'Deployment' }), undefined)
    assert.equal(allowanceOf({ ...place, kind: 'HorizontalPodAutoscaler' }), undefined)
  })

  it('lets a shared environment do without a Namespace, and without nothing else', () => {
    const whole = { group: '', object: 'x', path: '', reference: {}, other: undefined }
    assert.notEqual(allowanceOf({ ...whole, kind: 'Namespace' }), undefined)
    assert.equal(allowanceOf({ ...whole, kind: 'NetworkPolicy' }), undefined)
  })

  it('says why of every entry', () => {
    assert.deepEqual(
      [...allowList, ...allowedObjects].filter(({ why }) => why.length < 10),
      [],
    )
  })
})
