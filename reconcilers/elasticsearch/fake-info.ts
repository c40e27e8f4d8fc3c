import type { Json } from '../../src/core/resource.ts'
import { type Call, acknowledged, flag, ok } from './fake-call.ts'
import type { FakeIndex } from './fake-index.ts'
import { createIndex } from './fake-create.ts'
import { requirePath } from './fake-definitions.ts'
import { UnknownPath, illegalArgument } from './fake-refusal.ts'
import { nested } from './fake-settings.ts'
import { type FakeState, wildcard } from './fake-state.ts'
import { templateFor } from './fake-composition.ts'
import { javaText } from './fake-text.ts'
import { isObject, objectOf, own } from '../../src/core/json.ts'
import type { WireAnswer } from './client/wire.ts'

/** `GET /`. A server of modules alone does not have it (8.19.21 of the tests). */
export function info({ state }: Call): WireAnswer {
  if (state.lacks.has('info'))
    throw new UnknownPath('Incorrect HTTP method for uri [/] and method [GET], allowed: [DELETE]', 405)
  return ok({
    name: 'fake',
    cluster_name: 'fake',
    cluster_uuid: state.clusterId,
    version: { number: state.version, build_flavor: 'default', build_type: 'docker', build_snapshot: false },
    tagline: 'You Know, for Search',
  })
}

export function nodes({ state }: Call): WireAnswer {
  return ok({
    cluster_name: 'fake',
    nodes: { [state.nodeId]: { name: 'fake', version: state.version, roles: ['master', 'data', 'ingest'] } },
  })
}

export function clusterState({ state }: Call): WireAnswer {
  return ok({
    cluster_name: 'fake',
    cluster_uuid: state.clusterId,
    version: state.stateVersion,
    state_uuid: `state-${state.stateVersion}`,
  })
}

/** `GET /_cluster/state/blocks/<index>`. */
export function clusterBlocks({ state, names: [names = ''] }: Call): WireAnswer {
  const found = state.resolve(names, { closed: true, hidden: true, ignoreUnavailable: true })
  const shown = found.map((index) => [index.name, index.blocks()] as const)
  const indices = objectOf(shown.filter(([, blocks]) => Object.keys(blocks).length > 0))
  const blocks = Object.keys(indices).length === 0 ? {} : { indices }
  return ok({ cluster_name: 'fake', cluster_uuid: state.clusterId, blocks })
}

const order = ['green', 'yellow', 'red'] as const

export function health(call: Call): WireAnswer {
  const { state, names, query } = call
  const [expression] = names
  const known =
    expression === undefined ||
    expression.split(',').every((name) => name.includes('*') || state.isTaken(name))
  const indices = state.resolve(expression ?? '', { closed: true, hidden: true, ignoreUnavailable: true })
  const worst = Math.max(0, ...indices.map((index) => order.indexOf(state.healthOf(index))), known ? 0 : 2)
  const status = state.health ?? order[worst] ?? 'red'
  const wanted = query.get('wait_for_status')
  const late =
    !known || (wanted !== undefined && order.findIndex((each) => each === wanted) < order.indexOf(status))
  const byIndex = objectOf(
    indices.map(
      (index) =>
        [
          index.name,
          {
            status: state.healthOf(index),
            number_of_shards: index.shards,
            number_of_replicas: index.replicas,
          },
        ] as const,
    ),
  )
  const shards = indices.reduce((sum, index) => sum + index.shards, 0)
  const unassigned = indices.reduce(
    (sum, index) => sum + index.shards * Math.max(0, index.replicas - (state.nodes - 1)),
    0,
  )
  const body = {
    cluster_name: 'fake',
    status,
    timed_out: late,
    number_of_nodes: state.nodes,
    number_of_data_nodes: state.nodes,
    active_primary_shards: shards,
    active_shards: shards,
    relocating_shards: 0,
    initializing_shards: 0,
    unassigned_shards: unassigned,
    number_of_pending_tasks: 0,
    ...(query.get('level') === 'indices' ? { indices: byIndex } : {}),
  }
  return ok(body, late ? 408 : 200)
}

export function getClusterSettings(call: Call): WireAnswer {
  const show = (settings: ReadonlyMap<string, Json>) =>
    flag(call, 'flat_settings') ? objectOf(settings) : nested(settings)
  return ok({ persistent: show(call.state.persistent), transient: show(call.state.transient) })
}

export function putClusterSettings({ state, body }: Call): WireAnswer {
  for (const kind of ['persistent', 'transient'] as const) {
    const entries = flatSettings(own(body, kind))
    for (const [key, value] of entries) {
      if (!/^(cluster|action|indices|search|ingest)\./.test(key))
        throw illegalArgument(`${kind} setting [${key}], not recognized`)
      if (value === null) state[kind].delete(key)
      else state[kind].set(key, javaText(value))
    }
  }
  state.stateVersion += 1
  return ok({ ...acknowledged, persistent: nested(state.persistent), transient: nested(state.transient) })
}

