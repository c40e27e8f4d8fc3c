import { ReconcileError } from '../errors.ts'
import { isRecord } from './answer.ts'
import { BodyTooLarge } from './exchange.ts'
import { hasStatus } from './kube-error.ts'
import { readConfigMap, type ConfigMap } from './objects.ts'
import { configMapPath, type KubeClient } from './rest.ts'
import { selectorQuery, type Selector } from './selector.ts'

/** One consistent list: every page is of the same `version`. */
export interface ListResult {
  readonly objects: readonly ConfigMap[]
  readonly version: string
}

interface Page extends ListResult {
  readonly next: string | undefined
}

const pageSize = 500

/**
 * A list from etcd's own state (resourceVersion unset). Pages, and asks for smaller ones when an answer is too large; when a
 * continue token expires half way (410), everything is asked for at once.
 */
export async function listAll(
  client: KubeClient,
  selector: Selector,
  signal: AbortSignal,
): Promise<ListResult> {
  for (let limit = pageSize; ; limit = Math.floor(limit / 4)) {
    try {
      return await listPages(client, selector, signal, limit)
    } catch (error) {
      if (hasStatus(error, 410)) return await listPage(client, selector, signal, {})
      if (!(error instanceof BodyTooLarge) || limit <= 1) throw error
    }
  }
}

async function listPages(
  client: KubeClient,
  selector: Selector,
  signal: AbortSignal,
  limit: number,
): Promise<ListResult> {
  const first = await listPage(client, selector, signal, { limit })
  const objects = [...first.objects]
  for (let next = first.next; next !== undefined;) {
    const page = await listPage(client, selector, signal, { limit, continue: next })
    objects.push(...page.objects)
    next = page.next
  }
  return { objects, version: first.version }
}

async function listPage(
  client: KubeClient,
  selector: Selector,
  signal: AbortSignal,
  paging: { readonly limit?: number; readonly continue?: string },
): Promise<Page> {
  const query = { ...selectorQuery(selector), ...paging }
  const { body } = await client.request({
    method: 'GET',
    path: configMapPath(selector.namespace),
    query,
    signal,
  })
  const page = readPage(body)
  if (page !== undefined) return page
  throw new ReconcileError(
    'ApiServerUnreachable',
    'the answer to list configmaps is not a list of ConfigMaps',
  )
}

function readPage(body: unknown): Page | undefined {
  if (!isRecord(body) || !isRecord(body['metadata']) || !Array.isArray(body['items'])) return undefined
  const { resourceVersion: version, continue: next } = body['metadata']
  if (typeof version !== 'string' || version === '') return undefined
  const objects = body['items'].map(readConfigMap).filter((each) => each !== undefined)
  if (objects.length !== body['items'].length) return undefined
  return { objects, version, next: typeof next === 'string' && next !== '' ? next : undefined }
}
