import type { HttpTls } from '../../../src/client/http-way.ts'
import { readMountedFile, withoutNewline } from '../../../src/client/mounted-file.ts'
import { readTlsFiles } from '../../../src/client/tls-files.ts'
import type { NifiSettings } from '../settings.ts'

/** What the mounted files say now. */
export interface Credentials extends HttpTls {
  /** With what a token is got. Undefined: none is needed. */
  readonly login: { readonly username: string; readonly password: string } | undefined
}

/** Reads the mounted files. Throws InvalidConfiguration, naming the setting and the file. */
export async function readCredentials(settings: NifiSettings): Promise<Credentials> {
  const read = async (name: 'NIFI_USERNAME_FILE' | 'NIFI_PASSWORD_FILE') =>
    readMountedFile(name, settings[name], 'InvalidConfiguration')
  const { NIFI_CA_FILE: ca, NIFI_CERT_FILE: cert, NIFI_KEY_FILE: key } = settings
  const [tls, username, password] = await Promise.all([
    readTlsFiles('NIFI', { ca, cert, key }),
    read('NIFI_USERNAME_FILE'),
    read('NIFI_PASSWORD_FILE'),
  ])
  const login =
    username === undefined
      ? undefined
      : { username: withoutNewline(username), password: withoutNewline(password) }
  return { ...tls, login }
}
