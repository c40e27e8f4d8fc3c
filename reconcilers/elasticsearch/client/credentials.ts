import { readMountedFile, withoutNewline } from '../../../src/client/mounted-file.ts'
import { sha256 } from '../../../src/core/canonical.ts'
import { ReconcileError } from '../../../src/errors.ts'
import type { ElasticsearchSettings } from '../settings.ts'

/** What the mounted files say now. */
export interface Credentials {
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string }
  /** The header Authorization. Undefined: none. */
  readonly authorization: string | undefined
  /** Differs when any file of `tls` does: then connections are made anew. */
  readonly fingerprint: string
}

/** Reads the mounted files. Throws InvalidConfiguration, naming the setting and the file. */
export async function readCredentials(settings: ElasticsearchSettings): Promise<Credentials> {
  const read = async (name: FileSetting) => readMountedFile(name, settings[name], 'InvalidConfiguration')
  const [ca, cert, key, apiKey, username, password] = await Promise.all([
    read('ELASTICSEARCH_CA_FILE'),
    read('ELASTICSEARCH_CERT_FILE'),
    read('ELASTICSEARCH_KEY_FILE'),
    read('ELASTICSEARCH_API_KEY_FILE'),
    read('ELASTICSEARCH_USERNAME_FILE'),
    read('ELASTICSEARCH_PASSWORD_FILE'),
  ])
  return {
    tls: {
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
    },
    authorization: authorizationOf(apiKey, username, password),
    fingerprint: sha256(JSON.stringify([ca, cert, key])),
  }
}

type FileSetting = `ELASTICSEARCH_${'CA' | 'CERT' | 'KEY' | 'API_KEY' | 'USERNAME' | 'PASSWORD'}_FILE`

/** An API key comes base64-encoded already: `encoded` in the answer of the server that made it. */
function authorizationOf(
  apiKey: string | undefined,
  username: string | undefined,
  password: string | undefined,
): string | undefined {
  if (apiKey !== undefined) return `ApiKey ${oneWord(withoutNewline(apiKey))}`
  if (username === undefined) return undefined
  const pair = `${withoutNewline(username)}:${withoutNewline(password)}`
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`
}

/** What is no header would be told of with the key in it. */
function oneWord(apiKey: string): string {
  if (/^[\x21-\x7e]+$/.test(apiKey)) return apiKey
  throw new ReconcileError(
    'InvalidConfiguration',
    'ELASTICSEARCH_API_KEY_FILE holds something other than one API key: write the value "encoded" that the server gave, and nothing else',
  )
}
