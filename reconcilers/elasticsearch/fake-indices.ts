import type { Json } from '../../src/core/resource.ts'
import { onlyConcrete } from './fake-aliases.ts'
import { type Call, acknowledged, flag, ok, resolutionOf } from './fake-call.ts'
import { analysisOf } from './fake-composition.ts'
import { expandReplicas, limitOf } from './fake-create.ts'
import type { FakeIndex } from './fake-index.ts'
import { showMapping } from './fake-mapping-nodes.ts'
import { parseMapping } from './fake-mapping.ts'
import { mergeMapping } from './fake-mapping-merge.ts'
import { ServerRefusal, illegalArgument, invalidName, noSuchIndex } from './fake-refusal.ts'
import { checkSettings, flatten, nested, settabilityOf } from './fake-settings.ts'
import { type FakeState, wildcard } from './fake-state.ts'
import { isObject, objectOf, own } from '../../src/core/json.ts'
import type { WireAnswer } from './client/wire.ts'

/** Everything that is set, flat and sorted, with what only the server sets. Routing shards are kept and never shown (8.19.21). */
export function shownSettings(index: FakeIndex): ReadonlyMap<string, Json> {
  const own: [string, Json][] = [...index.settings].filter(
    ([key]) => key !== 'index.number_of_routing_shards',
  )
  const added: [string, Json][] = [
    ['index.creation_date', String(index.created)],
    ['index.provided_name', index.name],
    ['index.uuid', index.uuid],
    ['index.version.created', index.version],
    ...(index.closed ? [['index.verified_before_close', 'true'] as [string, Json]] : []),
  ]
  return new Map([...own, ...added].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function showSettings(call: Call, index: FakeIndex): Readonly<Record<string, unknown>> {
  const wanted = call.names[1]?.split(',').map((each) => wildcard(each))
  const shown = new Map(
    [...shownSettings(index)].filter(([key]) => wanted?.some((matches) => matches(key)) ?? true),
  )
  return flag(call, 'flat_settings') ? objectOf(shown) : nested(shown)
}

/** `GET /<names>`, `GET /<names>/_settings`, `GET /<names>/_mapping`. */
export function showIndices(part?: 'settings' | 'mappings'): (call: Call) => WireAnswer {
  return (call) => {
    const [names = ''] = call.names
    if (names.startsWith('_') && names !== '_all') throw invalidName(names, "must not start with '_'.")
    const indices = call.state.resolve(names, resolutionOf(call))
    for (const index of indices) index.checkBlocks('read-metadata')
    const show = (index: FakeIndex): unknown => {
      if (part === 'settings') return { settings: showSettings(call, index) }
      const mappings = showMapping(index.mapping)
      if (part === 'mappings') return { mappings }
      const stream = index.dataStream === undefined ? {} : { data_stream: index.dataStream }
      return {
        aliases: objectOf([...index.aliases].sort(([a], [b]) => (a < b ? -1 : 1))),
        mappings,
        settings: showSettings(call, index),
        ...stream,
      }
    }
    return ok(objectOf(indices.map((index) => [index.name, show(index)] as const)))
  }
}

export function headIndex({ state, names: [names = ''] }: Call): WireAnswer {
  return { status: names.split(',').every((name) => state.isTaken(name)) ? 200 : 404, body: undefined }
}

export function deleteIndex(call: Call): WireAnswer {
  const { state, names } = call
  const [expression = ''] = names
  if (expression === '_all' || expression.includes('*'))
    throw illegalArgument('Wildcard expressions or all indices are not allowed')
  const wanted = expression.split(',')
  for (const name of wanted) {
    if (state.indices.has(name)) continue
    if (state.isTaken(name)) throw onlyConcrete(name)
    if (!flag(call, 'ignore_unavailable')) throw noSuchIndex(name)
  }
  for (const name of wanted) state.indices.get(name)?.checkBlocks('remove')
  for (const name of wanted) state.indices.delete(name)
  state.stateVersion += 1
  return ok(acknowledged)
}

/** `PUT /<names>/_settings`: one key that an open index does not take refuses them all (8.19.21). */
export function putSettings(call: Call): WireAnswer {
  const { state, body, names } = call
  const wrapped = own(body, 'settings')
  const settings = flatten(isObject(wrapped) ? wrapped : body)
  if (settings.size === 0) {
    const words = 'Validation Failed: 1: no settings to update;'
    throw new ServerRefusal('action_request_validation_exception', words)
  }
  checkSettings(settings, state.lacks.has('ilm'))
  const indices = state.resolve(names[0] ?? '', { ...resolutionOf(call), closed: true, hidden: true })
  const notDynamic = [...settings.keys()].filter((key) => settabilityOf(key) !== 'dynamic').sort()
  const open = indices.filter(({ closed }) => !closed)
  if (notDynamic.length > 0 && open.length > 0 && !flag(call, 'reopen')) throw notForOpen(notDynamic, open)
  const final = notDynamic.find((key) => settabilityOf(key) === 'final')
  if (final !== undefined)
    throw illegalArgument(`final ${indices[0]?.name} setting [${final}], not updateable`)
  const onlyBlocks = [...settings.keys()].every((key) => key.startsWith('index.blocks.'))
  for (const index of indices) if (!onlyBlocks) index.checkBlocks('metadata')
  for (const index of indices) setSettings(state, index, settings)
  return ok(acknowledged)
}

function notForOpen(keys: readonly string[], open: readonly FakeIndex[]): ServerRefusal {
  const of = open.map(({ name, uuid }) => `[${name}/${uuid}]`).join(', ')
  return illegalArgument(
    `Can't update non dynamic settings [[${keys.join(', ')}]] for open indices [${of}] unless the \`reopen\` query parameter is set to true. Alternatively, close the indices, apply the settings changes, and reopen the indices`,
  )
}

/** Null resets; replicas fall back to 1. A change of nothing writes no cluster state. */
export function setSettings(state: FakeState, index: FakeIndex, changes: ReadonlyMap<string, Json>): void {
  const before = JSON.stringify([...shownSettings(index)])
  for (const [key, value] of changes) {
    if (value !== null) index.settings.set(key, value)
    else index.settings.delete(key)
  }
  if (!index.settings.has('index.number_of_replicas')) index.settings.set('index.number_of_replicas', '1')
  expandReplicas(state, index.settings)
  if (before !== JSON.stringify([...shownSettings(index)])) state.stateVersion += 1
}

export function putMapping(call: Call): WireAnswer {
  const { state, body, names } = call
  const indices = state.resolve(names[0] ?? '', { ...resolutionOf(call), closed: true, hidden: true })
  const next = indices.map((index) => {
    index.checkBlocks('metadata')
    return [index, updatedMapping(index, body)] as const
  })
  for (const [index, mapping] of next) setMapping(state, index, mapping)
  return ok(acknowledged)
}

/** The mapping that the index would have; throws where the server would refuse the update. */
export function updatedMapping(index: FakeIndex, body: unknown): FakeIndex['mapping'] {
  return mergeMapping(index.mapping, parseMapping(body, analysisOf(index.settings)), limitOf(index.settings))
}

export function setMapping(state: FakeState, index: FakeIndex, mapping: FakeIndex['mapping']): void {
  if (JSON.stringify(showMapping(index.mapping)) !== JSON.stringify(showMapping(mapping)))
    state.stateVersion += 1
  index.mapping = mapping
}

/** `PUT /<index>/_block/write`. */
export function putBlock(call: Call): WireAnswer {
  const [names = '', block = ''] = call.names
  const indices = call.state.resolve(names, { closed: true, hidden: true })
  for (const index of indices) setSettings(call.state, index, new Map([[`index.blocks.${block}`, 'true']]))
  return ok({
    ...acknowledged,
    shards_acknowledged: true,
    indices: indices.map(({ name }) => ({ name, blocked: true })),
  })
}

export function closeIndex({ state, names }: Call): WireAnswer {
  const indices = state.resolve(names[0] ?? '', { closed: true, hidden: true })
  for (const index of indices) index.checkBlocks('metadata')
  for (const index of indices) index.closed = true
  state.stateVersion += 1
  return ok({
    ...acknowledged,
    shards_acknowledged: true,
    indices: objectOf(indices.map(({ name }) => [name, { closed: true }] as const)),
  })
}

export function openIndex({ state, names }: Call): WireAnswer {
  const indices = state.resolve(names[0] ?? '', { closed: true, hidden: true })
  for (const index of indices) index.closed = false
  state.stateVersion += 1
  return ok({ ...acknowledged, shards_acknowledged: true })
}
