import { textAt } from '../../src/core/members.ts'
import { own, toJsonObject, withMembers } from '../../src/core/json.ts'
import { type Answer, type Call, type Handler, type Members, named, ok, omittedIfEmpty } from './fake-call.ts'
import {
  type GivenDatasource,
  checkLengths,
  checkTeamHeaders,
  checkUid,
  checkUrl,
  givenDatasource,
  isUid,
} from './fake-datasource-checks.ts'
import { failed, identified, refused } from './fake-refusal.ts'
import type { FakeState, StoredDatasource } from './fake-state.ts'

/** Plugins that come with Grafana. Another type can be stored all the same. */
const installed = new Set([
  ...['prometheus', 'loki', 'elasticsearch', 'influxdb', 'graphite', 'tempo', 'jaeger', 'zipkin', 'opentsdb'],
  ...['mysql', 'postgres', 'grafana-postgresql-datasource', 'mssql', 'cloudwatch', 'alertmanager'],
  ...['grafana-testdata-datasource', 'parca', 'grafana-pyroscope-datasource', 'stackdriver'],
])

/** Of these, what has nothing to say of its health (seen on Tempo's by others, 2026; until 9.x a 501). */
const unasked = new Set(['tempo'])

function logoOf(type: string): string {
  return installed.has(type) ? `public/plugins/${type}/img/${type}_logo.svg` : 'public/img/icn-datasource.svg'
}

/** pkg/api/dtos/datasource.go@01d820ab: neither a version nor which secrets are set. A list has `typeName`, too. */
function listed({ id, uid, readOnly, members }: StoredDatasource): Members {
  const { name, type, access, url, user, database, basicAuth, isDefault, jsonData } = members
  return {
    ...{ id, uid, orgId: 1, name, type, typeLogoUrl: logoOf(textAt(members, 'type')), access, url },
    ...{ user, database, basicAuth, isDefault, ...omittedIfEmpty('jsonData', jsonData), readOnly },
  }
}

function whole(datasource: StoredDatasource): Members {
  const { members, secure, version } = datasource
  const { readOnly, ...rest } = listed(datasource)
  const { basicAuthUser, withCredentials, apiVersion } = members
  // Which are set, never what they are; one that was set to nothing is not there.
  const set = Object.entries(secure).filter(([, value]) => value !== '')
  return {
    ...{ ...rest, basicAuthUser, withCredentials, version, readOnly, apiVersion },
    secureJsonFields: Object.fromEntries(set.map(([key]) => [key, true])),
    accessControl: { 'datasources:read': true, 'datasources:write': true, 'datasources:delete': true },
  }
}

export const listDatasources: Handler = ({ state }) => {
  const name = (each: StoredDatasource): string => textAt(each.members, 'name').toLowerCase()
  const all = [...state.data.datasources.values()].toSorted((a, b) => (name(a) < name(b) ? -1 : 1))
  const typed = all.map((each) => ({ ...listed(each), typeName: each.members['type'] }))
  return ok(typed.slice(0, 5_000))
}

function asked(call: Call): StoredDatasource {
  const found = call.state.data.datasources.get(named(call))
  if (found === undefined) throw failed(404, 'Data source not found')
  return found
}

export const getDatasource: Handler = (call) => ok(whole(asked(call)))

function answered(datasource: StoredDatasource, message: string): Answer {
  const { id, members } = datasource
  return ok({ message, id, name: members['name'], datasource: whole(datasource) })
}

function nameTaken({ data }: FakeState, name: string, but?: StoredDatasource): boolean {
  return [...data.datasources.values()].some((each) => each !== but && each.members['name'] === name)
}

