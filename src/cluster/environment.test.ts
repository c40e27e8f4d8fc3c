import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { environmentOf } from '../../test/support/cluster-facts.ts'
import { ownsClaim, storageClassesOf } from './claims.ts'
import { addressesOf, expectationsOf, webPortsOf } from './reach.ts'

describe('an environment as it is rendered', () => {
  const environment = environmentOf()

  it('tells the namespaces it makes from those it needs', () => {
    assert.deepEqual(environment.ownNamespaces, ['infometis-dev'])
    const other = environmentOf('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: given}')
    assert.deepEqual([other.namespaces, other.ownNamespaces], [['given'], []])
  })

  it('knows what runs pods, with their images and claims', () => {
    assert.deepEqual(
      environment.workloads.map(({ kind, name, images, claims }) => [kind, name, images, claims.length]),
      [
        ['StatefulSet', 'kafka', ['apache/kafka:4.3.1'], 1],
        ['Deployment', 'infometis-kafka', ['infometis:0.1.0'], 0],
      ],
    )
  })

  it('counts neither a base nor anything else as desired', () => {
    assert.deepEqual(environment.desired, [{ namespace: 'infometis-dev', name: 'topics' }])
  })

  it('finds routes in the text of a ConfigMap and in an object alike', () => {
    const route = environmentOf(
      'apiVersion: traefik.io/v1alpha1\nkind: IngressRoute\nmetadata: {name: a}\nspec: {routes: [{match: "Host(`b.example`) || Host(`a.example`) || HostSNI(`*`)"}]}',
    )
    assert.deepEqual(addressesOf(route), ['https://a.example/', 'https://b.example/'])
    assert.deepEqual(addressesOf(environment), ['http://a.infometis.localhost/'])
    const ports = { http: 30080, https: 30443 }
    assert.deepEqual(addressesOf(route, ports)[0], 'https://a.example:30443/')
    assert.deepEqual(addressesOf(environment, ports), ['http://a.infometis.localhost:30080/'])
  })

  it('knows what others have to bring', () => {
    const of = (expects: string) =>
      `apiVersion: v1\nkind: A\nmetadata: {name: a, annotations: {infometis.io/expects: "${expects}"}}\n---\n`
    const expecting = environmentOf(of('Secret/users, Secret/certificate') + of('Secret/users'))
    assert.deepEqual(expectationsOf(expecting), ['Secret/certificate', 'Secret/users'])
    assert.deepEqual(expectationsOf(environment), [])
  })

  it('shows Services that a browser can look at, without those of reconcilers', () => {
    assert.deepEqual(webPortsOf(environment), [{ namespace: 'infometis-dev', name: 'kafka', port: 8090 }])
  })

  it('knows its claims by the names that Kubernetes gives them', () => {
    const of = (name: string, namespace = 'infometis-dev') => ownsClaim(environment, { namespace, name })
    assert.deepEqual(
      ['data-kafka-0', 'data-kafka-12', 'pictures'].map((name) => of(name)),
      [true, true, true],
    )
    assert.deepEqual(
      ['data-kafka-x', 'data-kafka-', 'data-kafka-2-0', 'data-zookeeper-0'].map((name) => of(name)),
      [false, false, false, false],
    )
    assert.equal(of('data-kafka-0', 'elsewhere'), false)
  })

  it('asks each storage class once', () => assert.deepEqual(storageClassesOf(environment), [undefined]))
})
