import { type Call, flag, ok } from './fake-call.ts'
import type { FakeDocument, FakeIndex } from './fake-index.ts'
import { ServerRefusal, illegalArgument } from './fake-refusal.ts'
import { javaText } from './fake-text.ts'
import { isObject, own } from '../../src/core/json.ts'
import type { JsonObject } from './resource.ts'
import type { WireAnswer } from './client/wire.ts'

/** A document where a search finds it. */
export interface Hit {
  readonly index: FakeIndex
  readonly document: FakeDocument
}

type Matcher = (hit: Hit) => boolean

/** The queries that this project sends, and those that a test needs to look. Others are refused like unknown ones. */
export function matcherOf(query: unknown): Matcher {
  const [kind, body] = Object.entries(isObject(query) ? query : { match_all: {} })[0] ?? ['match_all', {}]
  const make = Object.hasOwn(matchers, kind) ? matchers[kind] : undefined
  if (make !== undefined) return make(body)
  throw new ServerRefusal('parsing_exception', `unknown query [${kind}]`, {
    cause: new ServerRefusal('named_object_not_found_exception', `[1:19] unknown field [${kind}]`),
  })
}

const matchers: Readonly<Record<string, (body: unknown) => Matcher>> = {
  match_all: () => () => true,
  ids: (body) => {
    const values = new Set(listOf(own(body, 'values')).map(javaText))
    return ({ document }) => values.has(document.id)
  },
  bool: matchBool,
  exists: (body) => (hit) => valueOf(hit, javaText(own(body, 'field'))) !== undefined,
  range: (body) => onField(body, (value, condition) => inRange(value, condition)),
  terms: (body) => onField(body, (value, wanted) => holds(value, listOf(wanted))),
  term: matchValue,
  match: matchValue,
}

/** One field and what is asked of it. */
function onField(body: unknown, asks: (value: unknown, condition: unknown) => boolean): Matcher {
  const [field = '', condition] = Object.entries(isObject(body) ? body : {})[0] ?? []
  return (hit) => asks(valueOf(hit, field), condition)
}

function matchValue(body: unknown): Matcher {
  return onField(body, (value, condition) =>
    holds(value, [own(condition, 'value') ?? own(condition, 'query') ?? condition]),
  )
}

function holds(value: unknown, wanted: readonly unknown[]): boolean {
  const texts = new Set(wanted.map(javaText))
  return listOf(value).some((each) => texts.has(javaText(each)))
}

function matchBool(body: unknown): Matcher {
  const all = (key: string) => {
    const clause = own(body, key)
    return (clause === undefined ? [] : listOf(clause)).map(matcherOf)
  }
  const [must, filter, not, should] = [all('must'), all('filter'), all('must_not'), all('should')]
  return (hit) =>
    [...must, ...filter].every((matches) => matches(hit)) &&
    !not.some((matches) => matches(hit)) &&
    (should.length === 0 || should.some((matches) => matches(hit)))
}

function inRange(value: unknown, condition: unknown): boolean {
  const bound = (key: string) => {
    const limit = own(condition, key)
    return limit === undefined || value === undefined ? undefined : compare(value, limit)
  }
  const [gt, gte, lt, lte] = [bound('gt'), bound('gte'), bound('lt'), bound('lte')]
  if (value === undefined) return false
  return (gt ?? 1) > 0 && (gte ?? 0) >= 0 && (lt ?? -1) < 0 && (lte ?? 0) <= 0
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' || typeof b === 'number') return Number(a) - Number(b)
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[]
  return value === undefined ? [] : [value]
}

function valueOf({ document }: Hit, field: string): unknown {
  if (field === '_id') return document.id
  if (field === '_seq_no') return document.seqNo
  if (field === '_version') return document.version
  return field.split('.').reduce<unknown>((at, part) => own(at, part), document.source)
}

