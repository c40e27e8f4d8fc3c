import { own } from '../../src/core/json.ts'
import { type Call, type Members, figureIn } from './fake-call.ts'
import { metadataOf } from './fake-object-body.ts'
import { inOrder } from './fake-object-store.ts'
import { type ObjectType, Refusal, badRequest, statusBody } from './fake-refusal.ts'
import type { FakeState, StoredObject } from './fake-state.ts'

type Partial = 'PartialObjectMetadata' | 'PartialObjectMetadataList'

/**
 * Whether the answer is to be the metadata only: what the generic API server of Kubernetes understands by `Accept`. A client that takes
 * nothing else is refused where that is switched off.
 */
export function wantsMetadata({ headers, switches }: Call, kind: Partial): boolean {
  const accepts = (headers.get('accept') ?? '').split(',').map((each) => each.replaceAll(' ', ''))
  const wanted = accepts.some((each) => each.split(';').includes(`as=${kind}`))
  if (!wanted || switches.partialMetadata) return wanted
  if (accepts.some((each) => /^(application\/json|\*\/\*)(;q=[\d.]+)?$/.test(each))) return false
  const message = `only the following media types are accepted: application/json`
  throw new Refusal(406, statusBody({ code: 406, reason: 'NotAcceptable', message, details: {} }))
}

export function listObjects(
  call: Call,
  type: ObjectType,
  apiVersion: string,
  bodyOf: (object: StoredObject) => Members,
): Members {
  const partial = wantsMetadata(call, 'PartialObjectMetadataList')
  // Nothing of the content is converted where it is not told.
  const bodies = partial ? (object: StoredObject) => metadataOnly(call, object, apiVersion) : bodyOf
  const { items, more } = page(call, selected(call, type), bodies)
  const head = partial
    ? { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' }
    : { kind: `${type.kind}List`, apiVersion }
  const resourceVersion = String(call.state.counters.last * 1_000)
  return { ...head, metadata: { resourceVersion, ...more }, items }
}

function metadataOnly(call: Call, object: StoredObject, apiVersion: string): Members {
  const metadata = metadataOf(call, object, apiVersion)
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
}

const sizes = new WeakMap<StoredObject, number>()

/** Counted is what is stored, whatever of it is answered. */
function sizeOf(object: StoredObject): number {
  const size = sizes.get(object) ?? JSON.stringify(object).length
  sizes.set(object, size)
  return size
}

/** A page ends at `limit`, or after the first object that makes it too large: pkg/storage/unified/resource/server.go. */
function page(
  call: Call,
  objects: readonly StoredObject[],
  bodyOf: (object: StoredObject) => Members,
): { readonly items: readonly Members[]; readonly more: Members } {
  const start = begin(call)
  const limit = figureIn(call, 'limit', Infinity)
  const items: Members[] = []
  let bytes = 0
  for (const object of objects.slice(start)) {
    if (items.length >= limit || bytes >= call.switches.pageBytes) break
    bytes += sizeOf(object)
    items.push(bodyOf(object))
  }
  const reached = start + items.length
  if (reached >= objects.length) return { items, more: {} }
  const token = { o: reached, v: call.state.counters.last, s: false }
  return { items, more: { continue: Buffer.from(JSON.stringify(token)).toString('base64') } }
}

function begin({ query }: Call): number {
  const token = query.get('continue') ?? ''
  if (token === '') return 0
  try {
    const found = own(JSON.parse(Buffer.from(token, 'base64').toString()), 'o')
    if (typeof found === 'number') return found
  } catch {
    // Told below.
  }
  throw badRequest('continue key is not valid')
}

function selected(call: Call, type: ObjectType): readonly StoredObject[] {
  const name = /(?:^|,)metadata\.name==?([^,]+)/.exec(call.query.get('fieldSelector') ?? '')?.[1]
  const labels = (call.query.get('labelSelector') ?? '').split(',').filter((each) => each !== '')
  // docs: developers/http_api/dashboard/resource-history
  if (labels.includes('grafana.app/get-history=true')) return history(call.state, type, name ?? '')
  const all = inOrder([...call.state.data[type.resource].values()])
  return all.filter(
    (each) => (name === undefined || each.name === name) && labels.every((label) => hasLabel(each, label)),
  )
}

function hasLabel({ labels }: StoredObject, selector: string): boolean {
  const [key = '', value = ''] = selector.split(/==?/)
  return labels[key] === value
}

/** The newest first. */
export function history({ data }: FakeState, type: ObjectType, name: string): readonly StoredObject[] {
  if (type.resource === 'dashboards') return (data.history.get(name) ?? []).toReversed()
  const found = data.folders.get(name)
  return found === undefined ? [] : [found]
}
