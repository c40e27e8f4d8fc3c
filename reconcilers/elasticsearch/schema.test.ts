import assert from 'node:assert/strict'
import { readFile, readdir } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { parseDocument } from '../../src/kube/document.ts'
import { issuesOf } from '../../test/support/schema-issues.ts'
import {
  componentTemplateSchema,
  definitionName,
  indexName,
  indexSchema,
  indexTemplateSchema,
  pipelineSchema,
  policySchema,
  templateName,
} from './schema.ts'

/** A document as it arrives: objects without a prototype, integers beyond 2^53 as bigint. */
function entryOf(text: string): unknown {
  const { entries, issues } = parseDocument(`entry: ${text}`, 'indices.yaml')
  assert.deepEqual(issues, [])
  return entries?.get('entry')
}

const badNames: readonly (readonly [string, string, RegExp])[] = [
  ['an empty name', '', /must not be empty/],
  ['a dot', '.', /cannot be named "\." or "\.\."/],
  ['two dots', '..', /cannot be named/],
  ['upper case', 'Orders', /must be in lower case; "Orders" is not/],
  ['upper case beyond ASCII', 'Ünal', /must be in lower case/],
  ['an underscore first', '_orders', /must not begin with "_", "-" or "\+"; "_orders" does/],
  ['__proto__', '__proto__', /must not begin with "_"/],
  ['a dash first', '-orders', /must not begin/],
  ['a plus first', '+orders', /must not begin/],
  ...['\\', '/', '*', '?', '"', '<', '>', '|', ',', '#', ':', ' ', '\t', '\n', '\u0000', '\u007f'].map(
    (character) => [`${JSON.stringify(character)} in it`, `a${character}b`, /must not hold/] as const,
  ),
  ['date math', '<logs-{now/d}>', /date math has no place here: write the name that it stands for/],
  [
    '207 bytes',
    'a'.repeat(207),
    /at most 206 bytes here \(255, less what a reindex adds to it\), this one has 207/,
  ],
  ['207 bytes in fewer characters', `${'é'.repeat(103)}a`, /this one has 207/],
]
const goodNames = [
  'a',
  'a'.repeat(206),
  'é'.repeat(103),
  'user-profiles',
  'a_b.c',
  '日本',
  '.kibana',
  '1',
  'constructor',
  'a+b',
  'a@b',
  'a&b',
  'a{b}',
]

describe('an index name', () => {
  for (const [what, name, message] of badNames) {
    it(`may not be ${what}`, () => assert.match(issuesOf(indexName, name).join('; '), message))
  }
  for (const name of goodNames) {
    it(`may be ${name.slice(0, 20)} (${Buffer.byteLength(name)} bytes)`, () =>
      assert.deepEqual(issuesOf(indexName, name), []))
  }
})

describe('a name of a template, pipeline or policy', () => {
  for (const name of ['', '.', '..', '_none', 'a,b', 'a*', 'a b', 'a/b', 'a#b', 'a'.repeat(256)]) {
    it(`may not be ${JSON.stringify(name.slice(0, 20))}`, () =>
      assert.equal(issuesOf(definitionName, name).length, 1))
  }
  it('may be in upper case, unless it is a template’s', () => {
    assert.deepEqual(issuesOf(definitionName, 'Orders@1.0-x'), [])
    assert.deepEqual(issuesOf(templateName, 'Orders'), [
      'a template’s name must be in lower case; "Orders" is not',
    ])
    assert.deepEqual(issuesOf(templateName, 'orders@1.0-x'), [])
  })
})

const entry =
  'an index is a map of settings, mappings, aliases, on-incompatible, max-write-block and keep-old-index'
const known = 'an index has settings, mappings, aliases, on-incompatible, max-write-block and keep-old-index'
const writeBlock = 'max-write-block: max-write-block is a time from 1s to 10m, such as "30s"'
const keep = 'keep-old-index: keep-old-index is a time of at most 366d, such as "30s"'

