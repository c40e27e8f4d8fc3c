import { readMountedFile, withoutNewline } from '../../../src/client/mounted-file.ts'
import { sha256 } from '../../../src/core/canonical.ts'
import type { Reason } from '../../../src/errors.ts'
import type { KafkaSettings } from '../settings.ts'

/** What the mounted files say now. */
export interface Credentials {
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined
  readonly sasl:
    { readonly mechanism: Mechanism; readonly username: string; readonly password: string } | undefined
  /** Differs when any file's content does. */
  readonly fingerprint: string
}

type Mechanism = NonNullable<KafkaSettings['KAFKA_SASL_MECHANISM']>

/** Reads the mounted files. They are small and local, so this is done before every use: rotation needs no watch. */
export async function readCredentials(settings: KafkaSettings): Promise<Credentials> {
  const read = async (name: FileSetting, reason: Reason) => readMountedFile(name, settings[name], reason)
  const [ca, cert, key, username, password] = await Promise.all([
    read('KAFKA_CA_FILE', 'TlsFailed'),
    read('KAFKA_CERT_FILE', 'TlsFailed'),
    read('KAFKA_KEY_FILE', 'TlsFailed'),
    read('KAFKA_USERNAME_FILE', 'AuthenticationFailed'),
    read('KAFKA_PASSWORD_FILE', 'AuthenticationFailed'),
  ])
  const mechanism = settings.KAFKA_SASL_MECHANISM
  const fingerprint = sha256(JSON.stringify([ca, cert, key, username, password]))
  return {
    tls: settings.KAFKA_TLS
      ? {
          ...(ca !== undefined && { ca }),
          ...(cert !== undefined && { cert }),
          ...(key !== undefined && { key }),
        }
      : undefined,
    sasl:
      mechanism === undefined
        ? undefined
        : { mechanism, username: withoutNewline(username), password: withoutNewline(password) },
    fingerprint,
  }
}

type FileSetting =
  'KAFKA_CA_FILE' | 'KAFKA_CERT_FILE' | 'KAFKA_KEY_FILE' | 'KAFKA_USERNAME_FILE' | 'KAFKA_PASSWORD_FILE'
