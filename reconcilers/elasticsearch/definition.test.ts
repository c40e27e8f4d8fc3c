import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { canonicalJson } from '../../src/core/canonical.ts'
import { contentOf, normalizeDefinition, observeDefinition } from './definition.ts'
import type { Definition } from './resource.ts'
import { componentTemplateSchema, indexTemplateSchema } from './schema.ts'
import { toWrittenDefinition } from './to-written.ts'

const plain = (value: unknown): unknown => JSON.parse(canonicalJson(value))
const fieldsOf = (definition: Definition) => plain(definition.fields)
const desired = (type: Definition['type'], written: unknown) => normalizeDefinition(type)('a', written)
const observed = (type: Definition['type'], body: unknown) => observeDefinition(type, 'a', body)

/** What is written, and what the server shows once it has it: 8.19.21, or (ILM, ingest) the documentation and the 8.19 sources. */
const pairs: readonly (readonly [string, Definition['type'], unknown, unknown])[] = [
  [
    'a component template, its settings in another spelling and its mappings as they were sent',
    'component-templates',
    {
      template: {
        settings: { number_of_shards: 1, index: { refresh_interval: '60s' } },
        mappings: {
          dynamic: false,
          properties: { 'a.b': { type: 'keyword', index: true }, e: { properties: [] } },
        },
        aliases: { p: { routing: 1, is_write_index: false } },
      },
      version: 3,
      _meta: { by: 'x' },
    },
    {
      template: {
        settings: { index: { number_of_shards: '1', refresh_interval: '60s' } },
        mappings: {
          dynamic: false,
          properties: { 'a.b': { index: true, type: 'keyword' }, e: { properties: [] } },
        },
        aliases: { p: { index_routing: '1', search_routing: '1', is_write_index: false } },
      },
      version: 3,
      _meta: { by: 'x' },
    },
  ],
  [
    'an empty component template',
    'component-templates',
    { template: { settings: {}, mappings: {}, aliases: {} } },
    { template: { settings: {}, aliases: {} } },
  ],
  [
    'a component template with the dates that 9.x adds',
    'component-templates',
    { template: {} },
    { template: {}, created_date_millis: 1, modified_date_millis: 2, created_date: 'a', modified_date: 'b' },
  ],
  [
    'an index template, with what the server adds',
    'index-templates',
    { index_patterns: 'zzz-*', composed_of: ['c1'], priority: 5, data_stream: {}, deprecated: false },
    {
      index_patterns: ['zzz-*'],
      composed_of: ['c1'],
      priority: 5,
      data_stream: { hidden: false, allow_custom_routing: false },
    },
  ],
  [
    'an index template of nothing',
    'index-templates',
    { index_patterns: ['a'] },
    { index_patterns: ['a'], composed_of: [] },
  ],
  [
    'a data stream lifecycle',
    'index-templates',
    {
      index_patterns: ['a'],
      data_stream: { hidden: true },
      template: { lifecycle: { data_retention: '7d' } },
    },
    {
      index_patterns: ['a'],
      composed_of: [],
      data_stream: { hidden: true, allow_custom_routing: false },
      template: { lifecycle: { data_retention: '7d', enabled: true } },
    },
  ],
  [
    'a pipeline',
    'ingest-pipelines',
    { description: 'x', processors: [{ set: { field: 'a', value: 1 } }], version: 2 },
    {
      description: 'x',
      processors: [{ set: { field: 'a', value: 1 } }],
      version: 2,
      created_date_millis: 1,
      modified_date_millis: 1,
    },
  ],
]

describe('a definition that the server has taken', () => {
  for (const [what, type, written, shown] of pairs) {
    it(`differs in nothing: ${what}`, () => {
      assert.deepEqual(fieldsOf(desired(type, written)), fieldsOf(observed(type, shown)))
    })
    it(`is written whole, and imported as it is: ${what}`, () => {
      assert.equal(desired(type, written).whole, true)
      const imported = toWrittenDefinition(observed(type, shown))
      assert.deepEqual(fieldsOf(desired(type, imported)), fieldsOf(desired(type, written)))
    })
  }

  it('has flat fields, and in its body what is sent', () => {
    const template = desired('index-templates', {
      index_patterns: ['a-*'],
      composed_of: ['b'],
      priority: 1,
      template: {
        settings: { number_of_shards: 2 },
        mappings: {
          dynamic: 'strict',
          properties: { u: { properties: { n: { type: 'ip' } } } },
          runtime: { d: { type: 'long' } },
        },
        aliases: { x: {} },
      },
      _meta: { a: { b: 1 } },
    })
    assert.deepEqual(fieldsOf(template), {
      index_patterns: ['a-*'],
      composed_of: ['b'],
      priority: 1,
      'template.settings.index.number_of_shards': '2',
      'template.mappings.dynamic': 'strict',
      'template.mappings.properties.u': { type: 'object' },
      'template.mappings.properties.u.n': { type: 'ip' },
      'template.mappings.runtime.d': { type: 'long' },
      'template.aliases.x': {},
      _meta: { a: { b: 1 } },
    })
    assert.deepEqual(plain(template.body['template']), {
      settings: { 'index.number_of_shards': '2' },
      mappings: {
        dynamic: 'strict',
        properties: { u: { properties: { n: { type: 'ip' } } } },
        runtime: { d: { type: 'long' } },
      },
      aliases: { x: {} },
    })
  })

  it('shows what somebody added by hand', () => {
    const shown = { template: { settings: { 'index.codec': 'best_compression' } }, version: 1 }
    assert.deepEqual(fieldsOf(observed('component-templates', shown)), {
      'template.settings.index.codec': 'best_compression',
      version: 1,
    })
  })

  it('may have fields called __proto__', () => {
    const written: unknown = JSON.parse(
      '{"template":{"mappings":{"properties":{"__proto__":{"type":"long"}}}},"_meta":{"__proto__":1}}',
    )
    const template = desired('component-templates', written)
    assert.equal(JSON.stringify(template.body), JSON.stringify(written))
    assert.ok(template.fields.has('template.mappings.properties.__proto__'))
  })
})

