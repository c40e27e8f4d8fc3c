import { z } from 'zod'
import { duration, together } from '../../src/config.ts'

/** One address, in one spelling: without the path of the REST API and without a slash at the end. */
function readUrl(text: string): string | { readonly wrong: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') {
    return { wrong: `${JSON.stringify(withoutUser(text))} is not an address such as https://nifi:8443` }
  }
  if (url.username !== '' || url.password !== '') {
    const way = 'put them into files, and name those in NIFI_USERNAME_FILE and NIFI_PASSWORD_FILE'
    return { wrong: `must not hold a user name or a password: ${way}` }
  }
  if (url.search !== '' || url.hash !== '')
    return { wrong: 'must not have a query or a fragment; leave it out' }
  return `${url.origin}${url.pathname.replace(/\/+$/, '').replace(/\/nifi-api$/, '')}`
}

/** What may be credentials never stands in a message. */
function withoutUser(text: string): string {
  return text.replace(/^.*@/s, '…@')
}

const address = z.string().transform((text, context): string => {
  const read = readUrl(text.trim())
  if (typeof read === 'string') return read
  context.addIssue(read.wrong)
  return z.NEVER
})

const file = z.string().optional()

const names = z.string().transform(
  (text): ReadonlySet<string> =>
    new Set(
      text
        .split(',')
        .map((each) => each.trim())
        .filter((each) => each !== ''),
    ),
)

/** How to reach NiFi, by environment variable. Secrets come only as mounted files, which are read again when they rotate. */
export const nifiSettings = z
  .object({
    NIFI_URL: address.describe(
      'One node of NiFi: an http or https address, with the path of a proxy where there is one, without /nifi.',
    ),
    NIFI_USERNAME_FILE: file.describe('File with the user name.'),
    NIFI_PASSWORD_FILE: file.describe('File with the password.'),
    NIFI_CA_FILE: file.describe(
      'PEM file with the authorities that sign the node’s certificate. Default: the system’s.',
    ),
    NIFI_CERT_FILE: file.describe('PEM file with the client’s certificate (mTLS).'),
    NIFI_KEY_FILE: file.describe('PEM file with the client’s key (mTLS).'),
    NIFI_REQUEST_TIMEOUT: duration
      .prefault('30s')
      .refine((ms) => ms >= 1_000, 'must be at least 1s')
      .describe('How long one request may take.'),
    NIFI_ALLOWED_CODE: names
      .prefault('')
      .describe(
        'Types that may run code written in a flow (ExecuteScript, ExecuteStreamCommand), comma-separated, full or simple names; * for all.',
      ),
  })
  .superRefine(together('NIFI_USERNAME_FILE', 'NIFI_PASSWORD_FILE'))
  .superRefine(together('NIFI_CERT_FILE', 'NIFI_KEY_FILE'))
  .superRefine((settings, context) => {
    const add = (name: keyof typeof settings, message: string) => {
      context.addIssue({ code: 'custom', path: [name], message })
    }
    if (!settings.NIFI_URL.startsWith('http:')) return
    if (settings.NIFI_CA_FILE !== undefined || settings.NIFI_CERT_FILE !== undefined)
      add('NIFI_URL', 'must be https when a CA or a certificate is given')
    else if (settings.NIFI_USERNAME_FILE !== undefined)
      add('NIFI_URL', 'must be https when a user name is given: NiFi gives tokens over https only')
  })

export type NifiSettings = z.output<typeof nifiSettings>
