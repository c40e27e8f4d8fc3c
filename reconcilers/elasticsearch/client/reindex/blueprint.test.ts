import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { FieldChange, Json } from '../../../../src/core/resource.ts'
import { changeBetween, shownIndex } from '../../../../test/support/search-index.ts'
import { normalizeIndex } from '../../normalize.ts'
import type { WrittenIndex } from '../../schema.ts'
import { settingsToBuild, settingsToFinish, wantedMappings, wantedSettings } from './blueprint.ts'
import { siteOf } from './site.ts'

/** An index `orders-000001` behind `orders` as the server shows it, and the change to what is written. */
function scene(
  written: WrittenIndex,
  settings: Readonly<Record<string, string>> = {},
  mappings: Readonly<Record<string, unknown>> = {},
) {
  const observed = shownIndex('orders', { index: 'orders-000001', settings, mappings })
  const shown = { aliases: { orders: {} }, mappings, settings: { ...observed.body.settings, ...settings } }
  const [source] = siteOf('orders', { 'orders-000001': shown }).indices
  assert.ok(source)
  const desired = normalizeIndex('orders', written)
  return { source, change: changeBetween(desired, observed, desired.fields) }
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

const more = { settings: { number_of_shards: 3 } }

it('the new index is the old one, except for what the change says', () => {
  const { source, change } = scene(more, {
    'index.max_result_window': '500',
    'index.routing.allocation.require.box': 'hot',
  })
  const wanted = wantedSettings(change, source)
  assert.deepEqual(Object.fromEntries(wanted), {
    'index.max_result_window': '500',
    'index.number_of_replicas': '1',
    'index.number_of_shards': '3',
    'index.routing.allocation.require.box': 'hot',
  })
})

it('what the server keeps for itself is never carried over', () => {
  const { source, change } = scene(more, {
    'index.resize.source.uuid': 'x',
    'index.routing.allocation.initial_recovery._id': 'n',
  })
  const carried = [...wantedSettings(change, source).keys()]
  assert.ok(carried.every((key) => !/uuid|creation_date|version|resize|initial_recovery|provided/.test(key)))
})

it('a held or ignored setting keeps what the old index has', () => {
  const { source, change } = scene({ settings: { number_of_shards: 3, number_of_replicas: 0 } })
  const passing = change.fields.filter(({ path }) => path !== 'settings.index.number_of_replicas')
  assert.equal(wantedSettings({ ...change, fields: passing }, source).get('index.number_of_replicas'), '1')
})

it('a removed setting goes, and so does what the server derived from the number of shards', () => {
  const { source, change } = scene(more, { 'index.codec': 'x', 'index.number_of_routing_shards': '8' })
  const removal: FieldChange = { path: 'settings.index.codec', before: 'x', cause: 'written' }
  const wanted = wantedSettings({ ...change, fields: [...change.fields, removal] }, source)
  assert.ok(!wanted.has('index.codec') && !wanted.has('index.number_of_routing_shards'))
})

it('a target is built without replicas, refreshes, pipelines and blocks, and gets its own back at the end', () => {
  const wanted = new Map<string, Json>([
    ['index.number_of_shards', '3'],
    ['index.number_of_replicas', '2'],
    ['index.default_pipeline', 'clean'],
    ['index.translog.durability', 'async'],
    ['index.blocks.write', 'true'],
    ['index.lifecycle.name', 'monthly'],
  ])
  assert.deepEqual(plain(settingsToBuild(wanted)), {
    'index.number_of_shards': '3',
    'index.auto_expand_replicas': 'false',
    'index.default_pipeline': '_none',
    'index.final_pipeline': '_none',
    'index.gc_deletes': '0s',
    'index.number_of_replicas': '0',
    'index.refresh_interval': '-1',
    'index.translog.durability': 'request',
    'index.write.wait_for_active_shards': '1',
  })
  const { replicas, rest } = settingsToFinish(wanted)
  assert.deepEqual(Object.fromEntries(replicas), {
    'index.auto_expand_replicas': null,
    'index.number_of_replicas': '2',
  })
  assert.deepEqual(Object.fromEntries(rest), {
    'index.default_pipeline': 'clean',
    'index.final_pipeline': null,
    'index.gc_deletes': null,
    'index.refresh_interval': null,
    'index.translog.durability': 'async',
    'index.write.wait_for_active_shards': null,
    'index.blocks.write': 'true',
    'index.lifecycle.name': 'monthly',
  })
})

it('where the server expands replicas by itself, no number of them is set', () => {
  const wanted = new Map<string, Json>([
    ['index.auto_expand_replicas', '0-1'],
    ['index.number_of_replicas', '0'],
  ])
  assert.deepEqual(Object.fromEntries(settingsToFinish(wanted).replicas), {
    'index.auto_expand_replicas': '0-1',
  })
})

it('fields that nobody wrote stay beside the written ones, on every level; a written definition counts whole', () => {
  const { source, change } = scene(
    {
      mappings: {
        properties: {
          status: { type: 'keyword' },
          title: { type: 'text', fields: { raw: { type: 'keyword' } } },
          user: { properties: { name: { type: 'keyword' } } },
          labels: { type: 'passthrough', properties: { team: { type: 'keyword' } } },
          leaf: { properties: { inner: { type: 'long' } } },
        },
      },
    },
    {},
    {
      dynamic: 'strict',
      runtime: { day: { type: 'keyword' } },
      properties: {
        place: { type: 'geo_point' },
        status: { type: 'text', analyzer: 'folded' },
        title: { type: 'text', fields: { sort: { type: 'keyword' } } },
        user: { type: 'nested', properties: { age: { type: 'long' } } },
        labels: { type: 'passthrough', properties: { host: { type: 'keyword' } } },
        leaf: { type: 'keyword', fields: { raw: { type: 'text' } } },
      },
    },
  )
  assert.deepEqual(plain(wantedMappings(change, source)), {
    dynamic: 'strict',
    runtime: { day: { type: 'keyword' } },
    properties: {
      place: { type: 'geo_point' },
      status: { type: 'keyword' },
      title: { type: 'text', fields: { sort: { type: 'keyword' }, raw: { type: 'keyword' } } },
      user: { properties: { age: { type: 'long' }, name: { type: 'keyword' } } },
      labels: {
        type: 'passthrough',
        properties: { host: { type: 'keyword' }, team: { type: 'keyword' } },
      },
      leaf: { properties: { inner: { type: 'long' } } },
    },
  })
})
