import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { brokerProperties, propertiesText, type BrokerFacts } from './properties.ts'

const facts = (more: Partial<BrokerFacts> = {}): BrokerFacts => ({
  nodeId: 1,
  ports: { client: 1001, internal: 1002, controller: 1003 },
  voters: ['1@127.0.0.1:1003'],
  logDirectory: '/data',
  security: 'plaintext',
  authorizer: false,
  users: new Map(),
  keyStore: undefined,
  trustStore: undefined,
  properties: {},
  ...more,
})
const tls = { keyStore: '/server.pem', trustStore: '/ca.crt' }

describe('server.properties', () => {
  it('never makes a topic because somebody asked for it', () => {
    assert.equal(brokerProperties(facts())['auto.create.topics.enable'], 'false')
  })

  it('keeps internal topics on every broker there is', () => {
    const three = brokerProperties(facts({ voters: ['1@a:1', '2@a:2', '3@a:3'] }))
    assert.equal(three['offsets.topic.replication.factor'], '3')
    assert.equal(brokerProperties(facts())['offsets.topic.replication.factor'], '1')
  })

  for (const [security, protocol] of [
    ['plaintext', 'PLAINTEXT'],
    ['tls', 'SSL'],
    ['mtls', 'SSL'],
    ['sasl-plain', 'SASL_SSL'],
    ['sasl-scram', 'SASL_SSL'],
  ] as const) {
    it(`serves clients over ${protocol} with ${security}`, () => {
      const map = brokerProperties(facts({ security, ...tls }))['listener.security.protocol.map']
      assert.ok(map?.startsWith(`CLIENT:${protocol},`))
    })
  }

  it('asks for a client certificate with mtls only', () => {
    const auth = (security: BrokerFacts['security']): string | undefined =>
      brokerProperties(facts({ security, ...tls }))['listener.name.client.ssl.client.auth']
    assert.deepEqual([auth('tls'), auth('mtls'), auth('sasl-plain')], ['none', 'required', 'none'])
  })

  it('makes nobody a superuser under the name that clients have in the clear', () => {
    const supers = (security: BrokerFacts['security']): string =>
      brokerProperties(facts({ security, authorizer: true, ...tls }))['super.users'] ?? ''
    assert.ok(!supers('plaintext').includes('ANONYMOUS'))
    assert.ok(!supers('tls').includes('ANONYMOUS'))
    assert.ok(supers('sasl-scram').includes('User:ANONYMOUS'))
  })

  it('lets the caller have the last word', () => {
    const properties = { 'auto.create.topics.enable': 'true', 'delete.topic.enable': 'false' }
    const made = brokerProperties(facts({ properties }))
    assert.equal(made['auto.create.topics.enable'], 'true')
    assert.equal(made['delete.topic.enable'], 'false')
  })

  it('escapes what java.util.Properties would read otherwise', () => {
    assert.equal(propertiesText({ a: 'C:\\x', b: 'one\ntwo' }), 'a=C:\\\\x\nb=one\\ntwo\n')
  })
})
