import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readSettings } from '../../src/config.ts'
import { grafanaSettings } from './settings.ts'

const url = { GRAFANA_URL: 'https://grafana:3000' }
const login = { GRAFANA_USERNAME_FILE: '/u', GRAFANA_PASSWORD_FILE: '/p' }

const bad: readonly (readonly [string, Record<string, string>, RegExp])[] = [
  ['no address', {}, /GRAFANA_URL/],
  [
    'a host without a scheme',
    { GRAFANA_URL: 'grafana:3000' },
    /"grafana:3000" is not an address such as http:/,
  ],
  ['a query', { GRAFANA_URL: 'http://a:3000?orgId=1' }, /must not have a query/],
  ['a user in the address', { GRAFANA_URL: 'https://me:secret@grafana' }, /GRAFANA_PASSWORD_FILE/],
  [
    'a user name without a password',
    { ...url, GRAFANA_USERNAME_FILE: '/u' },
    /GRAFANA_PASSWORD_FILE: must be set because GRAFANA_USERNAME_FILE is/,
  ],
  [
    'a token beside a user name',
    { ...url, ...login, GRAFANA_TOKEN_FILE: '/t' },
    /GRAFANA_TOKEN_FILE: cannot stand beside GRAFANA_USERNAME_FILE/,
  ],
  [
    'an organisation by its name',
    { ...url, ...login, GRAFANA_ORG_ID: 'Main Org.' },
    /GRAFANA_ORG_ID: .*number/,
  ],
  ['a certificate without a key', { ...url, GRAFANA_CERT_FILE: '/c' }, /GRAFANA_KEY_FILE: must be set/],
  [
    'a CA for plain http',
    { GRAFANA_URL: 'http://grafana:3000', GRAFANA_CA_FILE: '/ca' },
    /must be https when a CA/,
  ],
  [
    'a time limit that is none',
    { ...url, GRAFANA_REQUEST_TIMEOUT: '10ms' },
    /GRAFANA_REQUEST_TIMEOUT: must be at least 1s/,
  ],
]

describe('the settings of Grafana', () => {
  for (const [what, env, words] of bad) {
    it(`refuse ${what}, without a word of what may be secret`, () => {
      assert.throws(
        () => readSettings(grafanaSettings, env),
        (error: Error) => words.test(error.message) && !error.message.includes('secret'),
      )
    })
  }

  it('know one address in one spelling, with a sub-path and without that of the API', () => {
    for (const [written, read] of [
      ['http://grafana:3000', 'http://grafana:3000'],
      [' https://grafana:3000/ ', 'https://grafana:3000'],
      ['https://host/grafana/', 'https://host/grafana'],
      ['https://host/grafana/api/', 'https://host/grafana'],
      ['https://host/grafana/apis', 'https://host/grafana'],
      ['https://host/myapi', 'https://host/myapi'],
    ]) {
      assert.equal(readSettings(grafanaSettings, { GRAFANA_URL: written }).GRAFANA_URL, read)
    }
  })

  it('have half a minute as the default for a request', () => {
    assert.equal(readSettings(grafanaSettings, url).GRAFANA_REQUEST_TIMEOUT, 30_000)
  })

  it('take a token, or a login with an organisation, over plain http too: inside a cluster that is usual', () => {
    const plain = { GRAFANA_URL: 'http://grafana:3000' }
    assert.equal(
      readSettings(grafanaSettings, { ...plain, GRAFANA_TOKEN_FILE: '/t' }).GRAFANA_TOKEN_FILE,
      '/t',
    )
    assert.equal(
      readSettings(grafanaSettings, { ...plain, ...login, GRAFANA_ORG_ID: '2' }).GRAFANA_ORG_ID,
      '2',
    )
  })
})