/** With as many slices as shards a slice is a shard; else documents are told apart by their ids. */
export function inSlice({ index, document }: Hit, slice: unknown): boolean {
  if (slice === undefined) return true
  const [id, max] = [Number(own(slice, 'id')), Number(own(slice, 'max'))]
  if (max === index.shards) return document.shard === id
  let sum = 0
  for (const letter of document.id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003
  return sum % max === id
}

/** Undefined where the mapping keeps no source; without the fields that it leaves out. */
export function sourceOf({ index, document }: Hit): JsonObject | undefined {
  const setting = index.mapping.parameters.get('_source')
  if (own(setting, 'enabled') === false) return undefined
  const excluded = new Set(listOf(own(setting, 'excludes')).map(String))
  if (excluded.size === 0) return document.source
  return Object.fromEntries(Object.entries(document.source).filter(([name]) => !excluded.has(name)))
}

/** What is found in the indices, in the order of shards and sequence numbers. */
export function hitsOf(indices: readonly FakeIndex[], body: unknown, routing?: string): readonly Hit[] {
  const matches = matcherOf(own(body, 'query'))
  const found = indices.flatMap((index) => index.searchable().map((document) => ({ index, document })))
  return found.filter(
    (hit) =>
      matches(hit) &&
      inSlice(hit, own(body, 'slice')) &&
      (routing === undefined || (hit.document.routing ?? hit.document.id) === routing),
  )
}

interface Page {
  readonly hits: readonly Hit[]
  readonly body: unknown
  readonly size: number
  readonly total: number
}

export function search(call: Call): WireAnswer {
  const { state, names, query, body } = call
  const indices = state.resolve(names[0] ?? '', { hidden: false, forbidClosed: true })
  const all = hitsOf(indices, body, query.get('routing'))
  const sorted = sort(all, listOf(own(body, 'sort')))
  const after = own(body, 'search_after')
  const rest = Array.isArray(after)
    ? sorted.filter((hit) => compare(sortValue(hit, sortKey(body)), after[0]) > 0)
    : sorted
  const size = Number(query.get('size') ?? own(body, 'size') ?? 10)
  const from = Number(query.get('from') ?? own(body, 'from') ?? 0)
  const page = { hits: rest.slice(from), body, size, total: all.length }
  const shown = show(
    page,
    call,
    indices.reduce((sum, { shards }) => sum + shards, 0),
  )
  if (query.get('scroll') === undefined) return ok(shown)
  const id = `scroll-${state.serial()}`
  state.scrolls.set(id, { ...page, hits: page.hits.slice(size) })
  return ok({ _scroll_id: id, ...shown })
}

function sortKey(body: unknown): string {
  const [first] = listOf(own(body, 'sort'))
  return typeof first === 'string' ? first : (Object.keys(isObject(first) ? first : {})[0] ?? '_doc')
}

function sortValue(hit: Hit, key: string): unknown {
  return key === '_doc' ? hit.document.shard * 2 ** 40 + hit.document.seqNo : valueOf(hit, key)
}

function sort(hits: readonly Hit[], by: readonly unknown[]): readonly Hit[] {
  if (by.length === 0) return hits
  const keys = by.map((each) => {
    const [key, how] =
      typeof each === 'string'
        ? [each, 'asc']
        : (Object.entries(isObject(each) ? each : {})[0] ?? ['_doc', 'asc'])
    if (key === '_id') {
      const cause = illegalArgument(
        'Fielddata access on the _id field is disallowed, you can re-enable it by updating the dynamic cluster setting: indices.id_field_data.enabled',
      )
      throw new ServerRefusal('search_phase_execution_exception', 'all shards failed', { cause })
    }
    return { key, down: (isObject(how) ? own(how, 'order') : how) === 'desc' }
  })
  return [...hits].sort((a, b) => {
    for (const { key, down } of keys) {
      const order = compare(sortValue(a, key), sortValue(b, key))
      if (order !== 0) return down ? -order : order
    }
    return 0
  })
}

function show(
  { hits, body, size, total }: Page,
  { query }: Pick<Call, 'query'>,
  shards: number,
): Readonly<Record<string, unknown>> {
  const sorts = listOf(own(body, 'sort')).length > 0
  const counted =
    (query.get('track_total_hits') ?? javaText(own(body, 'track_total_hits') ?? true)) !== 'false'
  const aggregations = own(body, 'aggs') ?? own(body, 'aggregations')
  return {
    took: 1,
    timed_out: false,
    _shards: { total: shards, successful: shards, skipped: 0, failed: 0 },
    hits: {
      ...(counted ? { total: { value: total, relation: 'eq' } } : {}),
      max_score: sorts || total === 0 || size === 0 ? null : 1,
      hits: hits.slice(0, size).map((hit) => showHit(hit, body, sorts)),
    },
    ...(isObject(aggregations) ? { aggregations: aggregate(hits, aggregations) } : {}),
  }
}

function showHit(hit: Hit, body: unknown, sorts: boolean): unknown {
  const { index, document } = hit
  const source = own(body, '_source') === false ? undefined : sourceOf(hit)
  return {
    _index: index.name,
    _id: document.id,
    ...(own(body, 'version') === true ? { _version: document.version } : {}),
    ...(own(body, 'seq_no_primary_term') === true ? { _seq_no: document.seqNo, _primary_term: 1 } : {}),
    _score: sorts ? null : 1,
    ...(document.routing === undefined ? {} : { _routing: document.routing }),
    ...(source === undefined ? {} : { _source: source }),
    ...(sorts ? { sort: [sortValue(hit, sortKey(body))] } : {}),
  }
}

function aggregate(hits: readonly Hit[], aggregations: Readonly<Record<string, unknown>>): unknown {
  return Object.fromEntries(
    Object.entries(aggregations).map(([name, body]) => {
      const [kind = '', of] = Object.entries(isObject(body) ? body : {})[0] ?? []
      const values = hits.flatMap((hit) => listOf(valueOf(hit, String(own(of, 'field'))))).map(Number)
      const sum = values.reduce((a, b) => a + b, 0)
      const count = values.length
      const [min, max] = count === 0 ? [null, null] : [Math.min(...values), Math.max(...values)]
      const stats = { count, min, max, avg: count === 0 ? null : sum / count, sum }
      if (kind === 'stats') return [name, stats]
      return [name, { value: kind === 'value_count' ? count : own(stats, kind) }]
    }),
  )
}

export function nextPage(call: Call): WireAnswer {
  const { state, body } = call
  const id = String(own(body, 'scroll_id'))
  const page = state.scrolls.get(id) as Page | undefined
  if (page === undefined) throw illegalArgument('Cannot parse scroll id')
  state.scrolls.set(id, { ...page, hits: page.hits.slice(page.size) })
  return ok({ _scroll_id: id, ...show(page, call, 1) })
}

export function clearScroll({ state, body }: Call): WireAnswer {
  const ids = listOf(own(body, 'scroll_id')).map(String)
  const freed = ids.filter((id) => state.scrolls.delete(id)).length
  return ok({ succeeded: true, num_freed: freed }, freed === 0 ? 404 : 200)
}

export function count(call: Call): WireAnswer {
  const indices = call.state.resolve(call.names[0] ?? '', {
    forbidClosed: true,
    ignoreUnavailable: flag(call, 'ignore_unavailable'),
  })
  const shards = indices.reduce((sum, index) => sum + index.shards, 0)
  return ok({
    count: hitsOf(indices, call.body).length,
    _shards: { total: shards, successful: shards, skipped: 0, failed: 0 },
  })
}
