import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CertificateAuthority, createAuthority } from '../../../src/stack/certificates.ts'
import { writeUserFiles } from '../../../src/stack/user-files.ts'

/** Who may do what, and over what: neither by default, where anybody may do anything over plain HTTP. */
export interface SecurityOptions {
  /** HTTPS with a certificate of an authority of its own; users are asked for then too. */
  readonly tls?: boolean
  /** Users of the file realm, each with its roles; passwords are made up. `admin`, a superuser, is always added. */
  readonly users?: Readonly<Record<string, readonly string[]>>
  /** Roles of one's own, as the body of the security API. */
  readonly roles?: Readonly<Record<string, object>>
}

/** What a client needs to get in: the words themselves, and the files of a mounted Secret. */
export interface ElasticsearchUser {
  readonly username: string
  readonly password: string
  readonly usernameFile: string
  readonly passwordFile: string
}

/** Everything made for a node that asks who one is. */
export interface ElasticsearchSecurity {
  /** By name, `admin` among them; empty where nobody is asked. */
  readonly users: ReadonlyMap<string, ElasticsearchUser>
  /** PEM file; undefined without TLS. */
  readonly ca: string | undefined
  /** Signs further certificates: for mutual TLS, and for an authority that changes. */
  readonly authority: CertificateAuthority | undefined
  readonly settings: Readonly<Record<string, string>>
}

export interface SecurityPlaces {
  /** Of the node; what it reads is written here. */
  readonly config: string
  /** For what only clients read. */
  readonly secrets: string
  /** Where openssl is looked for. */
  readonly path: string
}

export async function makeSecurity(
  options: SecurityOptions,
  places: SecurityPlaces,
  signal?: AbortSignal,
): Promise<ElasticsearchSecurity> {
  const { tls = false, users, roles = {} } = options
  if (!tls && users === undefined) {
    const settings = { 'xpack.security.enabled': 'false' }
    return { users: new Map(), ca: undefined, authority: undefined, settings }
  }
  const wanted = Object.entries({ ...users, admin: ['superuser'] })
  const made = await Promise.all(wanted.map(async ([name]) => makeUser(name, places.secrets)))
  await writeRealm(places.config, made, new Map(wanted), roles)
  const authority = tls ? await createAuthority(join(places.secrets, 'tls'), places.path, signal) : undefined
  return {
    users: new Map(made.map((user) => [user.username, user])),
    ca: authority?.certificate,
    authority,
    settings: {
      'xpack.security.enabled': 'true',
      ...(authority === undefined ? {} : await tlsSettings(authority, places.config)),
    },
  }
}

async function makeUser(name: string, secrets: string): Promise<ElasticsearchUser> {
  const password = randomBytes(18).toString('base64url')
  return { username: name, password, ...(await writeUserFiles(join(secrets, name), name, password)) }
}

/** The file realm (`users`, `users_roles`) and roles.yml, of which JSON is a part. */
async function writeRealm(
  config: string,
  users: readonly ElasticsearchUser[],
  rolesOf: ReadonlyMap<string, readonly string[]>,
  roles: Readonly<Record<string, object>>,
): Promise<void> {
  const write = async (name: string, text: string): Promise<void> =>
    writeFile(join(config, name), text, { mode: 0o600 })
  const members = new Map<string, string[]>()
  for (const [name, own] of rolesOf)
    for (const role of own) members.set(role, [...(members.get(role) ?? []), name])
  await write('users', users.map((user) => `${user.username}:${passwordHash(user.password)}\n`).join(''))
  await write('users_roles', [...members].map(([role, names]) => `${role}:${names.join(',')}\n`).join(''))
  const lines = Object.entries(roles).map(
    ([name, role]) => `${JSON.stringify(name)}: ${JSON.stringify(role)}\n`,
  )
  await write('roles.yml', lines.join(''))
}

const rounds = 1_000

/** As Elasticsearch's `pbkdf2` hashes: few rounds, because these passwords live as long as a test. */
export function passwordHash(password: string, salt: Buffer = randomBytes(32)): string {
  const hash = pbkdf2Sync(password, salt, rounds, 32, 'sha512')
  return `{PBKDF2}${rounds}$${salt.toString('base64')}$${hash.toString('base64')}`
}

/** The key is copied: the node runs as a user who cannot read the authority's directory. */
async function tlsSettings(
  authority: CertificateAuthority,
  config: string,
): Promise<Readonly<Record<string, string>>> {
  const { certificate, key } = await authority.issue('server', '/CN=localhost')
  const copied = async (file: string, name: string): Promise<string> => {
    await copyFile(file, join(config, name))
    return join(config, name)
  }
  return {
    'xpack.security.http.ssl.enabled': 'true',
    'xpack.security.http.ssl.certificate': await copied(certificate, 'server.crt'),
    'xpack.security.http.ssl.key': await copied(key, 'server.key'),
    'xpack.security.http.ssl.certificate_authorities': await copied(authority.certificate, 'ca.crt'),
  }
}