/** pkg/api/datasources.go@db64da7a and pkg/services/datasources/service/store.go@ea500b87 */
export const postDatasource: Handler = (call) => {
  const { state } = call
  const given = givenDatasource(call)
  checkUrl(given, false)
  checkTeamHeaders(given)
  checkLengths(given)
  const uid = given.uid === '' ? state.newName('ds') : given.uid
  checkUid(call, uid)
  const name = given.members.name === '' ? inventedName(state, given.members.type) : given.members.name
  if (nameTaken(state, name)) throw failed(409, 'data source with the same name already exists')
  if (state.data.datasources.has(uid)) throw failed(409, 'data source with the same uid already exists')
  // The first one of an organisation is the default, whatever was said.
  const isDefault = given.members.isDefault || state.data.datasources.size === 0
  const datasource: StoredDatasource = {
    ...{ id: state.newId(), uid, version: 1, readOnly: false, secure: given.secure },
    members: toJsonObject({ ...given.members, name, isDefault }),
  }
  kept(state, datasource)
  return answered(datasource, 'Datasource added')
}

function inventedName(state: FakeState, type: string): string {
  const names = [type, ...Array.from({ length: 99 }, (_, index) => `${type}-${index + 1}`)]
  return names.find((each) => !nameTaken(state, each)) ?? type
}

/** There is one default: that of the others goes, without raising their version. */
function kept({ data }: FakeState, datasource: StoredDatasource): void {
  if (datasource.members['isDefault'] === true) {
    for (const other of data.datasources.values())
      data.datasources.set(other.uid, { ...other, members: withMembers(other.members, { isDefault: false }) })
  }
  data.datasources.set(datasource.uid, datasource)
}

export const putDatasource: Handler = (call) => {
  const given = givenDatasource(call)
  checkUrl(given, true)
  const stored = asked(call)
  if (stored.readOnly) throw refused(403, 'Cannot update read-only data source')
  checkLengths(given)
  if (nameTaken(call.state, given.members.name, stored))
    throw failed(409, 'Failed to update datasource: data source with the same name already exists')
  // Only what is newer is refused: a version that is too high is taken over, and none at all is not compared.
  if (given.version !== 0 && stored.version > given.version)
    throw refused(409, 'Datasource has already been updated by someone else. Please reload and try again')
  const datasource: StoredDatasource = {
    ...{ ...stored, version: given.version + 1, members: changed(stored, given) },
    // Keys that are not sent are kept.
    secure: { ...stored.secure, ...given.secure },
  }
  kept(call.state, datasource)
  return answered(datasource, 'Datasource updated')
}

/** What is empty does not overwrite, but of some columns (MustCols of the same file): a URL cannot be cleared. */
function changed(stored: StoredDatasource, { members }: GivenDatasource): StoredDatasource['members'] {
  const kept = (['name', 'type', 'access', 'url', 'basicAuthUser'] as const)
    .filter((name) => members[name] === '')
    .map((name) => [name, own(stored.members, name)] as const)
  return toJsonObject({ ...members, ...Object.fromEntries(kept) })
}

export const deleteDatasource: Handler = (call) => {
  const stored = asked(call)
  if (stored.readOnly) throw refused(403, 'Cannot delete read-only data source')
  call.state.data.datasources.delete(stored.uid)
  return ok({ message: 'Data source deleted', id: stored.id })
}

/** pkg/api/plugins.go: Grafana asks the backend. */
export const checkDatasource: Handler = (call) => {
  const uid = named(call)
  if (!isUid(uid)) throw refused(400, 'UID is invalid')
  const stored = call.state.data.datasources.get(uid)
  if (stored === undefined) throw failed(500, 'Unable to load datasource metadata')
  if (!installed.has(textAt(stored.members, 'type')))
    throw identified(404, 'plugin.notRegistered', 'Plugin not registered')
  // pkg/plugins/errors.go
  if (unasked.has(textAt(stored.members, 'type')))
    throw identified(404, 'plugin.notImplemented', 'Method not implemented')
  const fault = call.state.sick.get(uid)
  if (fault !== undefined) return ok({ status: 'ERROR', message: fault }, 400)
  return ok({ status: 'OK', message: 'Successfully queried the API.' })
}
