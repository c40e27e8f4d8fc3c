import type { HttpTls } from '../../../src/client/http-way.ts'
import { readMountedFile, withoutNewline } from '../../../src/client/mounted-file.ts'
import { readTlsFiles } from '../../../src/client/tls-files.ts'
import { ReconcileError } from '../../../src/errors.ts'
import type { ElasticsearchSettings } from '../settings.ts'

/** What the mounted files say now. */
export interface Credentials extends HttpTls {
  /** The header Authorization. Undefined: none. */
  readonly authorization: string | undefined
}

/** Reads the mounted files. Throws InvalidConfiguration, naming the setting and the file. */
export async function readCredentials(settings: ElasticsearchSettings): Promise<Credentials> {
  const read = async (name: FileSetting) => readMountedFile(name, settings[name], 'InvalidConfiguration')
  const { ELASTICSEARCH_CA_FILE: ca, ELASTICSEARCH_CERT_FILE: cert, ELASTICSEARCH_KEY_FILE: key } = settings
  const [tls, apiKey, username, password] = await Promise.all([
    readTlsFiles('ELASTICSEARCH', { ca, cert, key }),
    read('ELASTICSEARCH_API_KEY_FILE'),
    read('ELASTICSEARCH_USERNAME_FILE'),
    read('ELASTICSEARCH_PASSWORD_FILE'),
  ])
  return { ...tls, authorization: authorizationOf(apiKey, username, password) }
}

type FileSetting = `ELASTICSEARCH_${'API_KEY' | 'USERNAME' | 'PASSWORD'}_FILE`

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