const badIndices: readonly (readonly [string, string, readonly string[]])[] = [
  ['null', 'null', [entry]],
  ['a list', '[]', [entry]],
  ['a text', 'settings', [entry]],
  [
    'a key with a slip',
    '{setings: {}}',
    [`"setings" (did you mean "settings"?) is not known here; ${known}`],
  ],
  [
    'a key in camel case',
    '{onIncompatible: hold}',
    [`"onIncompatible" (did you mean "on-incompatible"?) is not known here; ${known}`],
  ],
  [
    'a key that belongs deeper',
    '{properties: {}}',
    [`"properties" (did you mean "mappings.properties"?) is not known here; ${known}`],
  ],
  [
    'a setting at the top',
    '{number_of_shards: 3}',
    [`"number_of_shards" (did you mean "settings.number_of_shards"?) is not known here; ${known}`],
  ],
  ['a key that nothing is like', '{zzz: 1}', [`"zzz" is not known here; ${known}`]],
  ['the key __proto__', '{__proto__: 1}', [`"__proto__" is not known here; ${known}`]],
  [
    'settings that are null',
    '{settings: null}',
    ['settings: must be a map from setting to value; null is not'],
  ],
  [
    'a wrong shard count',
    '{settings: {index: {number_of_shards: 0}}}',
    ['settings.index.number_of_shards: must be a whole number from 1 to 1,024; "0" is not'],
  ],
  [
    'a private setting',
    '{settings: {index.uuid: x}}',
    ['settings.index.uuid: is kept by Elasticsearch itself and cannot be set; leave it out'],
  ],
  [
    'mappings that are a list',
    '{mappings: []}',
    ['mappings: must be a map of mapping parameters; [] is not'],
  ],
  [
    'the typed form of 7.x',
    '{mappings: {_doc: {properties: {}}}}',
    ['mappings._doc: is the typed form of 7.x: write what is under "_doc" directly under mappings'],
  ],
  [
    'the typed form with a name of its own',
    '{mappings: {order: {properties: {a: {type: keyword}}}}}',
    ['mappings.order: is the typed form of 7.x: write what is under "order" directly under mappings'],
  ],
  [
    'properties as a list',
    '{mappings: {properties: [a]}}',
    ['mappings.properties: must be a map from field to definition; ["a"] is not'],
  ],
  [
    'a field that is a text',
    '{mappings: {properties: {o: {properties: {a: keyword}}}}}',
    [
      'mappings.properties.o.properties.a: is defined by a map such as {"type": "keyword"}; "keyword" is none',
    ],
  ],
  [
    'a field that is null',
    '{mappings: {properties: {a: null}}}',
    ['mappings.properties.a: is defined by a map such as {"type": "keyword"}; null is none'],
  ],
  [
    'a sub-field that is a text',
    '{mappings: {properties: {a: {type: text, fields: {raw: keyword}}}}}',
    ['mappings.properties.a.fields.raw: is defined by a map such as {"type": "keyword"}; "keyword" is none'],
  ],
  ...['""', '" "', 'a..b', '.a', 'a.'].map(
    (name) =>
      [
        `a field called ${name}`,
        `{mappings: {properties: {${name}: {type: keyword}}}}`,
        [
          `mappings.properties.${name.replaceAll('"', '')}: "${name.replaceAll('"', '')}" is no name of a field: it is empty, or has an empty part between dots`,
        ],
      ] as const,
  ),
  [
    'runtime as a list',
    '{mappings: {runtime: []}}',
    ['mappings.runtime: must be a map from field to definition; [] is not'],
  ],
  [
    'a runtime field that is a text',
    '{mappings: {runtime: {day: long}}}',
    ['mappings.runtime.day: is defined by a map such as {"type": "long"}; "long" is none'],
  ],
  [
    'aliases as a list',
    '{aliases: [a]}',
    ['aliases: must be a map from alias to its definition; ["a"] is not'],
  ],
  [
    'an alias that is null',
    '{aliases: {a: null}}',
    ['aliases.a: must be a map, {} for a plain alias; null is not'],
  ],
  [
    'an alias with an unknown key, which the server would pass over',
    '{aliases: {a: {fliter: {}}}}',
    [
      'aliases.a.fliter: is not known here; an alias has filter, routing, index_routing, search_routing, is_write_index, is_hidden',
    ],
  ],
  [
    'an alias that is a mark of InfoMetis',
    '{aliases: {infometis-blocked-a: {}}}',
    ['aliases.infometis-blocked-a: is a mark that InfoMetis sets by itself; leave it out'],
  ],
  [
    'on-incompatible delete',
    '{on-incompatible: delete}',
    ['on-incompatible: on-incompatible is "hold" or "reindex"; "delete" is neither'],
  ],
  [
    'on-incompatible true',
    '{on-incompatible: true}',
    ['on-incompatible: on-incompatible is "hold" or "reindex"; true is neither'],
  ],
  ['a write block of no time', '{max-write-block: 0s}', [`${writeBlock}; "0s" is not`]],
  ['a write block too long', '{max-write-block: 11m}', [`${writeBlock}; "11m" is not`]],
  ['a write block without a unit', '{max-write-block: 30}', [`${writeBlock}; 30 is not`]],
  ['a write block that is no time', '{max-write-block: soon}', [`${writeBlock}; "soon" is not`]],
  ['an old index for ever', '{keep-old-index: 367d}', [`${keep}; "367d" is not`]],
]

