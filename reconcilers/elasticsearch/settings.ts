import { z } from 'zod'
import { duration, together } from '../../src/config.ts'

/** One address, in one spelling: without a slash at the end. */
function readUrl(text: string): string | { readonly wrong: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') {
    return {
      wrong: `${JSON.stringify(withoutUser(text))} is not an address such as https://elasticsearch:9200`,
    }
  }
  if (url.username !== '' || url.password !== '') {
    const way =
      'put them into files, and name those in ELASTICSEARCH_USERNAME_FILE and ELASTICSEARCH_PASSWORD_FILE'
    return { wrong: `must not hold a user name or a password: ${way}` }
  }
  if (url.search !== '' || url.hash !== '')
    return { wrong: 'must not have a query or a fragment; leave it out' }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

/** What may be credentials never stands in a message. */
function withoutUser(text: string): string {
  return text.replace(/^.*@/s, '…@')
}

const urls = z.string().transform((text, context): readonly string[] => {
  const addresses = text.split(',').map((each) => readUrl(each.trim()))
  const wrong = addresses.filter((each) => typeof each !== 'string')
  for (const each of wrong) context.addIssue(each.wrong)
  const read = addresses.filter((each) => typeof each === 'string')
  if (new Set(read.map((each) => new URL(each).protocol)).size > 1) {
    context.addIssue('must be all http or all https')
    return z.NEVER
  }
  return wrong.length > 0 ? z.NEVER : [...new Set(read)]
})

const file = z.string().optional()

/** How to reach Elasticsearch, by environment variable. Secrets come only as mounted files, which are read again when they rotate. */
export const elasticsearchSettings = z
  .object({
    ELASTICSEARCH_URL: urls.describe('Nodes of one cluster: http or https addresses, comma-separated.'),
    ELASTICSEARCH_USERNAME_FILE: file.describe('File with the user name.'),
    ELASTICSEARCH_PASSWORD_FILE: file.describe('File with the password.'),
    ELASTICSEARCH_API_KEY_FILE: file.describe(
      'File with an API key (encoded), instead of user name and password.',
    ),
    ELASTICSEARCH_CA_FILE: file.describe(
      'PEM file with the authorities that sign the nodes’ certificates. Default: the system’s.',
    ),
    ELASTICSEARCH_CERT_FILE: file.describe('PEM file with the client’s certificate (mTLS).'),
    ELASTICSEARCH_KEY_FILE: file.describe('PEM file with the client’s key (mTLS).'),
    ELASTICSEARCH_REQUEST_TIMEOUT: duration
      .prefault('30s')
      .refine((ms) => ms >= 1_000, 'must be at least 1s')
      .describe('How long one request may take.'),
  })
  .superRefine(together('ELASTICSEARCH_USERNAME_FILE', 'ELASTICSEARCH_PASSWORD_FILE'))
  .superRefine(together('ELASTICSEARCH_CERT_FILE', 'ELASTICSEARCH_KEY_FILE'))
  .superRefine((settings, context) => {
    const add = (name: keyof typeof settings, message: string) => {
      context.addIssue({ code: 'custom', path: [name], message })
    }
    const { ELASTICSEARCH_API_KEY_FILE: apiKey, ELASTICSEARCH_USERNAME_FILE: user } = settings
    if (apiKey !== undefined && user !== undefined) {
      add(
        'ELASTICSEARCH_API_KEY_FILE',
        'cannot stand beside ELASTICSEARCH_USERNAME_FILE; keep one of the two',
      )
    }
    const tlsFile = settings.ELASTICSEARCH_CA_FILE ?? settings.ELASTICSEARCH_CERT_FILE
    if (tlsFile !== undefined && settings.ELASTICSEARCH_URL.some((url) => url.startsWith('http:'))) {
      add('ELASTICSEARCH_URL', 'must be https when a CA or a certificate is given')
    }
  })

export type ElasticsearchSettings = z.output<typeof elasticsearchSettings>
