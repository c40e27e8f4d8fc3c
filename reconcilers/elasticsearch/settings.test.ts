import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readSettings } from '../../src/config.ts'
import { elasticsearchSettings } from './settings.ts'

const url = { ELASTICSEARCH_URL: 'https://elasticsearch:9200' }

const bad: readonly (readonly [string, Record<string, string>, RegExp])[] = [
  ['no address', {}, /ELASTICSEARCH_URL/],
  [
    'a host without a scheme',
    { ELASTICSEARCH_URL: 'elasticsearch:9200' },
    /"elasticsearch:9200" is not an address such as https:/,
  ],
  ['another scheme', { ELASTICSEARCH_URL: 'ftp://elasticsearch' }, /is not an address/],
  ['an empty list', { ELASTICSEARCH_URL: ',' }, /"" is not an address/],
  ['one bad address of two', { ELASTICSEARCH_URL: 'http://a:9200,b' }, /"b" is not an address/],
  ['a port that is none', { ELASTICSEARCH_URL: 'http://a:99999' }, /is not an address/],
  ['a query', { ELASTICSEARCH_URL: 'http://a:9200?pretty' }, /must not have a query/],
  [
    'http and https together',
    { ELASTICSEARCH_URL: 'http://a:9200,https://b:9200' },
    /must be all http or all https/,
  ],
  [
    'a user name without a password',
    { ...url, ELASTICSEARCH_USERNAME_FILE: '/u' },
    /ELASTICSEARCH_PASSWORD_FILE: must be set because ELASTICSEARCH_USERNAME_FILE is/,
  ],
  [
    'a password without a user name',
    { ...url, ELASTICSEARCH_PASSWORD_FILE: '/p' },
    /ELASTICSEARCH_USERNAME_FILE: must be set because ELASTICSEARCH_PASSWORD_FILE is/,
  ],
  [
    'an API key beside a user name',
    {
      ...url,
      ELASTICSEARCH_USERNAME_FILE: '/u',
      ELASTICSEARCH_PASSWORD_FILE: '/p',
      ELASTICSEARCH_API_KEY_FILE: '/k',
    },
    /ELASTICSEARCH_API_KEY_FILE: cannot stand beside ELASTICSEARCH_USERNAME_FILE; keep one of the two/,
  ],
  [
    'a certificate without a key',
    { ...url, ELASTICSEARCH_CERT_FILE: '/c' },
    /ELASTICSEARCH_KEY_FILE: must be set because ELASTICSEARCH_CERT_FILE is/,
  ],
  [
    'a key without a certificate',
    { ...url, ELASTICSEARCH_KEY_FILE: '/k' },
    /ELASTICSEARCH_CERT_FILE: must be set because ELASTICSEARCH_KEY_FILE is/,
  ],
  [
    'a CA with http',
    { ELASTICSEARCH_URL: 'http://a:9200', ELASTICSEARCH_CA_FILE: '/ca' },
    /ELASTICSEARCH_URL: must be https when a CA or a certificate is given/,
  ],
  [
    'a timeout that is no time',
    { ...url, ELASTICSEARCH_REQUEST_TIMEOUT: 'soon' },
    /"soon" is not a duration/,
  ],
  [
    'a timeout of no time',
    { ...url, ELASTICSEARCH_REQUEST_TIMEOUT: '0s' },
    /ELASTICSEARCH_REQUEST_TIMEOUT: must be at least 1s/,
  ],
]

const withSecret = [
  'https://elastic:hunter2@elasticsearch:9200',
  'https://hunter2@elasticsearch:9200',
  'elastic:hunter2@elasticsearch:9200',
  'https://elastic:hun#ter2@elasticsearch:9200',
  'https://elastic:hunter2@:9200',
]

describe('the settings', () => {
  for (const [what, env, message] of bad) {
    it(`refuse ${what}`, () =>
      assert.throws(() => readSettings(elasticsearchSettings, env), {
        reason: 'InvalidConfiguration',
        message,
      }))
  }

  for (const address of withSecret) {
    it(`refuse a password in the address, and do not repeat it: ${address.replace(/hun#?ter2/, '…')}`, () => {
      assert.throws(
        () => readSettings(elasticsearchSettings, { ELASTICSEARCH_URL: address }),
        (error: Error) => !/hun|ter2/.test(error.message) && error.message.startsWith('ELASTICSEARCH_URL: '),
      )
    })
  }

  it('say where a password belongs', () => {
    assert.throws(
      () => readSettings(elasticsearchSettings, { ELASTICSEARCH_URL: 'https://elastic:x@a:9200' }),
      {
        message:
          /put them into files, and name those in ELASTICSEARCH_USERNAME_FILE and ELASTICSEARCH_PASSWORD_FILE/,
      },
    )
  })

  it('take several addresses, IPv6 and a path too, each once and without a slash at the end, and have defaults', () => {
    const addresses = 'http://a:9200, http://[::1]:9201/ ,http://proxy/search/,http://a:9200/'
    const settings = readSettings(elasticsearchSettings, { ELASTICSEARCH_URL: addresses })
    assert.deepEqual(settings.ELASTICSEARCH_URL, [
      'http://a:9200',
      'http://[::1]:9201',
      'http://proxy/search',
    ])
    assert.equal(settings.ELASTICSEARCH_REQUEST_TIMEOUT, 30_000)
  })

  it('describe themselves', () => {
    for (const [name, { description }] of Object.entries(elasticsearchSettings.shape)) {
      assert.ok(description !== undefined && description.endsWith('.'), name)
    }
  })
})
