import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { settingClass } from './setting-class.ts'

describe('the class of a setting', () => {
  const cases = {
    dynamic: [
      'index.number_of_replicas',
      'index.refresh_interval',
      'index.mapping.total_fields.limit',
      'index.lifecycle.name',
      'index.blocks.write',
      'index.routing.allocation.require.rack',
      'index.default_pipeline',
      'index.hidden',
      'index.sorted',
      'index.analysis',
    ],
    static: [
      'index.codec',
      'index.analysis.analyzer.folded.type',
      'index.similarity.default.type',
      'index.mapping.coerce',
      'index.store.type',
      'index.shard.check_on_startup',
    ],
    final: [
      'index.number_of_shards',
      'index.number_of_routing_shards',
      'index.sort.field',
      'index.mode',
      'index.routing_path',
      'index.mapping.source.mode',
    ],
  } as const
  for (const [way, keys] of Object.entries(cases)) {
    it(`is ${way}: ${keys.join(', ')}`, () => {
      assert.deepEqual(
        new Map(keys.map((key) => [key, settingClass(key)])),
        new Map(keys.map((key) => [key, way])),
      )
    })
  }

  it('is left to the server where nobody here knows the setting', () => {
    for (const key of ['index.brand.new', '__proto__', 'constructor', ''])
      assert.equal(settingClass(key), 'dynamic')
  })
})
