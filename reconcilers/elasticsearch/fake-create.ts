import type { Json } from '../../src/core/resource.ts'
import { checkAliasName, checkTogether, ownAliases } from './fake-aliases.ts'
import { type Call, acknowledged, ok } from './fake-call.ts'
import { type Composed, analysisOf, compose, templateFor } from './fake-composition.ts'
import type { FakeIndex } from './fake-index.ts'
import { emptyMapping } from './fake-mapping-nodes.ts'
import { parseMapping } from './fake-mapping.ts'
import { mergeMapping } from './fake-mapping-merge.ts'
import { ServerRefusal, illegalArgument, invalidName } from './fake-refusal.ts'
import { checkSettings, flatten, tierPreference } from './fake-settings.ts'
import type { FakeState } from './fake-state.ts'
import { javaText } from './fake-text.ts'
import { isObject, own } from '../../src/core/json.ts'
import type { JsonObject } from './resource.ts'
import type { WireAnswer } from './client/wire.ts'

/** Rules of 8.19.21 in its words. */
function checkIndexName(state: FakeState, name: string): void {
  const taken = state.indices.get(name)
  if (taken !== undefined) {
    throw new ServerRefusal(
      'resource_already_exists_exception',
      `index [${name}/${taken.uuid}] already exists`,
      {
        extra: { index_uuid: taken.uuid, index: name },
      },
    )
  }
  if (/[ "*\\<|,>/?]/.test(name))
    throw invalidName(
      name,
      `must not contain the following characters [' ','"','*','\\','<','|',',','>','/','?']`,
    )
  if (name.includes('#')) throw invalidName(name, "must not contain '#'")
  if (name.includes(':')) throw invalidName(name, "must not contain ':'")
  if (/^[_\-+]/.test(name)) throw invalidName(name, "must not start with '_', '-', or '+'")
  if (name === '.' || name === '..') throw invalidName(name, "must not be '.' or '..'")
  if (Buffer.byteLength(name) > 255)
    throw invalidName(name, `index name is too long, (${Buffer.byteLength(name)} > 255)`)
  if (name !== name.toLowerCase()) throw invalidName(name, 'must be lowercase')
  if (state.aliased(name).length > 0) throw invalidName(name, 'already exists as alias')
}

export function putIndex({ state, names: [name = ''], body }: Call): WireAnswer {
  createIndex(state, name, body)
  return ok({ ...acknowledged, shards_acknowledged: true, index: name })
}

/** Throws with nothing made. Templates that match are applied first, what is asked for comes over them. */
export function createIndex(
  state: FakeState,
  name: string,
  body: unknown = {},
  dataStream?: string,
): FakeIndex {
  checkIndexName(state, name)
  for (const key of Object.keys(isObject(body) ? body : {})) {
    if (['settings', 'mappings', 'aliases'].includes(key)) continue
    throw new ServerRefusal('parse_exception', `unknown key [${key}] for create index`)
  }
  const asked = flatten(own(body, 'settings') ?? {})
  checkSettings(asked, state.lacks.has('ilm'))
  const composed = composedFor(state, name, dataStream)
  if (state.dataStreams.has(name)) throw notUnique(name)
  const settings = completed(state, new Map([...composed.settings, ...asked]))
  const update = parseMapping(own(body, 'mappings') ?? {}, analysisOf(settings))
  const mapping = mergeMapping(composed.mapping, update, limitOf(settings), 'template')
  checkLimits(state, settings)
  const aliases = new Map([...composed.aliases, ...ownAliases(body)])
  for (const alias of aliases.keys()) checkNewAlias(state, alias, name)
  const index = state.addIndex(name)
  Object.assign(index, { settings, mapping, dataStream })
  addAliases(state, index, aliases)
  state.stateVersion += 1
  return index
}

/** Words of `Metadata.Builder`; only where no template for data streams matches the name. */
function notUnique(name: string): ServerRefusal {
  const duplicate = `data stream [${name}] conflicts with index`
  const words = `index, alias, and data stream names need to be unique, but the following duplicates were found [${duplicate}]`
  return new ServerRefusal('illegal_state_exception', words, { status: 500 })
}

/** What templates give to an index of this name. */
function composedFor(state: FakeState, name: string, dataStream: string | undefined): Composed {
  const [template, stored] = templateFor(state, dataStream ?? name) ?? []
  if (template === undefined || stored === undefined) {
    return { settings: new Map(), mapping: emptyMapping, aliases: new Map() }
  }
  if (dataStream === undefined && stored['data_stream'] !== undefined) {
    throw illegalArgument(
      `cannot create index with name [${name}], because it matches with template [${template}] that creates data streams only, use create data stream api instead`,
    )
  }
  return compose(state, template, stored)
}

/** Last, for it is what can still go wrong with the index already there. */
function addAliases(state: FakeState, index: FakeIndex, aliases: ReadonlyMap<string, JsonObject>): void {
  const all = [...state.indices.values()].map(
    (each) => [each, each === index ? aliases : each.aliases] as const,
  )
  try {
    checkTogether(new Map(all))
  } catch (error) {
    state.indices.delete(index.name)
    throw error
  }
  for (const [alias, value] of aliases) index.aliases.set(alias, value)
}

function checkNewAlias(state: FakeState, alias: string, index: string): void {
  if (alias === index) throw illegalArgument(`alias name [${alias}] self-conflicts with index name`)
  checkAliasName(state, alias)
}

/** With what the server sets by itself where nothing is written; a null is "nothing". */
function completed(state: FakeState, written: ReadonlyMap<string, Json>): Map<string, Json> {
  const settings = new Map([...written].filter(([, value]) => value !== null))
  if (!settings.has('index.number_of_shards')) settings.set('index.number_of_shards', '1')
  if (!settings.has('index.number_of_replicas')) settings.set('index.number_of_replicas', '1')
  if (!settings.has(tierPreference)) settings.set(tierPreference, 'data_content')
  expandReplicas(state, settings)
  return settings
}

/** `0-1`, `1-all`: the server itself sets the number. */
export function expandReplicas(state: FakeState, settings: Map<string, Json>): void {
  const [, least, most] =
    /^(\d+)-(\d+|all)$/.exec(javaText(settings.get('index.auto_expand_replicas') ?? '')) ?? []
  if (least === undefined) return
  const upTo = most === 'all' ? state.nodes - 1 : Math.min(Number(most), state.nodes - 1)
  settings.set('index.number_of_replicas', String(Math.max(Number(least), upTo)))
}

function checkLimits(state: FakeState, settings: ReadonlyMap<string, Json>): void {
  const most = Number(state.persistent.get('cluster.max_shards_per_node') ?? 1_000) * state.nodes
  const adding =
    Number(settings.get('index.number_of_shards')) * (1 + Number(settings.get('index.number_of_replicas')))
  const open = [...state.indices.values()].filter(({ closed }) => !closed)
  const there = open.reduce((sum, index) => sum + index.shards * (1 + index.replicas), 0)
  if (there + adding <= most) return
  throw new ServerRefusal(
    'validation_exception',
    `Validation Failed: 1: this action would add [${adding}] shards, but this cluster currently has [${there}]/[${most}] maximum normal shards open; for more information, see https://www.elastic.co/guide/en/elasticsearch/reference/8.19/size-your-shards.html#troubleshooting-max-shards-open;`,
  )
}

/** How many fields an index may have. */
export function limitOf(settings: ReadonlyMap<string, Json>): number {
  return Number(settings.get('index.mapping.total_fields.limit') ?? 1_000)
}

/** `PUT /<source>/_clone/<target>`: the block comes along, and 8.19.21 shows a routing partition size that nobody wrote. */
export function cloneIndex({ state, names, body }: Call): WireAnswer {
  const [from = '', name = ''] = names
  const source = state.indices.get(from)
  if (source === undefined) {
    throw new ServerRefusal('index_not_found_exception', `no such index [${from}]`, {
      status: 404,
      extra: { index_uuid: '_na_', index: from },
    })
  }
  checkIndexName(state, name)
  if (source.settings.get('index.blocks.write') !== 'true') {
    throw new ServerRefusal(
      'illegal_state_exception',
      `index ${from} must be read-only to resize index. use "index.blocks.write=true"`,
      { status: 500 },
    )
  }
  const asked = flatten(own(body, 'settings') ?? {})
  checkSettings(asked, state.lacks.has('ilm'))
  const aliases = ownAliases(body)
  for (const [alias] of aliases) checkNewAlias(state, alias, name)
  const clone = state.addIndex(name)
  clone.settings = completed(
    state,
    new Map([...source.settings, ['index.routing_partition_size', '1'], ...asked]),
  )
  clone.mapping = source.mapping
  clone.copyFrom(source)
  for (const [alias, value] of aliases) clone.aliases.set(alias, value)
  state.stateVersion += 1
  return ok({ ...acknowledged, shards_acknowledged: true, index: name })
}