const goodIndices: readonly (readonly [string, string])[] = [
  ['nothing', '{}'],
  ['empty parts', '{settings: {}, mappings: {}, aliases: {}}'],
  ['properties as an empty list, as some languages write an empty map', '{mappings: {properties: []}}'],
  ['a field without a type, for the server to judge', '{mappings: {properties: {a: {enabled: false}}}}'],
  [
    'an unknown parameter, for the server to judge',
    '{mappings: {properties: {a: {type: keyword, boost: 2}}}}',
  ],
  ['a single root parameter that is a map', '{mappings: {_source: {enabled: true}}}'],
  ['the shortest and the longest block', '{max-write-block: 1s, keep-old-index: 0s}'],
  ['a block of ten minutes', '{max-write-block: 10m, on-incompatible: reindex}'],
  [
    'fields of any name',
    '{mappings: {properties: {__proto__: {type: keyword}, constructor: {type: keyword}, "日本": {type: keyword}, "a b": {type: keyword}}}}',
  ],
]

describe('an index', () => {
  for (const [what, value, issues] of badIndices) {
    it(`refuses ${what}, and says where and what is right`, () =>
      assert.deepEqual(issuesOf(indexSchema, entryOf(value)), issues))
  }
  for (const [what, value] of goodIndices) {
    it(`takes ${what}`, () => assert.deepEqual(issuesOf(indexSchema, entryOf(value)), []))
  }

  it('says everything that is wrong at once', () => {
    const value = entryOf(
      '{settings: {number_of_shards: 0, uuid: x}, mappings: {properties: {a: b}}, max-write-block: 1}',
    )
    assert.equal(issuesOf(indexSchema, value).length, 4)
  })

  it('passes settings and mappings on as they were written: exact integers, and __proto__ as a name', () => {
    const value = entryOf(
      '{settings: {a: 9223372036854775807}, mappings: {properties: {__proto__: {type: long}}}}',
    )
    const { settings, mappings } = indexSchema.parse(value)
    assert.equal(settings?.['a'], 9223372036854775807n)
    assert.deepEqual(Object.keys(mappings?.['properties'] ?? {}), ['__proto__'])
    assert.equal(({} as { readonly type?: unknown }).type, undefined)
  })
})

