import { type JsonObject, isJsonObject, toJsonObject, withMembers } from '../../../../src/core/json.ts'
import { figureAt, textAt } from '../../../../src/core/members.ts'
import { datasourceBody, observedDatasource } from '../../datasource.ts'
import { maskedUrl, withoutSecrets } from '../../plain-secrets.ts'
import type { Datasource } from '../../resource.ts'
import { accepted, isMissing } from '../failures.ts'
import type { Wire } from '../wire.ts'

/** A datasource as the server shows it. Values of secrets are never shown. */
export interface LiveDatasource {
  readonly uid: string
  readonly id: string
  readonly version: number
  readonly isDefault: boolean
  /** Without a picture of its plugin's own, as where that plugin is missing. */
  readonly plain: boolean
  readonly body: JsonObject
}

export function pathOf(uid: string, ...more: readonly string[]): string {
  return ['/api/datasources/uid', ...[uid, ...more].map(encodeURIComponent)].join('/')
}

/** Undefined: there is none of this uid. */
export async function readDatasource(
  wire: Wire,
  uid: string,
  signal: AbortSignal,
): Promise<LiveDatasource | undefined> {
  const answer = await wire.send({ method: 'GET', path: pathOf(uid) }, signal)
  if (isMissing(answer)) return undefined
  const body = toJsonObject(accepted(answer, `reading datasource "${uid}"`))
  return {
    uid,
    id: String(figureAt(body, 'id') ?? ''),
    version: figureAt(body, 'version') ?? 0,
    isDefault: body['isDefault'] === true,
    plain: isPlain(body),
    body,
  }
}

/** The picture that stands for any datasource. */
export function isPlain(shown: unknown): boolean {
  return textAt(shown, 'typeLogoUrl').endsWith('/icn-datasource.svg')
}

/** Live → observed. The original is what can be sent back. */
export function showDatasource({ uid, body }: LiveDatasource, desired: Datasource | undefined): Datasource {
  const observed = observedDatasource(uid, body, desired)
  return { ...observed, original: { text: JSON.stringify(sendableOf(observed, body)) } }
}

function sendableOf(observed: Datasource, body: JsonObject): JsonObject {
  const { type, name } = observed
  const sent = datasourceBody({ action: 'update', type, name, cause: 'drift', fields: [], observed }, body)
  const { jsonData } = sent
  return withMembers(sent, {
    uid: name,
    url: maskedUrl(textAt(sent, 'url')),
    ...(jsonData !== undefined && isJsonObject(jsonData) && { jsonData: withoutSecrets(jsonData) }),
  })
}
