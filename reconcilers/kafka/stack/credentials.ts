import { join } from 'node:path'
import { createAuthority, pemKeyStore, type CertificateAuthority } from '../../../src/stack/certificates.ts'
import { writeUserFiles } from '../../../src/stack/user-files.ts'
import type { KafkaSecurity } from './properties.ts'

/** What a client needs to get in, as the mounted files of a reconciler: paths, each present where the security asks for it. */
export interface KafkaCredentials {
  readonly ca?: string
  readonly certificate?: string
  readonly key?: string
  readonly usernameFile?: string
  readonly passwordFile?: string
}

/** Everything made for a secured listener. */
export interface KafkaSecrets {
  /** For the principal `infometis` (mTLS: `CN=infometis`), which is no superuser. */
  readonly client: KafkaCredentials
  /** For the superuser `admin` (mTLS: `CN=admin`). */
  readonly admin: KafkaCredentials
  readonly users: ReadonlyMap<string, string>
  readonly keyStore: string | undefined
  readonly trustStore: string | undefined
  /** Signs further client certificates, for rotation; undefined for plaintext. */
  readonly authority: CertificateAuthority | undefined
}

/** Makes certificates and passwords for a listener in a directory of their own. */
export async function makeSecrets(
  directory: string,
  security: KafkaSecurity,
  path: string,
  signal?: AbortSignal,
): Promise<KafkaSecrets> {
  if (security === 'plaintext') {
    return {
      client: {},
      admin: {},
      users: new Map(),
      keyStore: undefined,
      trustStore: undefined,
      authority: undefined,
    }
  }
  const authority = await createAuthority(directory, path, signal)
  const server = await authority.issue('server', '/CN=localhost')
  const keyStore = await pemKeyStore(server, join(directory, 'server.pem'))
  const users = new Map(
    security.startsWith('sasl') ? ['infometis', 'admin'].map((name) => [name, crypto.randomUUID()]) : [],
  )
  const credentials = async (name: string): Promise<KafkaCredentials> => {
    const password = users.get(name)
    return {
      ca: authority.certificate,
      ...(security === 'mtls' ? await authority.issue(`client-${name}`, `/CN=${name}`) : {}),
      ...(password === undefined ? {} : await writeUserFiles(join(directory, name), name, password)),
    }
  }
  const [client, admin] = [await credentials('infometis'), await credentials('admin')]
  return { client, admin, users, keyStore, trustStore: authority.certificate, authority }
}
