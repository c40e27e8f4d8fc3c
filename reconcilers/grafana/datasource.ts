import { type JsonObject, objectOf, own, ownObject, toJson, toJsonObject } from '../../src/core/json.ts'
import { figureAt, textAt } from '../../src/core/members.ts'
import type { Change, Fields, Json } from '../../src/core/resource.ts'
import type { SecretReference } from '../../src/reconcile/resource-type.ts'
import { lean } from './dashboard/lean.ts'
import { masked, maskedUrl } from './plain-secrets.ts'
import type { Datasource } from './resource.ts'
import type { WrittenDatasource } from './schema.ts'

/** Members that are texts; an empty one is none. */
const texts = ['name', 'type', 'access', 'url', 'user', 'database', 'basicAuthUser'] as const
const flags = ['basicAuth', 'withCredentials'] as const

const jsonPrefix = 'jsonData.'
const securePrefix = 'secure.'

/** Set by another API, and kept by Grafana whatever is sent (RetainExistingLBACRules). */
const teamHeaders = 'jsonData.teamHttpHeaders'

/** The same for both sides; `body` in the words of `/api/datasources`. Plain secrets that somebody left in it are not shown. */
export function datasourceFields(body: JsonObject, secure: ReadonlyMap<string, Json> = new Map()): Fields {
  const fields = new Map<string, Json>()
  for (const name of texts) {
    const value = textAt(body, name)
    if (value !== '') fields.set(name, name === 'url' ? maskedUrl(value) : value)
  }
  if (!fields.has('access')) fields.set('access', 'proxy')
  for (const name of flags) fields.set(name, own(body, name) === true)
  if (typeof body['isDefault'] === 'boolean') fields.set('isDefault', body['isDefault'])
  for (const [name, value] of settingsIn(body)) fields.set(jsonPrefix + name, value)
  for (const [name, value] of secure) fields.set(securePrefix + name, value)
  return fields
}

/** The members of `jsonData` that say something. */
function* settingsIn(body: JsonObject): Iterable<readonly [string, Json]> {
  for (const [name, value] of Object.entries(ownObject(body, 'jsonData'))) {
    const member = lean(masked(toJson(value), name))
    if (member !== null && member !== '') yield [name, member]
  }
}

/** Written → desired. Where a Secret is named, its fingerprint takes the place of the name later. */
export function normalizeDatasource(name: string, written: WrittenDatasource): Datasource {
  const { secure: values = {}, health, ...body } = written
  const secure = new Map(Object.entries(values).map(([key, { secret }]) => [key, secret] as const))
  const standIns = [...secure].map(
    ([key, { name: of, key: at }]) => [key, { secret: `${of}/${at}` }] as const,
  )
  return {
    type: 'datasources',
    name,
    fields: datasourceFields(toJsonObject({ name, ...body }), new Map(standIns)),
    whole: true,
    baseline: true,
    secure,
    ...(health === 'checked' && { health }),
  }
}

/**
 * The server's → observed; `body` as GET by uid answers. `desired`: what is wished of it, where that is known: which one is the default
 * is nobody's business unless it is written.
 */
export function observedDatasource(name: string, body: unknown, desired?: Datasource): Datasource {
  const said = toJsonObject(body)
  const version = figureAt(said, 'version') ?? 0
  const set = secureKeysOf(said)
  const fields = new Map(datasourceFields(said, new Map(set.map((key) => [key, { set: version }]))))
  fields.delete(teamHeaders)
  if (desired?.fields.has('isDefault') === false) fields.delete('isDefault')
  const id = figureAt(said, 'id')
  return {
    type: 'datasources',
    name,
    fields,
    facts: { version, readOnly: own(said, 'readOnly') === true, secure: new Set(set) },
    ...(id === undefined ? {} : { id: String(id) }),
  }
}

/** The keys that have a value; `body` as GET by uid answers. */
export function secureKeysOf(body: unknown): readonly string[] {
  return Object.entries(ownObject(body, 'secureJsonFields')).flatMap(([key, is]) =>
    is === true ? [key] : [],
  )
}

/**
 * What is sent for a change: what is there, and each field of the change in it, so that what is withheld or ignored stays as it is.
 * Without `secureJsonData`. `live`: as GET by uid answers.
 */
export function datasourceBody({ fields, observed }: Change<Datasource>, live: unknown): JsonObject {
  const there = toJsonObject(observed === undefined ? {} : live)
  const body = new Map<string, Json>([['access', 'proxy']])
  for (const name of [...texts, ...flags, 'isDefault', 'apiVersion']) {
    const value = there[name]
    if (value !== undefined) body.set(name, value)
  }
  const jsonData = new Map(
    Object.entries(ownObject(there, 'jsonData')).map(([name, at]) => [name, toJson(at)]),
  )
  for (const { path, after } of fields) {
    if (path.startsWith(securePrefix)) continue
    const within = path.startsWith(jsonPrefix)
    put(within ? jsonData : body, within ? path.slice(jsonPrefix.length) : path, after, within)
  }
  return objectOf([...body, ['jsonData', objectOf(jsonData)]])
}

/** A member that is left out of the body stays in Grafana as it is, so that an empty text takes the place of what goes. */
function put(members: Map<string, Json>, name: string, after: Json | undefined, within: boolean): void {
  if (after !== undefined) members.set(name, after)
  else if (within) members.delete(name)
  else members.set(name, typeof members.get(name) === 'boolean' ? false : '')
}

/** The fields whose values are kept in Secrets, and where Grafana sends them. */
export function secretsOf({ fields, secure }: Datasource): readonly SecretReference[] {
  const url = fields.get('url')
  const at = typeof url === 'string' ? { url } : {}
  return [...(secure ?? [])].map(([key, secret]) => ({ path: securePrefix + key, secret, ...at }))
}
