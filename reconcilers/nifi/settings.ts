import { z } from 'zod'
import { httpAddress, requestTimeout, together } from '../../src/config.ts'

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
    NIFI_URL: httpAddress({ prefix: 'NIFI', example: 'https://nifi:8443', api: /\/nifi-api$/ }).describe(
      'One node of NiFi: an http or https address, with the path of a proxy where there is one, without /nifi.',
    ),
    NIFI_USERNAME_FILE: file.describe('File with the user name.'),
    NIFI_PASSWORD_FILE: file.describe('File with the password.'),
    NIFI_CA_FILE: file.describe(
      'PEM file with the authorities that sign the node’s certificate. Default: the system’s.',
    ),
    NIFI_CERT_FILE: file.describe('PEM file with the client’s certificate (mTLS).'),
    NIFI_KEY_FILE: file.describe('PEM file with the client’s key (mTLS).'),
    NIFI_REQUEST_TIMEOUT: requestTimeout,
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
