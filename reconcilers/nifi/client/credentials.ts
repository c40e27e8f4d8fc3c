import { readMountedFile, withoutNewline } from '../../../src/client/mounted-file.ts'
import { sha256 } from '../../../src/core/canonical.ts'
import type { NifiSettings } from '../settings.ts'

/** What the mounted files say now. */
export interface Credentials {
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string }
  /** With what a token is got. Undefined: none is needed. */
  readonly login: { readonly username: string; readonly password: string } | undefined
  /** Differs when any file of `tls` does: then connections are made anew. */
  readonly fingerprint: string
}

type FileSetting = `NIFI_${'CA' | 'CERT' | 'KEY' | 'USERNAME' | 'PASSWORD'}_FILE`

/** Reads the mounted files. Throws InvalidConfiguration, naming the setting and the file. */
export async function readCredentials(settings: NifiSettings): Promise<Credentials> {
  const read = async (name: FileSetting) => readMountedFile(name, settings[name], 'InvalidConfiguration')
  const [ca, cert, key, username, password] = await Promise.all([
    read('NIFI_CA_FILE'),
    read('NIFI_CERT_FILE'),
    read('NIFI_KEY_FILE'),
    read('NIFI_USERNAME_FILE'),
    read('NIFI_PASSWORD_FILE'),
  ])
  return {
    tls: {
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
    },
    login:
      username === undefined
        ? undefined
        : { username: withoutNewline(username), password: withoutNewline(password) },
    fingerprint: sha256(JSON.stringify([ca, cert, key])),
  }
}
