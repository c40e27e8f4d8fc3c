import { type Call, flag, ok } from './fake-call.ts'
import { mappingOfDocument } from './fake-dynamic.ts'
import { pipelineOf, runPipeline } from './fake-definitions.ts'
import type { DocumentWrite, FakeIndex, WriteResult } from './fake-index.ts'
import { createIndex, limitOf } from './fake-create.ts'
import { setMapping } from './fake-indices.ts'
import { mergeMapping } from './fake-mapping-merge.ts'
import { ServerRefusal, illegalArgument, noAlias, noSuchIndex } from './fake-refusal.ts'
import type { FakeState } from './fake-state.ts'
import { javaText } from './fake-text.ts'
import { isObject, toJsonObject } from '../../src/core/json.ts'
import type { JsonObject } from './resource.ts'
import type { WireAnswer } from './client/wire.ts'

/** A write as a request asks for it: where to, and what decides on the way. */
export interface Target {
  readonly name: string
  readonly requireAlias: boolean
  /** Undefined: the index's own. */
  readonly pipeline?: string
}

interface Written extends WriteResult {
  readonly index: FakeIndex
}

/** One document, with all that the server does on the way: auto-create, blocks, pipelines, dynamic mapping. */
export function writeDocument(state: FakeState, target: Target, write: DocumentWrite): Written {
  const index = indexFor(state, target, write.source === undefined)
  index.checkBlocks(write.source === undefined ? 'delete' : 'write')
  const source = write.source === undefined ? undefined : transformed(state, index, target, write.source)
  if (source !== undefined) learn(state, index, write.id, source)
  return { index, ...index.write({ ...write, source }) }
}

function indexFor(state: FakeState, { name, requireAlias }: Target, deletes: boolean): FakeIndex {
  if (requireAlias && state.aliased(name).length === 0) throw noAlias(name)
  const found = state.writeIndex(name)
  if (found !== undefined) return found
  const allowed = state.persistent.get('action.auto_create_index') !== 'false'
  if (deletes || !allowed) throw noSuchIndex(name)
  return createIndex(state, name)
}

function transformed(state: FakeState, index: FakeIndex, target: Target, source: JsonObject): JsonObject {
  const first = target.pipeline ?? pipelineOf(index, 'default')
  const pipelines = [first === '_none' ? undefined : first, pipelineOf(index, 'final')]
  let document: JsonObject = source
  for (const name of pipelines) if (name !== undefined) document = runPipeline(state, name, document)
  return document
}

function learn(state: FakeState, index: FakeIndex, id: string, source: JsonObject): void {
  const update = mappingOfDocument(index.mapping, id, source)
  if (update === undefined) return
  setMapping(state, index, mergeMapping(index.mapping, update, limitOf(index.settings)))
}

function shown(
  index: FakeIndex,
  id: string,
  { result, version, seqNo }: WriteResult,
): Readonly<Record<string, unknown>> {
  const _shards = { total: 1 + index.replicas, successful: 1, failed: 0 }
  return { _index: index.name, _id: id, _version: version, result, _shards, _seq_no: seqNo, _primary_term: 1 }
}

function statusOf({ result }: WriteResult): number {
  if (result === 'created') return 201
  return result === 'not_found' ? 404 : 200
}

function conditions(query: ReadonlyMap<string, string>): Partial<DocumentWrite> {
  const text = (name: string) => query.get(name)
  const [version, versionType, routing, ifSeqNo] = [
    text('version'),
    text('version_type'),
    text('routing'),
    text('if_seq_no'),
  ]
  return {
    ...(version === undefined ? {} : { version: Number(version) }),
    ...(versionType === undefined ? {} : { versionType }),
    ...(routing === undefined ? {} : { routing }),
    ...(ifSeqNo === undefined ? {} : { ifSeqNo: Number(ifSeqNo) }),
    ...(text('op_type') === 'create' ? { create: true } : {}),
  }
}

/** `PUT /<index>/_doc/<id>`, `POST /<index>/_doc`, `DELETE /<index>/_doc/<id>`; `create`: `PUT /<index>/_create/<id>`. */
export function putDocument(create: boolean): (call: Call) => WireAnswer {
  return (call) => {
    const { state, names, query, body, method } = call
    const [name = '', id = `auto-${state.serial()}`] = names
    const pipeline = query.get('pipeline')
    const target = {
      name,
      requireAlias: flag(call, 'require_alias'),
      ...(pipeline === undefined ? {} : { pipeline }),
    }
    const source = method === 'DELETE' ? undefined : toJsonObject(body)
    const write = { ...conditions(query), id, source, ...(create ? { create } : {}) }
    const written = writeDocument(state, target, write)
    if (flag(call, 'refresh')) written.index.refresh()
    return ok({ ...shown(written.index, id, written), ...forced(call) }, statusOf(written))
  }
}

