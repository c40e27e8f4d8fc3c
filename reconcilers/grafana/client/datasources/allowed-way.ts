import { isAllowed } from '../../../../src/core/allowed-url.ts'
import type { JsonObject } from '../../../../src/core/json.ts'
import { textAt } from '../../../../src/core/members.ts'
import { quote } from '../../../../src/core/quote.ts'
import type { Change, Json } from '../../../../src/core/resource.ts'
import { listed } from '../../../../src/core/text.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import { secureKeysOf } from '../../datasource.ts'
import { maskedUrl } from '../../plain-secrets.ts'
import type { Datasource } from '../../resource.ts'
import type { LiveDatasource } from './live-datasource.ts'

/**
 * Secrets allow the `url` that is written. Throws where a value would go elsewhere with this request: what `infometis.io/ignore` names
 * stays as it is, Grafana never empties a url, and it keeps the values that are not sent.
 */
export function mustLeadWhereAllowed(
  { name, desired }: Change<Datasource>,
  body: JsonObject,
  live: LiveDatasource | undefined,
  secrets: ReadonlyMap<string, string>,
): void {
  const before = textAt(live?.body, 'url')
  const leads = textAt(body, 'url') || before
  const sent = [...secrets].filter(([, value]) => value !== '').map(([key]) => key)
  const nobodys = secureKeysOf(live?.body).filter((key) => !secrets.has(key) && !desired?.secure?.has(key))
  const words = sendingIssue(sent, { leads, access: body['access'], written: desired?.fields.get('url') })
  const message = words ?? movingIssue(nobodys, before, leads)
  if (message !== undefined) throw new ReconcileError('SecretNotUsable', `datasource "${name}": ${message}`)
}

interface Way {
  readonly leads: string
  readonly access: Json | undefined
  readonly written: Json | undefined
}

function sendingIssue(keys: readonly string[], { leads, access, written }: Way): string | undefined {
  if (keys.length === 0) return undefined
  if (access === 'direct')
    return `${listed(keys)} is not sent: with the access "direct" every browser would get it`
  const url = typeof written === 'string' ? written : ''
  if (isAllowed(leads, new Set([url]))) return undefined
  return `${listed(keys)} is not sent: Grafana would use it for ${quote(maskedUrl(leads))}, and ${url === '' ? 'no url' : quote(url)} is written: take "url" out of infometis.io/ignore, write that url, or delete the datasource so that it is made anew`
}

function movingIssue(keys: readonly string[], before: string, leads: string): string | undefined {
  if (keys.length === 0 || isAllowed(leads, new Set([before]))) return undefined
  return `url is not changed: ${listed(keys)} is set and not written, and Grafana would send it to the new address: write it under "secure", take it out of infometis.io/ignore, or change the url in Grafana`
}
