import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseManifests, showPath } from './manifest.ts'
import { loadSchemas } from './schemas.ts'

const schemas = await loadSchemas()

/** Each fault of one object as `path: sentence`; undefined where there is no schema. */
function faults(text: string): readonly string[] | undefined {
  const [manifest] = parseManifests(text)
  assert.ok(manifest !== undefined)
  return schemas.check(manifest)?.map(({ path, message }) => `${showPath(manifest, path)}: ${message}`)
}

const configMap = (data: string) => `{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: ${data}}`
const secret = (more: string) => `{apiVersion: v1, kind: Secret, metadata: {name: a}, ${more}}`
const claim = (size: string) =>
  `{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a}, spec: {resources: {requests: {storage: ${size}}}}}`
const service = (port: string) =>
  `{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{name: web, ${port}}]}}`

describe('the sentence of a schema', () => {
  const cases: Readonly<Record<string, readonly [string, readonly string[]]>> = {
    'asks for quotes around a number': [
      configMap('{a: 1}'),
      ['data.a: must be text and is the number 1: quote it'],
    ],
    'asks for a value': [
      configMap('{a: null}'),
      ['data.a: must be text and is empty: give it a value or leave it out'],
    ],
    'guesses the field that was meant': [
      service('port: 1, targetPrt: 2'),
      ['spec.ports[web].targetPrt: there is no such field; did you mean targetPort?'],
    ],
    'guesses nothing where nothing is near': [
      service('port: 1, colour: red'),
      ['spec.ports[web].colour: there is no such field'],
    ],
    'names what is missing': [service('protocol: TCP'), ['spec.ports[web].port: is missing']],
    'names the choices': [
      service('port: 1, protocol: HTTP'),
      ['spec.ports[web].protocol: is the text "HTTP"; there are SCTP, TCP, UDP'],
    ],
    'knows how large a number may be': [
      service('port: 99999999999'),
      ['spec.ports[web].port: is no number of 32 bits'],
    ],
    'knows sizes': [
      claim('10GB'),
      ['spec.resources.requests.storage: is the text "10GB", which is no size such as 500m or 2Gi'],
    ],
    'hides what a Secret holds': [
      secret('data: {a: hunter2}, stringData: {b: 12345}'),
      [
        'data.a: is no base64: write it below stringData, or encode it',
        'stringData.b: must be text and is the number: quote it',
      ],
    ],
  }
  for (const [what, [text, expected]] of Object.entries(cases)) {
    it(what, () => assert.deepEqual(faults(text)?.toSorted(), expected.toSorted()))
  }

  it('is cut short where the value is long', () => {
    const [sentence = ''] = faults(claim(`"${'x'.repeat(500)}"`)) ?? []
    assert.ok(sentence.length < 200)
  })
})

describe('a schema', () => {
  for (const size of ['1Gi', '500m', '1.5', '2', '"3"', '1e3', '-1k', '100M'])
    it(`takes ${size} for a size`, () => assert.deepEqual(faults(claim(size)), []))

  it('takes what SOPS made of a Secret', () => {
    assert.deepEqual(faults(secret('data: {a: "ENC[AES256_GCM,data:x]"}, sops: {mac: x}')), [])
  })

  it('takes nothing else for SOPS', () => {
    assert.equal(faults(secret('data: {a: "ENC[AES256_GCM,data:x]"}'))?.length, 1)
  })

  it('does not look at status and at who wrote what', () => {
    const service =
      '{apiVersion: v1, kind: Service, metadata: {name: a, managedFields: 1}, status: {any: thing}}'
    assert.deepEqual(faults(service), [])
  })

  it('is not there for a kind that nobody told us of', () => {
    assert.equal(faults('{apiVersion: example.com/v1, kind: Thing, metadata: {name: a}}'), undefined)
    assert.equal(faults('{apiVersion: v2, kind: Service, metadata: {name: a}}'), undefined)
  })
})

describe('what is known of kinds', () => {
  const isClusterScoped = (apiVersion: string, kind: string) =>
    schemas.isClusterScoped({ apiVersion, kind, metadata: { name: 'a' } })
  it('tells those of the cluster from those of a namespace', () => {
    assert.ok(isClusterScoped('v1', 'Namespace'))
    assert.ok(isClusterScoped('rbac.authorization.k8s.io/v1', 'ClusterRole'))
    assert.ok(isClusterScoped('apiextensions.k8s.io/v1', 'CustomResourceDefinition'))
    assert.ok(!isClusterScoped('v1', 'Service'))
    assert.ok(!isClusterScoped('traefik.io/v1alpha1', 'IngressRoute'))
    assert.ok(!isClusterScoped('example.com/v1', 'Namespace'))
  })
})