describe('an ILM policy', () => {
  const written = {
    phases: {
      hot: { actions: { rollover: { max_age: '24h', max_primary_shard_size: '51200mb', max_docs: 1000 } } },
      warm: { min_age: '0', actions: { allocate: { number_of_replicas: 1, require: { rack: '1d' } } } },
      delete: { min_age: '30d', actions: { delete: {} } },
    },
    _meta: { by: 'x' },
  }
  const shown = {
    version: 4,
    modified_date: '2026-11-20T10:15:00.000Z',
    policy: {
      phases: {
        hot: {
          min_age: '0ms',
          actions: { rollover: { max_age: '1d', max_primary_shard_size: '50gb', max_docs: 1000 } },
        },
        warm: {
          min_age: '0ms',
          actions: { allocate: { number_of_replicas: 1, include: {}, exclude: {}, require: { rack: '1d' } } },
        },
        delete: { min_age: '30d', actions: { delete: { delete_searchable_snapshot: true } } },
      },
      _meta: { by: 'x' },
    },
    in_use_by: { indices: ['a'], data_streams: [], composable_templates: [] },
  }

  it('is compared in what is written: everything of it is there', () => {
    const want = desired('ilm-policies', written)
    const have = observed('ilm-policies', shown)
    assert.equal(want.whole, undefined)
    for (const [path, value] of want.fields)
      assert.deepEqual(plain(have.fields.get(path)), plain(value), path)
    assert.ok(want.fields.has('phases.delete.actions.delete'))
    assert.equal(want.fields.get('phases.warm.actions.allocate.require.rack'), '1d')
  })

  it('without an action that is written shows that it is missing', () => {
    const have = observed('ilm-policies', { policy: { phases: { delete: { min_age: '30d', actions: {} } } } })
    assert.equal(have.fields.has('phases.delete'), true)
    assert.equal(have.fields.has('phases.delete.actions.delete'), false)
  })

  it('is sent inside a member of that name, and imported without it', () => {
    assert.deepEqual(plain(desired('ilm-policies', written).body), { policy: written })
    assert.deepEqual(plain(contentOf(desired('ilm-policies', written))), written)
    assert.deepEqual(plain(toWrittenDefinition(observed('ilm-policies', shown))), shown.policy)
  })
})

describe('what is not ours', () => {
  const foreign: readonly (readonly [string, string, unknown])[] = [
    ['has a name with a dot', '.monitoring', { template: {} }],
    ['is marked as managed', 'logs-mappings', { template: {}, _meta: { managed: true } }],
    ['is marked as managed, in quotes', 'x', { template: {}, _meta: { managed: 'true' } }],
  ]
  for (const [what, name, body] of foreign) {
    it(`${what}, and is not imported`, () => {
      const template = observeDefinition('component-templates', name, body)
      assert.equal(template.foreign, true)
      assert.equal(toWrittenDefinition(template), undefined)
    })
  }
  it('is nothing else', () => {
    for (const _meta of [{}, { managed: false }, { managed_by: 'x' }]) {
      assert.equal(observed('component-templates', { template: {}, _meta }).foreign, undefined)
    }
    assert.equal(observed('ilm-policies', { policy: { phases: {}, _meta: { managed: true } } }).foreign, true)
  })
})

/** Not part of the project (see the README beside them): a thousand real fields, where they are to be had. */
const ecs = new URL('../../../shared/fixtures/elasticsearch/ecs/', import.meta.url)

describe(
  'the Elastic Common Schema',
  { skip: existsSync(ecs) ? false : 'its templates are not on this machine' },
  () => {
    const read = async (file: string): Promise<unknown> =>
      JSON.parse(await readFile(new URL(file, ecs), 'utf8'))

    it('is valid, becomes a field for every definition in it, and comes back as it was', async () => {
      const files = (await readdir(ecs)).filter((file) => file !== 'template.json')
      assert.equal(files.length, 42)
      let leaves = 0
      for (const file of files) {
        const written = componentTemplateSchema.parse(await read(file))
        const template = desired('component-templates', written)
        const paths = [...template.fields.keys()].filter((path) =>
          path.startsWith('template.mappings.properties.'),
        )
        assert.equal(paths.length, definitionsIn(written.template.mappings?.['properties']), file)
        const imported = toWrittenDefinition(observed('component-templates', plain(template.body)))
        assert.deepEqual(plain(imported), plain(written), file)
        leaves += paths.length
      }
      assert.ok(leaves > 1_000, `${leaves} fields`)
    })

    it('is composed by an index template', async () => {
      const template = desired('index-templates', indexTemplateSchema.parse(await read('template.json')))
      assert.equal(template.fields.get('template.settings.index.mapping.total_fields.limit'), '3000')
      assert.equal(template.fields.get('template.settings.index.codec'), 'best_compression')
      assert.ok(template.fields.has('template.mappings.dynamic_templates'))
    })
  },
)

/** Counted another way: every object that stands as a member of `properties` or `fields`. */
function definitionsIn(fields: unknown): number {
  return Object.values(
    (fields ?? {}) as Record<string, { readonly properties?: unknown; readonly fields?: unknown }>,
  )
    .map((definition) => 1 + definitionsIn(definition.properties) + definitionsIn(definition.fields))
    .reduce((sum, count) => sum + count, 0)
}