function flatSettings(value: unknown, prefix = ''): readonly (readonly [string, unknown])[] {
  return Object.entries(isObject(value) ? value : {}).flatMap(([key, member]) =>
    isObject(member) ? flatSettings(member, `${prefix}${key}.`) : [[prefix + key, member] as const],
  )
}

export function diskStats({ state }: Call): WireAnswer {
  const { total, available } = state.disk
  const ids = Array.from({ length: state.nodes }, (_, node) =>
    node === 0 ? state.nodeId : `fakeNode${node}`,
  )
  const fs = { total: { total_in_bytes: total, free_in_bytes: available, available_in_bytes: available } }
  return ok({
    nodes: Object.fromEntries(ids.map((id) => [id, { name: id, roles: ['data', 'master', 'ingest'], fs }])),
  })
}

/** About 100 bytes a document. */
function storeOf(index: FakeIndex): object {
  return {
    size_in_bytes: index.live().length * 100,
    total_data_set_size_in_bytes: index.live().length * 100,
    reserved_in_bytes: 0,
  }
}

/** `GET /<index>/_stats/docs,store`. Counts are of what a search could see; a closed index is not in it. */
export function stats(call: Call): WireAnswer {
  const { state, names, query } = call
  const indices = state.resolve(names[0] ?? '', { forbidClosed: true })
  const shown = indices.map((index) => {
    const docs = { count: index.searchable().length, deleted: 0 }
    const primaries = { docs, store: storeOf(index) }
    const shards = query.get('level') === 'shards' ? { shards: shardStats(state, index) } : {}
    return [
      index.name,
      {
        uuid: index.uuid,
        health: state.healthOf(index),
        status: 'open',
        primaries,
        total: primaries,
        ...shards,
      },
    ] as const
  })
  const count = indices.reduce((sum, index) => sum + index.searchable().length, 0)
  const size = indices.reduce((sum, index) => sum + index.live().length * 100, 0)
  const all = { docs: { count, deleted: 0 }, store: { size_in_bytes: size } }
  return ok({ _all: { primaries: all, total: all }, indices: objectOf(shown) })
}

function shardStats(state: FakeState, index: FakeIndex): object {
  const red = state.healthOf(index) === 'red'
  return Object.fromEntries(
    Array.from({ length: red ? 0 : index.shards }, (_, shard) => {
      const last = index.maxSeqNo(shard)
      const of = index.live().filter((document) => document.shard === shard)
      const copy = {
        routing: { state: 'STARTED', primary: true, node: state.nodeId, relocating_node: null },
        docs: { count: of.length, deleted: 0 },
        store: { size_in_bytes: of.length * 100 },
        commit: { user_data: { history_uuid: `history-${index.uuid}-${shard}` } },
        seq_no: { max_seq_no: last, local_checkpoint: last, global_checkpoint: last },
      }
      return [String(shard), [copy]]
    }),
  )
}

export function resolveNames({ state, names: [pattern = '*'] }: Call): WireAnswer {
  const matches = wildcard(pattern)
  const aliases = new Set([...state.indices.values()].flatMap((index) => [...index.aliases.keys()]))
  return ok({
    indices: [...state.indices.values()]
      .filter(({ name }) => matches(name))
      .map(({ name, closed, aliases: own }) => ({
        name,
        ...(own.size === 0 ? {} : { aliases: [...own.keys()] }),
        attributes: [closed ? 'closed' : 'open'],
      })),
    aliases: [...aliases]
      .filter(matches)
      .map((name) => ({ name, indices: state.aliased(name).map((index) => index.name) })),
    data_streams: [...state.dataStreams.keys()].filter(matches).map((name) => ({
      name,
      backing_indices: state.backing(name).map((index) => index.name),
      timestamp_field: '@timestamp',
    })),
  })
}

/** `PUT /_data_stream/<name>`: needs a template that makes data streams. */
export function putDataStream({ state, names: [name = ''] }: Call): WireAnswer {
  const [, template] = templateFor(state, name) ?? []
  if (template?.['data_stream'] === undefined)
    throw illegalArgument(`no matching index template found for data stream [${name}]`)
  state.dataStreams.set(name, 1)
  const index = createIndex(state, `.ds-${name}-2026.01.01-000001`, {}, name)
  index.settings.set('index.hidden', 'true')
  return ok(acknowledged)
}

/** `POST /_security/user/_has_privileges`: everything is granted, except on what may not be seen. */
export function hasPrivileges({ state, body }: Call): WireAnswer {
  requirePath(state, 'security', '/_security/user/_has_privileges', 'POST')
  const asked = own(body, 'index')
  const index = (Array.isArray(asked) ? (asked as readonly unknown[]) : []).flatMap((each) => {
    const [names, privileges] = [own(each, 'names'), own(each, 'privileges')]
    return (Array.isArray(names) ? names : []).map((name: unknown) => {
      const granted = !state.invisible.has(String(name))
      const list = (Array.isArray(privileges) ? privileges : []).map(
        (privilege: unknown) => [String(privilege), granted] as const,
      )
      return [String(name), Object.fromEntries(list)] as const
    })
  })
  return ok({
    username: 'fake',
    has_all_requested: state.invisible.size === 0,
    cluster: {},
    index: objectOf(index),
    application: {},
  })
}
