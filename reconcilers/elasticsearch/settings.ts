import { z } from 'zod'
import { readHttpAddress, requestTimeout, together } from '../../src/config.ts'

const address = { prefix: 'ELASTICSEARCH', example: 'https://elasticsearch:9200' }

const urls = z.string().transform((text, context): readonly string[] => {
  const addresses = text.split(',').map((each) => readHttpAddress(each, address))
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
    ELASTICSEARCH_REQUEST_TIMEOUT: requestTimeout,
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
