import { z } from 'zod'
import { httpAddress, requestTimeout, together } from '../../src/config.ts'

const file = z.string().optional()

/** How to reach Grafana, by environment variable. Secrets come only as mounted files, which are read again when they rotate. */
export const grafanaSettings = z
  .object({
    GRAFANA_URL: httpAddress({ prefix: 'GRAFANA', example: 'http://grafana:3000', api: /\/apis?$/ }).describe(
      'Grafana: an http or https address, with the sub-path that it is served under, without /api.',
    ),
    GRAFANA_TOKEN_FILE: file.describe('File with the token of a service account.'),
    GRAFANA_USERNAME_FILE: file.describe('File with a user name, where there is no token.'),
    GRAFANA_PASSWORD_FILE: file.describe('File with the password.'),
    GRAFANA_ORG_ID: z
      .string()
      .regex(/^[1-9]\d{0,17}$/, 'must be the number of an organisation, such as 1')
      .optional()
      .describe('Number of the organisation. Default: the one of the token, or the user’s own.'),
    GRAFANA_CA_FILE: file.describe(
      'PEM file with the authorities that sign the server’s certificate. Default: the system’s.',
    ),
    GRAFANA_CERT_FILE: file.describe('PEM file with the client’s certificate (mTLS).'),
    GRAFANA_KEY_FILE: file.describe('PEM file with the client’s key (mTLS).'),
    GRAFANA_REQUEST_TIMEOUT: requestTimeout,
  })
  .superRefine(together('GRAFANA_USERNAME_FILE', 'GRAFANA_PASSWORD_FILE'))
  .superRefine(together('GRAFANA_CERT_FILE', 'GRAFANA_KEY_FILE'))
  .superRefine((settings, context) => {
    const add = (name: keyof typeof settings, message: string) => {
      context.addIssue({ code: 'custom', path: [name], message })
    }
    if (settings.GRAFANA_TOKEN_FILE !== undefined && settings.GRAFANA_USERNAME_FILE !== undefined)
      add('GRAFANA_TOKEN_FILE', 'cannot stand beside GRAFANA_USERNAME_FILE; keep one of the two')
    const tlsFile = settings.GRAFANA_CA_FILE ?? settings.GRAFANA_CERT_FILE
    if (tlsFile !== undefined && settings.GRAFANA_URL.startsWith('http:'))
      add('GRAFANA_URL', 'must be https when a CA or a certificate is given')
  })

export type GrafanaSettings = z.output<typeof grafanaSettings>
