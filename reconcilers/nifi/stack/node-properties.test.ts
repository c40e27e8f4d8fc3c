import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nodeProperties, propertiesText } from './node-properties.ts'

const facts = { port: 8080, tls: false, sensitiveKey: 'k'.repeat(32), nars: '/home/nars', more: {} }

describe('the properties of a NiFi node', () => {
  it('open one port, on loopback: plain, or with TLS', () => {
    const plain = nodeProperties(facts)
    assert.equal(plain['nifi.web.http.port'], '8080')
    assert.equal(plain['nifi.web.http.host'], '127.0.0.1')
    assert.equal(plain['nifi.web.https.port'], undefined)
    const secure = nodeProperties({ ...facts, tls: true })
    assert.equal(secure['nifi.web.https.port'], '8080')
    assert.equal(secure['nifi.web.https.host'], '127.0.0.1')
    assert.equal(secure['nifi.web.http.port'], undefined)
  })

  it('keep everything that the node writes in its directory', () => {
    const all = nodeProperties(facts)
    const elsewhere = Object.entries(all).filter(
      ([name, value]) => name.includes('directory') && !value.startsWith('./'),
    )
    assert.deepEqual(elsewhere, [['nifi.nar.library.directory', '/home/nars']])
  })

  it('let whoever starts it have the last word', () => {
    const more = { 'nifi.queue.backpressure.count': '7', 'nifi.own': 'x' }
    const all = nodeProperties({ ...facts, more })
    assert.equal(all['nifi.queue.backpressure.count'], '7')
    assert.equal(all['nifi.own'], 'x')
  })

  it('are written as java.util.Properties reads them', () => {
    assert.equal(propertiesText({ a: 'C:\\x', b: 'one\ntwo' }), 'a=C:\\\\x\nb=one\\ntwo\n')
  })
})
