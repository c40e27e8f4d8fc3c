import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readSettings } from '../../src/config.ts'
import { nifiSettings } from './settings.ts'

const url = { NIFI_URL: 'https://nifi:8443' }
const login = { NIFI_USERNAME_FILE: '/u', NIFI_PASSWORD_FILE: '/p' }

const bad: readonly (readonly [string, Record<string, string>, RegExp])[] = [
  ['no address', {}, /NIFI_URL/],
  ['a host without a scheme', { NIFI_URL: 'nifi:8443' }, /"nifi:8443" is not an address such as https:/],
  ['another scheme', { NIFI_URL: 'ftp://nifi' }, /is not an address/],
  ['several addresses', { NIFI_URL: 'https://a:8443,https://b:8443' }, /is not an address/],
  ['a port that is none', { NIFI_URL: 'http://a:99999' }, /is not an address/],
  ['a query', { NIFI_URL: 'http://a:8080?x' }, /must not have a query/],
  ['a user in the address', { NIFI_URL: 'https://me:secret@nifi' }, /put them into files/],
  ['a user in what is no address', { NIFI_URL: 'nifi://me:secret@nifi:99999' }, /"…@nifi:99999"/],
  [
    'a user name without a password',
    { ...url, NIFI_USERNAME_FILE: '/u' },
    /NIFI_PASSWORD_FILE: must be set because NIFI_USERNAME_FILE is/,
  ],
  ['a password without a user name', { ...url, NIFI_PASSWORD_FILE: '/p' }, /NIFI_USERNAME_FILE: must be set/],
  ['a certificate without a key', { ...url, NIFI_CERT_FILE: '/c' }, /NIFI_KEY_FILE: must be set/],
  ['a key without a certificate', { ...url, NIFI_KEY_FILE: '/k' }, /NIFI_CERT_FILE: must be set/],
  ['a CA for plain http', { NIFI_URL: 'http://nifi:8080', NIFI_CA_FILE: '/ca' }, /must be https when a CA/],
  ['a login over plain http', { NIFI_URL: 'http://nifi:8080', ...login }, /gives tokens over https only/],
  [
    'a time limit that is none',
    { ...url, NIFI_REQUEST_TIMEOUT: '10ms' },
    /NIFI_REQUEST_TIMEOUT: must be at least 1s/,
  ],
]

describe('the settings of NiFi', () => {
  for (const [what, env, words] of bad) {
    it(`refuse ${what}, without a word of what may be secret`, () => {
      assert.throws(
        () => readSettings(nifiSettings, env),
        (error: Error) => words.test(error.message) && !error.message.includes('secret'),
      )
    })
  }

  it('know one address in one spelling, with the path of a proxy and without that of the API', () => {
    for (const [written, read] of [
      ['https://nifi:8443', 'https://nifi:8443'],
      [' https://nifi:8443/ ', 'https://nifi:8443'],
      ['https://nifi:8443/nifi-api/', 'https://nifi:8443'],
      ['https://gate/team/a//', 'https://gate/team/a'],
      ['https://gate/team/a/nifi-api', 'https://gate/team/a'],
      ['https://gate/nifi', 'https://gate/nifi'],
    ]) {
      assert.equal(readSettings(nifiSettings, { NIFI_URL: written }).NIFI_URL, read)
    }
  })

  it('have defaults: half a minute, no code', () => {
    const { NIFI_REQUEST_TIMEOUT, NIFI_ALLOWED_CODE } = readSettings(nifiSettings, url)
    assert.equal(NIFI_REQUEST_TIMEOUT, 30_000)
    assert.deepEqual(NIFI_ALLOWED_CODE, new Set())
  })

  it('read the types that may run code', () => {
    const { NIFI_ALLOWED_CODE } = readSettings(nifiSettings, {
      ...url,
      NIFI_ALLOWED_CODE: 'ExecuteScript, org.example.RunIt,,',
    })
    assert.deepEqual(NIFI_ALLOWED_CODE, new Set(['ExecuteScript', 'org.example.RunIt']))
  })

  it('take a login and a client certificate together: a proxy may want the one and NiFi the other', () => {
    const read = readSettings(nifiSettings, { ...url, ...login, NIFI_CERT_FILE: '/c', NIFI_KEY_FILE: '/k' })
    assert.deepEqual([read.NIFI_USERNAME_FILE, read.NIFI_CERT_FILE], ['/u', '/c'])
  })
})