export function getDocument({ state, names, query }: Call): WireAnswer {
  const [name = '', id = ''] = names
  const indices = state.resolve(name, { closed: true, hidden: true, forbidClosed: true })
  if (indices.length > 1)
    throw illegalArgument(
      `alias [${name}] has more than one index associated with it [${indices.map((each) => each.name).join(', ')}], can't execute a single index op`,
    )
  const [index] = indices
  const document = index?.find(id, query.get('routing'))
  if (document === undefined) return ok({ _index: index?.name, _id: id, found: false }, 404)
  const routing = document.routing === undefined ? {} : { _routing: document.routing }
  return ok({
    _index: index?.name,
    _id: id,
    _version: document.version,
    _seq_no: document.seqNo,
    _primary_term: 1,
    ...routing,
    found: true,
    _source: document.source,
  })
}

/** `POST [/<index>]/_bulk`: an item that fails does not stop the others. */
export function bulk(call: Call): WireAnswer {
  const lines = Array.isArray(call.body) ? (call.body as readonly unknown[]) : []
  const touched = new Set<FakeIndex>()
  const items: unknown[] = []
  let errors = false
  for (let line = 0; line < lines.length; line += 1) {
    const [action = '', meta] = Object.entries(isObject(lines[line]) ? (lines[line] as object) : {})[0] ?? []
    if (!['index', 'create', 'delete'].includes(action)) {
      throw illegalArgument(
        `Malformed action/metadata line [${line + 1}], expected one of [create, delete, index, update] but found [${action}]`,
      )
    }
    const source = action === 'delete' ? undefined : toJsonObject(lines[(line += 1)])
    const item = bulkItem(call, action, meta, source, touched)
    if ('error' in item) errors = true
    items.push({ [action]: item })
  }
  if (flag(call, 'refresh')) for (const index of touched) index.refresh()
  return ok({ errors, took: 1, items })
}

function bulkItem(
  call: Call,
  action: string,
  meta: unknown,
  source: JsonObject | undefined,
  touched: Set<FakeIndex>,
): object {
  const { state, names, query } = call
  const asked = new Map(textsOf(meta))
  const name = asked.get('_index') ?? names[0] ?? ''
  const id = asked.get('_id') ?? `auto-${state.serial()}`
  const pipeline = asked.get('pipeline') ?? query.get('pipeline')
  const requireAlias = asked.get('require_alias') === 'true' || flag(call, 'require_alias')
  const target = { name, requireAlias, ...(pipeline === undefined ? {} : { pipeline }) }
  try {
    const write = { ...conditions(asked), id, source, ...(action === 'create' ? { create: true } : {}) }
    const written = writeDocument(state, target, write)
    touched.add(written.index)
    return { ...forced(call), ...shown(written.index, id, written), status: statusOf(written) }
  } catch (error) {
    if (!(error instanceof ServerRefusal)) throw error
    return { _index: nameBehind(state, name), _id: id, status: error.status, error: error.toError() }
  }
}

function textsOf(members: unknown): readonly (readonly [string, string])[] {
  return Object.entries(isObject(members) ? members : {}).map(([key, value]) => [key, javaText(value)])
}

/** What the server says of a write that it made visible at once. */
function forced(call: Call): object {
  return flag(call, 'refresh') && call.query.get('refresh') !== 'wait_for' ? { forced_refresh: true } : {}
}

/** The index that an answer names where the request named an alias. */
export function nameBehind(state: FakeState, name: string): string {
  return state.indices.get(name)?.name ?? state.aliased(name)[0]?.name ?? name
}

export function refresh({ state, names }: Call): WireAnswer {
  const indices = state.resolve(names[0] ?? '', { hidden: true, forbidClosed: true })
  for (const index of indices) index.refresh()
  const total = indices.reduce((sum, index) => sum + index.shards * (1 + index.replicas), 0)
  const successful = indices.reduce((sum, index) => sum + index.shards, 0)
  return ok({ _shards: { total, successful, failed: 0 } })
}
