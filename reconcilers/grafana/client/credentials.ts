import type { HttpTls } from '../../../src/client/http-way.ts'
import { readMountedFile, withoutNewline } from '../../../src/client/mounted-file.ts'
import { readTlsFiles } from '../../../src/client/tls-files.ts'
import { ReconcileError } from '../../../src/errors.ts'
import type { GrafanaSettings } from '../settings.ts'

/** What the mounted files say now. */
export interface Credentials extends HttpTls {
  /** The header `Authorization`; undefined: none is needed. */
  readonly authorization: string | undefined
}

/** Reads the mounted files. Throws InvalidConfiguration, naming the setting and the file, never the content. */
export async function readCredentials(settings: GrafanaSettings): Promise<Credentials> {
  const { GRAFANA_CA_FILE: ca, GRAFANA_CERT_FILE: cert, GRAFANA_KEY_FILE: key } = settings
  const [tls, token, login] = await Promise.all([
    readTlsFiles('GRAFANA', { ca, cert, key }),
    readToken(settings.GRAFANA_TOKEN_FILE),
    readLogin(settings),
  ])
  return { ...tls, authorization: token ?? login }
}

async function readToken(path: string | undefined): Promise<string | undefined> {
  const text = await readMountedFile('GRAFANA_TOKEN_FILE', path, 'InvalidConfiguration')
  if (path === undefined || text === undefined) return undefined
  const token = text.trim()
  // What no header can hold would fail with words that hold it.
  if (/^[\x21-\x7e]+$/.test(token)) return `Bearer ${token}`
  const what = token === '' ? 'is empty' : 'is not one word, so that it is no token'
  throw new ReconcileError('InvalidConfiguration', `GRAFANA_TOKEN_FILE: ${path} ${what}`)
}

async function readLogin(settings: GrafanaSettings): Promise<string | undefined> {
  const read = async (name: 'GRAFANA_USERNAME_FILE' | 'GRAFANA_PASSWORD_FILE') =>
    readMountedFile(name, settings[name], 'InvalidConfiguration')
  const [username, password] = await Promise.all([
    read('GRAFANA_USERNAME_FILE'),
    read('GRAFANA_PASSWORD_FILE'),
  ])
  if (username === undefined) return undefined
  const login = `${withoutNewline(username)}:${withoutNewline(password)}`
  return `Basic ${Buffer.from(login).toString('base64')}`
}
