import { isObject, own, ownObject, toJson, withMembers, type JsonObject } from '../../src/core/json.ts'
import { listAt, textAt } from '../../src/core/members.ts'
import type { Hands } from '../contract/subject.ts'

type Method = 'GET' | 'PUT' | 'POST' | 'DELETE'

/** Somebody else's way to a Grafana: plain HTTP, or the fake asked directly. `path` begins with `/api` or `/apis`. */
export type AskGrafana = (
  method: Method,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<{ readonly status: number; readonly body: unknown }>

/** What a person can do with one Grafana. Refusals are errors, so that no test goes on without what it set up. */
export class GrafanaDesk {
  readonly #ask: AskGrafana

  constructor(ask: AskGrafana) {
    this.#ask = ask
  }

  /** Undefined where there is none. */
  async get(path: string): Promise<JsonObject | undefined> {
    const { status, body } = await this.#ask('GET', path)
    if (status === 404) return undefined
    if (status !== 200 || !isObject(body)) throw refusal('GET', path, status, body)
    return body as JsonObject
  }

  async list(path: string): Promise<readonly unknown[]> {
    const { status, body } = await this.#ask('GET', path)
    if (status !== 200) throw refusal('GET', path, status, body)
    return Array.isArray(body) ? body : listAt(body, 'items')
  }

  async write(method: Method, path: string, body?: unknown, headers = {}): Promise<unknown> {
    const { status, body: answer } = await this.#ask(method, path, body, headers)
    if (status < 200 || status > 299) throw refusal(method, path, status, answer)
    return answer
  }

  async remove(path: string): Promise<void> {
    const { status, body } = await this.#ask('DELETE', path)
    if (status !== 404 && (status < 200 || status > 299)) throw refusal('DELETE', path, status, body)
  }
}

function refusal(method: string, path: string, status: number, body: unknown): Error {
  return new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`)
}

/** Names outside what the test made are left alone: a real Grafana may have more. */
export function folderBystander(ask: AskGrafana): Hands {
  const desk = new GrafanaDesk(ask)
  const pathOf = (name: string) => `/api/folders/${name}`
  return {
    look: async (name) => {
      const found = await desk.get(pathOf(name))
      return found && pick(found, ['uid', 'title', 'description', 'parentUid'])
    },
    make: async (name, entry) => {
      const { title, description, parent } = entry as { title: string; description?: string; parent?: string }
      await desk.write('POST', '/api/folders', { uid: name, title, description, parentUid: parent })
    },
    remove: async (name) => desk.remove(pathOf(name)),
    drift: async (name) => {
      const { version } = (await desk.get(pathOf(name))) ?? {}
      await desk.write('PUT', pathOf(name), { title: 'by hand', version })
    },
  }
}

const dashboardApi = '/apis/dashboard.grafana.app/v0alpha1/namespaces/default/dashboards'

interface ReadDashboard {
  /** All that the newer API shows; undefined where there is no /apis. */
  readonly object: JsonObject | undefined
  readonly spec: JsonObject
  /** '': at the top. */
  readonly folder: string
}

/** A dashboard as it is kept. Where there is no /apis, what is saved over the older API. */
export async function readDashboard(desk: GrafanaDesk, name: string): Promise<ReadDashboard | undefined> {
  const object = await desk.get(`${dashboardApi}/${name}`)
  const shown = object ?? (await desk.get(`/api/dashboards/uid/${name}`))
  if (shown === undefined) return undefined
  const spec = ownObject(shown, object === undefined ? 'dashboard' : 'spec') as JsonObject
  const folder =
    textAt(shown, 'metadata', 'annotations', 'grafana.app/folder') || textAt(shown, 'meta', 'folderUid')
  return { object, spec, folder: folder === 'general' ? '' : folder }
}

export function dashboardBystander(ask: AskGrafana): Hands {
  const desk = new GrafanaDesk(ask)
  return {
    look: async (name) => {
      const found = await readDashboard(desk, name)
      if (found === undefined) return undefined
      const spec = Object.entries(found.spec).filter(([member]) => !['id', 'uid', 'version'].includes(member))
      return { spec: Object.fromEntries(spec), folder: found.folder }
    },
    make: async (name, entry) => {
      const dashboard = { ...ownObject(entry, 'definition'), uid: name, id: null }
      await desk.write('POST', '/api/dashboards/db', { dashboard, folderUid: '', overwrite: false })
    },
    remove: async (name) => desk.remove(`/api/dashboards/uid/${name}`),
    drift: async (name) => editDashboard(ask, name, { title: 'by hand' }),
  }
}

/** A person changes members of a dashboard and saves it, as Grafana's own pages do. */
export async function editDashboard(ask: AskGrafana, name: string, members: JsonObject): Promise<void> {
  const desk = new GrafanaDesk(ask)
  const found = await readDashboard(desk, name)
  if (found === undefined) throw new Error(`there is no dashboard ${name}`)
  const { object, folder } = found
  const spec = withMembers(found.spec, members)
  if (object !== undefined) await desk.write('PUT', `${dashboardApi}/${name}`, { ...object, spec })
  else
    await desk.write('POST', '/api/dashboards/db', { dashboard: spec, folderUid: folder, overwrite: false })
}

export function datasourceBystander(ask: AskGrafana): Hands {
  const desk = new GrafanaDesk(ask)
  const pathOf = (name: string) => `/api/datasources/uid/${name}`
  const own = ['uid', 'name', 'type', 'access', 'url', 'user', 'database', 'basicAuth', 'basicAuthUser']
  return {
    look: async (name) => {
      const found = await desk.get(pathOf(name))
      return found && pick(found, [...own, 'withCredentials', 'isDefault', 'jsonData', 'secureJsonFields'])
    },
    make: async (name, entry) => {
      const body = { name, access: 'proxy', ...(entry as JsonObject), uid: name }
      await desk.write('POST', '/api/datasources', body)
    },
    remove: async (name) => desk.remove(pathOf(name)),
    drift: async (name) => {
      const found = (await desk.get(pathOf(name))) ?? {}
      await desk.write('PUT', pathOf(name), {
        ...found,
        jsonData: { ...ownObject(found, 'jsonData'), timeInterval: '5s' },
      })
    },
  }
}

/** With it an alert rule is saved as the pages do, which lock nothing. */
export const noProvenance = { 'X-Disable-Provenance': 'true' }

export function alertRuleBystander(ask: AskGrafana): Hands {
  const desk = new GrafanaDesk(ask)
  const rules = '/api/v1/provisioning/alert-rules'
  return {
    look: async (name) => {
      const found = await desk.get(`${rules}/${name}`)
      if (found === undefined) return undefined
      return Object.fromEntries(
        Object.entries(found).filter(([member]) => !['id', 'updated'].includes(member)),
      )
    },
    make: async (name, entry) => {
      const { folder, group, rule } = entry as { folder: string; group: string; rule: JsonObject }
      const usual = { noDataState: 'NoData', execErrState: 'Error', orgID: 1 }
      const body = { ...usual, ...rule, uid: name, folderUID: folder, ruleGroup: group }
      await desk.write('POST', rules, body, noProvenance)
    },
    remove: async (name) => desk.remove(`${rules}/${name}`),
    drift: async (name) => {
      const found = (await desk.get(`${rules}/${name}`)) ?? {}
      const labels = { ...ownObject(found, 'labels'), severity: 'by hand' }
      await desk.write('PUT', `${rules}/${name}`, { ...found, labels }, noProvenance)
    },
  }
}

function pick(object: JsonObject, members: readonly string[]): JsonObject {
  return Object.fromEntries(
    members.flatMap((member) => {
      const value = own(object, member)
      return value === undefined ? [] : [[member, toJson(value)]]
    }),
  )
}

/** Takes away what a test made: alert rules, dashboards, datasources, and folders from the innermost outwards. */
export async function clearGrafana(ask: AskGrafana, names: readonly string[]): Promise<void> {
  const desk = new GrafanaDesk(ask)
  const folders = new Set<string>()
  for (const name of names) if ((await desk.get(`/api/folders/${name}`)) !== undefined) folders.add(name)
  // The older API refuses to delete a folder as a dashboard.
  const others = names.filter((name) => !folders.has(name))
  for (const name of names.toReversed()) await alertRuleBystander(ask).remove(name)
  for (const name of others.toReversed()) await dashboardBystander(ask).remove(name)
  for (const name of names.toReversed()) await datasourceBystander(ask).remove(name)
  for (const name of names.toReversed()) await folderBystander(ask).remove(name)
}
