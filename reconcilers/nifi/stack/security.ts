import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type CertificateAuthority,
  type CertificateFiles,
  createAuthority,
} from '../../../src/stack/certificates.ts'
import { writeUserFiles } from '../../../src/stack/user-files.ts'
import type { HttpAccess } from '../../../src/stack/http.ts'
import type { Grant } from './policies.ts'
import { stackFile } from './versions.ts'

/** Who may do what, and over what: neither by default, where anybody may do anything over plain HTTP. */
export interface SecurityOptions {
  /** HTTPS with a certificate of an authority of its own, and users are asked for: NiFi does neither without the other. */
  readonly tls?: boolean
  /** Users, each with what is granted to it; means TLS. Passwords are made up. `admin`, who may do everything, is always added. */
  readonly users?: Readonly<Record<string, readonly Grant[]>>
  /** How long a token is good: from one minute to twelve hours. Default: eight hours, as NiFi's own login has it. */
  readonly tokenLifetimeMs?: number
}

/** What a client needs to get in, one way or the other: words, the files of a mounted Secret, a client certificate. */
export interface NifiUser {
  readonly username: string
  readonly password: string
  readonly usernameFile: string
  readonly passwordFile: string
  readonly certificate: CertificateFiles
}

/** Everything made for a node that asks who one is. */
export interface NifiSecurity {
  /** By name, `admin` among them; empty where nobody is asked. */
  readonly users: ReadonlyMap<string, NifiUser>
  /** PEM file; undefined without TLS. */
  readonly ca: string | undefined
  /** Signs further certificates. */
  readonly authority: CertificateAuthority | undefined
  /** For nifi.properties. */
  readonly settings: Readonly<Record<string, string>>
  /** For the node's `conf`, by name. */
  readonly files: ReadonlyMap<string, string>
  /** How `admin` comes in. */
  readonly access: Omit<HttpAccess, 'url'>
}

export const noSecurity: NifiSecurity = {
  users: new Map(),
  ca: undefined,
  authority: undefined,
  settings: {},
  files: new Map(),
  access: {},
}

const eightHoursMs = 8 * 3_600_000

/** `secrets` is a directory for what only clients read, `path` is where openssl is looked for. */
export async function makeSecurity(
  options: SecurityOptions,
  { secrets, path }: { readonly secrets: string; readonly path: string },
  signal?: AbortSignal,
): Promise<NifiSecurity> {
  if (options.tls !== true && options.users === undefined) return noSecurity
  const authority = await createAuthority(join(secrets, 'tls'), path, signal)
  const users = new Map<string, NifiUser>()
  for (const name of new Set(['admin', ...Object.keys(options.users ?? {})]))
    users.set(name, await makeUser(name, secrets, authority))
  const text = async (file: string): Promise<string> => readFile(file, 'utf8')
  const server = await authority.issue('server', '/CN=localhost')
  const providers = await text(stackFile('login-identity-providers.xml'))
  const lifetime = String(options.tokenLifetimeMs ?? eightHoursMs)
  return {
    users,
    ca: authority.certificate,
    authority,
    settings,
    files: new Map([
      ['authorizers.xml', await text(stackFile('authorizers.xml'))],
      ['login-identity-providers.xml', providers.replace('TOKEN_LIFETIME_MS', lifetime)],
      ['passwords', [...users.values()].map(passwordLine).join('')],
      ['server.crt', await text(server.certificate)],
      ['server.key', await text(server.key)],
      ['ca.crt', await text(authority.certificate)],
    ]),
    access: await accessOf(users.get('admin'), authority),
  }
}

async function makeUser(name: string, secrets: string, authority: CertificateAuthority): Promise<NifiUser> {
  const password = randomBytes(18).toString('base64url')
  return {
    username: name,
    password,
    ...(await writeUserFiles(join(secrets, name), name, password)),
    certificate: await authority.issue(`user-${name}`, `/CN=${name}`),
  }
}

/** As UsersFileLogin reads it. Passwords are random: no salt, no rounds. */
function passwordLine({ username, password }: NifiUser): string {
  return `${username}:${createHash('sha256').update(password).digest('hex')}\n`
}

const settings = {
  'nifi.security.keystoreType': 'PEM',
  'nifi.security.keystore.certificate': './conf/server.crt',
  'nifi.security.keystore.privateKey': './conf/server.key',
  'nifi.security.truststoreType': 'PEM',
  'nifi.security.truststore.certificate': './conf/ca.crt',
  'nifi.security.user.authorizer': 'managed',
  'nifi.security.user.login.identity.provider': 'users-file',
  // The user of a certificate is the one of a login by that name.
  'nifi.security.identity.mapping.pattern.dn': '^CN=(.*?)$',
  'nifi.security.identity.mapping.value.dn': '$1',
  'nifi.security.identity.mapping.transform.dn': 'NONE',
}

/** By certificate: it works before anybody has logged in, and for as long as a node runs. */
async function accessOf(
  admin: NifiUser | undefined,
  authority: CertificateAuthority,
): Promise<Omit<HttpAccess, 'url'>> {
  if (admin === undefined) return {}
  const [ca, cert, key] = await Promise.all(
    [authority.certificate, admin.certificate.certificate, admin.certificate.key].map(async (file) =>
      readFile(file, 'utf8'),
    ),
  )
  return { ca, ...(cert === undefined || key === undefined ? {} : { certificate: { cert, key } }) }
}