const badDefinitions: readonly (readonly [string, z.ZodType, string, RegExp])[] = [
  [
    'a component template without a template',
    componentTemplateSchema,
    '{version: 1}',
    /^template: a template is a map of/,
  ],
  [
    'a component template with settings at the top',
    componentTemplateSchema,
    '{template: {}, settings: {}}',
    /"settings" \(did you mean "template.settings"\?\)/,
  ],
  [
    'a template with a private setting',
    componentTemplateSchema,
    '{template: {settings: {uuid: x}}}',
    /^template.settings.uuid: is kept by Elasticsearch/,
  ],
  [
    'a template in the typed form',
    componentTemplateSchema,
    '{template: {mappings: {_doc: {}}}}',
    /^template.mappings._doc: is the typed form/,
  ],
  [
    'a template with properties at the top',
    componentTemplateSchema,
    '{template: {properties: {}}}',
    /did you mean "mappings.properties"/,
  ],
  [
    'a version in quotes',
    componentTemplateSchema,
    '{template: {}, version: "1"}',
    /^version: version is a whole number; "1" is not/,
  ],
  [
    'an index template without patterns',
    indexTemplateSchema,
    '{}',
    /^index_patterns: index_patterns is a pattern such as "logs-\*", or a list of at least one/,
  ],
  ['an index template with no pattern', indexTemplateSchema, '{index_patterns: []}', /^index_patterns: /],
  ['a negative priority', indexTemplateSchema, '{index_patterns: a-*, priority: -1}', /^priority: /],
  [
    'component templates that are a text',
    indexTemplateSchema,
    '{index_patterns: a-*, composed_of: a}',
    /^composed_of: must be a list of names of component templates/,
  ],
  ['the legacy order', indexTemplateSchema, '{index_patterns: a-*, order: 1}', /"order" .*is not known here/],
  [
    'a pipeline without processors',
    pipelineSchema,
    '{description: x}',
    /^processors: must be a list of processors/,
  ],
  [
    'a processor with two types',
    pipelineSchema,
    '{processors: [{set: {}, remove: {}}]}',
    /^processors.0: must have exactly one member/,
  ],
  [
    'a processor that is a text',
    pipelineSchema,
    '{processors: [set]}',
    /^processors.0: must be a map from a processor’s type to its options; "set" is not/,
  ],
  [
    'an integer that would have to become a text',
    pipelineSchema,
    '{processors: [{set: {field: a, value: 9007199254740993}}]}',
    /^processors.0.set.value: 9007199254740993 is more than a JSON number holds exactly \(2\^53\); write it in quotes/,
  ],
  [
    'a policy inside its own name',
    policySchema,
    '{policy: {phases: {}}}',
    /"policy" \(did you mean "phases"\?\)/,
  ],
  [
    'a phase that is null',
    policySchema,
    '{phases: {hot: null}}',
    /^phases.hot: must be a map of min_age and actions; null is not/,
  ],
]
const goodDefinitions: readonly (readonly [string, z.ZodType, string])[] = [
  ['an empty component template', componentTemplateSchema, '{template: {}}'],
  [
    'what Elasticsearch marks as its own, for a rule to judge',
    componentTemplateSchema,
    '{template: {}, _meta: {managed: true}}',
  ],
  [
    'one pattern',
    indexTemplateSchema,
    '{index_patterns: a-*, data_stream: {}, template: {lifecycle: {data_retention: 7d}}}',
  ],
  ['an empty pipeline', pipelineSchema, '{processors: []}'],
  ['a policy without phases', policySchema, '{phases: {}}'],
]

describe('a template, pipeline or policy', () => {
  for (const [what, schema, value, issue] of badDefinitions) {
    it(`refuses ${what}`, () => assert.match(issuesOf(schema, entryOf(value)).join('\n'), issue))
  }
  for (const [what, schema, value] of goodDefinitions) {
    it(`takes ${what}`, () => assert.deepEqual(issuesOf(schema, entryOf(value)), []))
  }
})

const types = new Map<string, readonly [z.ZodType, z.ZodType]>([
  ['indices', [indexName, indexSchema]],
  ['component-templates', [templateName, componentTemplateSchema]],
  ['index-templates', [templateName, indexTemplateSchema]],
  ['ingest-pipelines', [definitionName, pipelineSchema]],
  ['ilm-policies', [definitionName, policySchema]],
])

describe('the JSON Schema for editors', () => {
  for (const [type, [name, schema]] of types) {
    it(`of ${type} describes the name and every key, and knows no others`, () => {
      const { properties = {}, additionalProperties } = z.toJSONSchema(schema, { io: 'input' })
      for (const [key, property] of Object.entries(properties)) {
        assert.ok(
          typeof property === 'object' && property.description !== undefined,
          `${key} has no description`,
        )
        assert.ok(property.type !== undefined || property.anyOf !== undefined, `${key} has no type`)
      }
      assert.equal(additionalProperties, false)
      assert.ok(z.toJSONSchema(name, { io: 'input' }).description !== undefined)
    })
  }
})

describe('the examples', async () => {
  const folder = new URL('examples/', import.meta.url)
  const files = await readdir(folder)

  it('show every type', () => {
    for (const type of types.keys()) assert.ok(files.includes(`${type}.yaml`), type)
  })

  for (const file of files) {
    it(`${file} is valid`, async () => {
      const { entries, issues } = parseDocument(await readFile(new URL(file, folder), 'utf8'), file)
      assert.deepEqual(issues, [])
      const [, schemas] = [...types].find(([type]) => file.startsWith(type)) ?? []
      assert.ok(schemas !== undefined && entries !== undefined && entries.size > 0)
      for (const [name, value] of entries) {
        assert.deepEqual([...issuesOf(schemas[0], name), ...issuesOf(schemas[1], value)], [], name)
      }
    })
  }
})
