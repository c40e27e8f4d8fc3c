import { own } from '../../src/core/json.ts'
import { type Call, type Members, bodyOf, objectIn, textsIn, zeroed } from './fake-call.ts'
import { badData, failed, identified, refused } from './fake-refusal.ts'

/** What a writer says of a datasource: pkg/services/datasources/models.go@21f0ca3e. */
export interface GivenDatasource {
  readonly uid: string
  readonly version: number
  readonly members: {
    readonly name: string
    readonly type: string
    readonly access: string
    readonly url: string
    readonly user: string
    readonly database: string
    readonly basicAuth: boolean
    readonly basicAuthUser: string
    readonly withCredentials: boolean
    readonly isDefault: boolean
    readonly jsonData: Members
    readonly apiVersion: string
  }
  readonly secure: Readonly<Record<string, string>>
}

/** `type` and `access` have no default; what is not said of the rest is empty or false. */
export function givenDatasource(call: Call): GivenDatasource {
  const body = bodyOf(call)
  const text = (name: string): string => zeroed(body, name, '')
  const flag = (name: string): boolean => zeroed(body, name, false)
  if (text('type') === '' || text('access') === '') throw badData()
  return {
    ...{ uid: text('uid'), version: zeroed(body, 'version', 0) },
    members: {
      ...{ name: text('name'), type: text('type'), access: text('access'), url: text('url') },
      ...{ user: text('user'), database: text('database'), basicAuth: flag('basicAuth') },
      ...{ basicAuthUser: text('basicAuthUser'), withCredentials: flag('withCredentials') },
      ...{
        isDefault: flag('isDefault'),
        jsonData: objectIn(body, 'jsonData'),
        apiVersion: text('apiVersion'),
      },
    },
    secure: textsIn(body, 'secureJsonData'),
  }
}

/** Plugins that cannot do without a URL: pkg/api/datasource/validation.go@05b8f193. */
const needUrl = new Set([
  ...['graphite', 'influxdb', 'influxdb_08', 'elasticsearch', 'prometheus', 'alertmanager', 'jaeger', 'loki'],
  ...['opentsdb', 'tempo', 'zipkin', 'mysql', 'postgres', 'mssql'],
])

/** It is only looked at, and stored as it was sent. When a datasource is made, none is needed. */
export function checkUrl({ members: { type, url } }: GivenDatasource, changes: boolean): void {
  const missing = changes && url === '' && needUrl.has(type)
  if (missing || (url !== '' && !canBeParsed(url))) throw failed(400, 'Validation error, invalid URL')
}

function canBeParsed(url: string): boolean {
  return URL.canParse(/^[a-z][a-z\d+.-]*:\/\//i.test(url) ? url : `http://${url}`)
}

/** pkg/services/datasources/service/datasource.go@78b76973 */
export function checkLengths({ members: { name, url } }: GivenDatasource): void {
  if (name.length > 190) throw identified(400, 'datasource.nameInvalid', 'Invalid datasource name.')
  if (url.length > 255) throw identified(400, 'datasource.urlInvalid', 'Invalid datasource url.')
}

export function checkUid({ profile }: Call, uid: string): void {
  if (profile.takesBadDatasourceUids || isUid(uid)) return
  throw identified(400, 'datasource.uidInvalid', 'Invalid datasource UID.')
}

export function isUid(uid: string): boolean {
  return /^[\w-]{1,40}$/.test(uid)
}

export function checkTeamHeaders({ members: { jsonData } }: GivenDatasource): void {
  if (own(jsonData, 'teamHttpHeaders') !== undefined)
    throw refused(
      403,
      'Cannot create datasource with team HTTP headers, need to use updateDatasourceLBACRules API',
    )
}
