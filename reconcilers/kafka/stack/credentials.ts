import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createAuthority, pemKeyStore, type CertificateAuthority } from '../../../src/stack/certificates.ts'
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
  const credentials = async (name: string): Promise<KafkaCredentials> => ({
    ca: authority.certificate,
    ...(security === 'mtls' ? await authority.issue(`client-${name}`, `/CN=${name}`) : {}),
    ...(await userFiles(join(directory, name), name, users.get(name))),
  })
  const [client, admin] = [await credentials('infometis'), await credentials('admin')]
  return { client, admin, users, keyStore, trustStore: authority.certificate, authority }
}

async function userFiles(
  directory: string,
  name: string,
  password: string | undefined,
): Promise<KafkaCredentials> {
  if (password === undefined) return {}
  const files = { usernameFile: join(directory, 'username'), passwordFile: join(directory, 'password') }
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await writeFile(files.usernameFile, name, { mode: 0o600 })
  await writeFile(files.passwordFile, password, { mode: 0o600 })
  return files
}
