import { type JsonObject, objectOf, withMembers } from '../../../../src/core/json.ts'
import type { Change } from '../../../../src/core/resource.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import { datasourceBody } from '../../datasource.ts'
import type { Datasource } from '../../resource.ts'
import { mustLeadWhereAllowed } from './allowed-way.ts'
import type { LiveDatasource } from './live-datasource.ts'

const secure = 'secure.'

export function isSecure({ path }: { readonly path: string }): boolean {
  return path.startsWith(secure)
}

/**
 * What is sent: all that is there, for what a PUT does not say is emptied, with what is to change in its place. Secrets are the
 * exception: Grafana keeps those that are not sent, so that only those go over the wire that are to change. Without a version a PUT
 * would overwrite anybody's.
 */
export function nextDatasource(change: Change<Datasource>, live: LiveDatasource | undefined): JsonObject {
  const secrets = secretsOf(change)
  const body = datasourceBody(change, live?.body)
  mustLeadWhereAllowed(change, body, live, secrets)
  return withMembers(body, {
    uid: change.name,
    ...(live === undefined ? {} : { version: live.version }),
    ...(secrets.size === 0 ? {} : { secureJsonData: objectOf(secrets) }),
  })
}

/** The keys whose values are sent. An empty text hides a key that is no longer written: Grafana has no other way to remove one. */
export function secretsOf({ name, fields, desired }: Change<Datasource>): ReadonlyMap<string, string> {
  const sent = new Map<string, string>()
  for (const { path, after } of fields) {
    if (!isSecure({ path })) continue
    const value = after === undefined ? '' : desired?.secrets?.reveal(path)
    if (value === undefined)
      throw new ReconcileError('SecretNotUsable', `datasource "${name}": the value of ${path} was not read`)
    sent.set(path.slice(secure.length), value)
  }
  return sent
}

/** Words without the values that were sent. */
export function redacted(words: string, change: Change<Datasource>): string {
  const secrets = change.fields
    .flatMap(({ path }) => (isSecure({ path }) ? (change.desired?.secrets?.reveal(path) ?? []) : []))
    .filter((secret) => secret.length > 2)
    .toSorted((a, b) => b.length - a.length)
  return secrets.reduce((text, secret) => text.replaceAll(secret, '[secret]'), words)
}
