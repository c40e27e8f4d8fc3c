import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readSettings } from '../../src/config.ts'
import { kafkaSettings } from './settings.ts'

const servers = { KAFKA_BOOTSTRAP_SERVERS: 'kafka:9092' }

const bad: readonly [string, Record<string, string>, RegExp][] = [
  ['no brokers', {}, /KAFKA_BOOTSTRAP_SERVERS/],
  [
    'an address without a port',
    { KAFKA_BOOTSTRAP_SERVERS: 'kafka' },
    /"kafka" is not an address such as kafka:9092/,
  ],
  ['a port that is none', { KAFKA_BOOTSTRAP_SERVERS: 'kafka:70000' }, /"kafka:70000" is not an address/],
  ['an empty list', { KAFKA_BOOTSTRAP_SERVERS: ',' }, /is not an address/],
  ['a URL', { KAFKA_BOOTSTRAP_SERVERS: 'http://kafka:9092' }, /is not an address/],
  [
    'TLS that is neither true nor false',
    { ...servers, KAFKA_TLS: 'yes' },
    /KAFKA_TLS: must be "true" or "false"/,
  ],
  [
    'an unknown mechanism',
    { ...servers, KAFKA_SASL_MECHANISM: 'GSSAPI' },
    /must be PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512/,
  ],
  [
    'SASL without a password',
    { ...servers, KAFKA_SASL_MECHANISM: 'PLAIN', KAFKA_USERNAME_FILE: '/u' },
    /KAFKA_PASSWORD_FILE: must be set because KAFKA_SASL_MECHANISM is/,
  ],
  [
    'a certificate without a key',
    { ...servers, KAFKA_TLS: 'true', KAFKA_CERT_FILE: '/c' },
    /KAFKA_KEY_FILE: must be set because KAFKA_CERT_FILE is/,
  ],
  ['a CA without TLS', { ...servers, KAFKA_CA_FILE: '/ca' }, /KAFKA_TLS: must be "true" when a CA/],
  ['a timeout that is no time', { ...servers, KAFKA_REQUEST_TIMEOUT: 'soon' }, /"soon" is not a duration/],
]

describe('the settings', () => {
  for (const [what, env, message] of bad) {
    it(`refuse ${what}`, () =>
      assert.throws(() => readSettings(kafkaSettings, env), { reason: 'InvalidConfiguration', message }))
  }

  it('take several brokers, IPv6 ones too, and have defaults', () => {
    const settings = readSettings(kafkaSettings, { KAFKA_BOOTSTRAP_SERVERS: 'a:9092, [::1]:9093' })
    assert.deepEqual(settings.KAFKA_BOOTSTRAP_SERVERS, [
      { host: 'a', port: 9092 },
      { host: '::1', port: 9093 },
    ])
    assert.equal(settings.KAFKA_REQUEST_TIMEOUT, 30_000)
    assert.equal(settings.KAFKA_TLS, false)
  })
})
