import { z } from 'zod'
import { duration, together } from '../../src/config.ts'

const brokerAddress = /^(\[[0-9a-fA-F:]+\]|[^\s:[\]]+):(\d{1,5})$/

const bootstrap = z.string().transform((text, context) => {
  const addresses = text.split(',').map((each) => each.trim())
  return addresses.map((address) => {
    const [, host, port] = brokerAddress.exec(address) ?? []
    if (host !== undefined && Number(port) >= 1 && Number(port) <= 65_535) {
      return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
    }
    context.addIssue(`"${address}" is not an address such as kafka:9092`)
    return z.NEVER
  })
})

const file = z.string().optional()

/** How to reach Kafka, by environment variable. Secrets come only as mounted files, which are read again when they rotate. */
export const kafkaSettings = z
  .object({
    KAFKA_BOOTSTRAP_SERVERS: bootstrap.describe('Brokers to start from: host:port, comma-separated.'),
    KAFKA_TLS: z
      .enum(['true', 'false'], 'must be "true" or "false"')
      .default('false')
      .transform((text) => text === 'true')
      .describe('"true": speak TLS. Without KAFKA_CA_FILE the system’s authorities are trusted.'),
    KAFKA_CA_FILE: file.describe('PEM file with the authorities that sign the brokers’ certificates.'),
    KAFKA_CERT_FILE: file.describe('PEM file with the client’s certificate (mTLS).'),
    KAFKA_KEY_FILE: file.describe('PEM file with the client’s key (mTLS).'),
    KAFKA_SASL_MECHANISM: z
      .enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'], 'must be PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512')
      .optional()
      .describe('PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512. Default: no SASL.'),
    KAFKA_USERNAME_FILE: file.describe('File with the SASL user name.'),
    KAFKA_PASSWORD_FILE: file.describe('File with the SASL password.'),
    KAFKA_REQUEST_TIMEOUT: duration.prefault('30s').describe('How long one request may take.'),
  })
  .superRefine(together('KAFKA_CERT_FILE', 'KAFKA_KEY_FILE'))
  .superRefine((settings, context) => {
    const need = (name: keyof typeof settings) => {
      if (settings[name] === undefined)
        context.addIssue({
          code: 'custom',
          path: [name],
          message: 'must be set because KAFKA_SASL_MECHANISM is',
        })
    }
    if (settings.KAFKA_SASL_MECHANISM !== undefined) {
      need('KAFKA_USERNAME_FILE')
      need('KAFKA_PASSWORD_FILE')
    }
    const tlsFile = settings.KAFKA_CA_FILE ?? settings.KAFKA_CERT_FILE
    if (tlsFile !== undefined && !settings.KAFKA_TLS) {
      context.addIssue({
        code: 'custom',
        path: ['KAFKA_TLS'],
        message: 'must be "true" when a CA or a certificate is given',
      })
    }
  })

export type KafkaSettings = z.output<typeof kafkaSettings>
