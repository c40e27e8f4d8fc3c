import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Cause, Change } from '../../src/core/resource.ts'
import { type Rule, type RuleContext, judge } from '../../src/core/rules.ts'
import { creationOf, removalOf } from '../../test/support/changes.ts'
import { type RuleCase, showCases } from '../../test/support/rule-cases.ts'
import { type ShownOptions, shownIndex, updateOf } from '../../test/support/search-index.ts'
import { classifyIndex } from './classify.ts'
import { buildingAlias, rollbackAlias } from './markers.ts'
import { normalizeDefinition, normalizeIndex, observeDefinition } from './normalize.ts'
import { observeIndex, shownIndices } from './observe-index.ts'
import type { Index, SearchResource } from './resource.ts'
import { definitionRules, indexRules } from './rules.ts'
import type { WrittenIndex } from './schema.ts'

type AnyChange = Change<SearchResource>

const empty: RuleContext<SearchResource> = { desired: [], names: [], emptyDocument: false }
const keyword = { type: 'keyword' }
const title = { mappings: { properties: { title: { type: 'text' } } } }
const otherTitle: WrittenIndex = { mappings: { properties: { title: keyword } } }
const managed = { settings: { 'index.lifecycle.name': 'logs' } }

function create(name: string, written: WrittenIndex = {}, cause: Cause = 'written'): AnyChange {
  return creationOf(normalizeIndex(name, written), cause)
}

/** One part of an update; the plain update where no class is named. */
function update(
  shown: ShownOptions,
  written: WrittenIndex,
  options: { readonly way?: string; readonly made?: WrittenIndex | undefined; readonly name?: string } = {},
): AnyChange {
  const { way, made = {}, name = 'orders' } = options
  const change = updateOf(shownIndex(name, shown), written, made)
  const part = way === undefined ? change : classifyIndex(change).find((each) => each.class === way)
  assert.ok(part !== undefined, `the change has no part of class ${way}`)
  return part
}

const adoption = (shown: ShownOptions, written: WrittenIndex): AnyChange =>
  updateOf(shownIndex('orders', shown), written)
const reindex = (shown: ShownOptions, written: WrittenIndex = otherTitle): AnyChange =>
  update(shown, written, { way: 'reindex' })
const settings = (more: object): WrittenIndex => ({ settings: more }) as WrittenIndex
const entry = (name: string, written: WrittenIndex = {}): Index => normalizeIndex(name, written)

function dataStream(): Index {
  const backing = { aliases: {}, mappings: {}, settings: {}, data_stream: 'orders' }
  const observed = observeIndex('orders', shownIndices({ '.ds-orders-2026.11.21-000001': backing }))
  assert.ok(observed !== undefined)
  return observed
}

const several: ShownOptions = {
  index: 'a',
  aliases: { orders: {} },
  beside: { b: { aliases: { orders: {} }, mappings: {}, settings: {} } },
}
const begun = { aliases: { [buildingAlias('0123456789ab', 'orders')]: {} }, mappings: {}, settings: {} }
const replicas = 'settings.index.number_of_replicas'
const shownReplicas = (count: string): ShownOptions => ({ settings: { 'index.number_of_replicas': count } })
const source = (_source: object, more: object = {}): ShownOptions => ({
  mappings: { ...title.mappings, _source },
  ...more,
})

const indexCases: Readonly<Record<string, readonly RuleCase<SearchResource>[]>> = {
  ReservedName: [
    {
      when: 'creating .kibana',
      change: create('.kibana'),
      withholds: 'all',
      message: /cannot be created here/,
    },
    {
      when: 'changing .security-7',
      change: update({}, settings({ priority: 1 }), { name: '.security-7' }),
      withholds: 'all',
      message: /cannot be changed here/,
    },
    {
      when: 'deleting .tasks',
      change: removalOf(shownIndex('.tasks')),
      withholds: 'all',
      message: /cannot be deleted here/,
    },
    { when: 'creating a.b', change: create('a.b'), withholds: undefined },
  ],
  DataStream: [
    {
      when: '48 the name is a data stream',
      change: updateOf(dataStream(), settings({ priority: 1 })),
      withholds: 'all',
      message: /orders is a data stream/,
    },
    { when: 'deleting a data stream', change: removalOf(dataStream()), withholds: 'all' },
    { when: 'an index', change: update({}, settings({ priority: 1 })), withholds: undefined },
  ],
  SeveralIndices: [
    {
      when: '48 the name is an alias over two indices',
      change: update(several, settings({ priority: 1 })),
      withholds: 'all',
      message: /orders is an alias over several/,
    },
    {
      when: '48 the name is an alias that writes nowhere',
      change: update(
        { index: 'a', aliases: { orders: { is_write_index: false } } },
        settings({ priority: 1 }),
      ),
      withholds: 'all',
    },
    {
      when: 'deleting what the alias stands for',
      change: removalOf(shownIndex('orders', several)),
      withholds: 'all',
    },
    {
      when: '48 the name is an alias over one index',
      change: update({ index: 'orders-000002' }, settings({ priority: 1 })),
      withholds: undefined,
    },
  ],
  NameTaken: [
    {
      when: 'the server lists the name, and shows nothing that can be read',
      change: create('orders'),
      context: { names: ['orders'] },
      withholds: 'all',
      message: /something named orders exists/,
    },
    {
      when: 'a generation is there, and nothing points to it',
      change: create('orders', { 'on-incompatible': 'reindex' }),
      context: { names: ['orders-000004', 'other'] },
      withholds: 'all',
      message: /orders-000004 exists, but the alias orders does not point to it/,
    },
    {
      when: 'an index that we made is gone, and an older generation is there',
      change: create('orders', {}, 'drift'),
      context: { names: ['orders-000001'] },
      withholds: 'all',
    },
    {
      when: 'a plain index beside one that is numbered by its own custom',
      change: create('orders'),
      context: { names: ['orders-000001'] },
      withholds: undefined,
    },
    {
      when: 'other names only',
      change: create('orders', { 'on-incompatible': 'reindex' }),
      context: { names: ['orders2', 'order', 'orders-1', 'my-orders-000001'] },
      withholds: undefined,
    },
  ],
  NameCollision: [
    {
      when: 'another entry has the name as an alias, and nothing is there yet',
      change: create('profiles'),
      context: { desired: [entry('profiles'), entry('users', { aliases: { profiles: {} } })] },
      withholds: 'all',
      message: /profiles is also written as an alias of users/,
    },
    {
      when: 'the name is an alias of an index that is an entry',
      change: update({ index: 'users', aliases: { orders: {} } }, settings({ priority: 1 })),
      context: { desired: [entry('orders'), entry('users')] },
      withholds: 'all',
      message: /orders stands for users, which is also an entry/,
    },
    {
      when: 'a generation of another entry is written',
      change: create('orders-000001'),
      context: { desired: [entry('orders', { 'on-incompatible': 'reindex' }), entry('orders-000001')] },
      withholds: 'all',
      message: /one of the indices behind orders/,
    },
    {
      when: 'an entry writes its own name as an alias, with a filter',
      change: create('orders', { 'on-incompatible': 'reindex' }),
      context: { desired: [entry('orders', { aliases: { orders: { filter: { match_all: {} } } } })] },
      withholds: undefined,
    },
    {
      when: 'two entries share an alias',
      change: create('a', { aliases: { all: {} } }),
      context: { desired: [entry('a', { aliases: { all: {} } }), entry('b', { aliases: { all: {} } })] },
      withholds: undefined,
    },
    {
      when: 'numbered names that nobody reindexes',
      change: create('orders-000001'),
      context: { desired: [entry('orders'), entry('orders-000001')] },
      withholds: undefined,
    },
  ],
  ManagedByLifecycle: [
    {
      when: '46 the policy is not written',
      change: update(managed, settings({ priority: 1 })),
      withholds: 'all',
      message: /lifecycle policy logs manages the index, and the entry does not name it/,
    },
    {
      when: '46 ILM has shrunk it, and the policy is not written',
      change: update({ ...managed, index: 'shrink-x1-orders' }, settings({ priority: 1 })),
      withholds: 'all',
    },
    {
      when: 'adopting what ILM manages',
      change: adoption(managed, settings({ priority: 1 })),
      withholds: 'all',
    },
    {
      when: 'the policy is written',
      change: update(managed, settings({ priority: 1, 'lifecycle.name': 'logs' })),
      withholds: undefined,
    },
    {
      when: 'another policy is written',
      change: update(managed, settings({ 'lifecycle.name': 'metrics' })),
      withholds: undefined,
    },
    {
      when: 'the policy is taken away by the entry that set it',
      change: update(managed, {}, { made: settings({ 'lifecycle.name': 'logs' }) }),
      withholds: undefined,
    },
    {
      when: 'the policy is written, and a reindex is needed',
      change: reindex({ ...title, ...managed }, { ...otherTitle, settings: { 'lifecycle.name': 'logs' } }),
      withholds: 'all',
      message: /cannot be replaced here/,
    },
    { when: 'deleting it', change: removalOf(shownIndex('orders', managed)), withholds: 'all' },
    { when: 'there is no policy', change: removalOf(shownIndex('orders')), withholds: undefined },
  ],
  SourceDisabled: [
    {
      when: '53 _source is off',
      change: reindex(source({ enabled: false })),
      withholds: 'all',
      message: /_source/,
    },
    {
      when: '53 _source leaves fields out',
      change: reindex(source({ excludes: ['body'] })),
      withholds: 'all',
    },
    { when: '53 _source has some fields', change: reindex(source({ includes: ['body'] })), withholds: 'all' },
    {
      when: 'a setting turns it off',
      change: reindex({ ...title, settings: { 'index.mapping.source.mode': 'disabled' } }),
      withholds: 'all',
    },
    {
      when: '53 _source is made of the fields',
      change: reindex(source({ mode: 'synthetic' })),
      withholds: undefined,
    },
    { when: '_source is as usual', change: reindex(title), withholds: undefined },
    {
      when: 'a setting is changed',
      change: update(source({ enabled: false }), settings({ priority: 1 })),
      withholds: undefined,
    },
  ],
  IndexClosed: [
    {
      when: '47 a closed index needs a reindex',
      change: reindex({ ...title, settings: { 'index.verified_before_close': 'true' } }),
      withholds: 'all',
      message: /orders is closed/,
    },
    {
      when: '47 a setting of a closed index is changed',
      change: update({ settings: { 'index.verified_before_close': 'true' } }, settings({ priority: 1 })),
      withholds: undefined,
    },
    { when: 'an open index needs a reindex', change: reindex(title), withholds: undefined },
  ],
  NeedsReindex: [
    {
      when: '38 a field gets another type',
      change: reindex(title),
      withholds: 'all',
      message: /title: its type cannot change from text to keyword$/,
    },
    {
      when: '42 the number of shards is changed',
      change: reindex({}, settings({ number_of_shards: 3 })),
      withholds: 'all',
    },
    {
      when: '62 the entry wanted it, and a copy was begun',
      change: reindex({ ...title, beside: { 'orders-000001': begun } }),
      withholds: 'all',
      message: /keyword \(orders-000001, which was begun for it, stays until then\)$/,
    },
    {
      when: 'the entry wants it',
      change: reindex(title, { ...otherTitle, 'on-incompatible': 'reindex' }),
      withholds: undefined,
    },
    {
      when: '34 a field is added',
      change: update({}, otherTitle, { way: 'in place' }),
      withholds: undefined,
    },
    {
      when: 'the index has a flood-stage block: the client waits for it',
      change: reindex(
        { ...title, settings: { 'index.blocks.read_only_allow_delete': 'true' } },
        { ...otherTitle, 'on-incompatible': 'reindex' },
      ),
      withholds: undefined,
    },
  ],
  ReopensIndex: [
    {
      when: '41 codec is changed',
      change: update({}, settings({ codec: 'best_compression' }), { way: 'reopen' }),
      withholds: 'all',
      message: /while the index is closed for it: index\.codec/,
    },
    {
      when: 'the index is closed already',
      change: update(
        { settings: { 'index.verified_before_close': 'true' } },
        settings({ codec: 'best_compression' }),
        { way: 'reopen' },
      ),
      withholds: undefined,
    },
    {
      when: '40 the dynamic part beside it',
      change: update({}, settings({ codec: 'best_compression', priority: 1 }), { way: 'in place' }),
      withholds: undefined,
    },
  ],
  FewerReplicas: [
    {
      when: 'going from 2 to 1, with another setting',
      change: update(shownReplicas('2'), settings({ number_of_replicas: 1, priority: 1 })),
      withholds: [replicas],
      message: /has 2 replicas, and 1 replica would be left/,
    },
    {
      when: 'somebody raised them at 3 a.m.',
      change: update(shownReplicas('2'), settings({ number_of_replicas: 1 }), {
        made: settings({ number_of_replicas: 1 }),
      }),
      withholds: [replicas],
    },
    {
      when: '39 they are no longer written: the server returns to 1',
      change: update(shownReplicas('2'), {}, { made: settings({ number_of_replicas: 2 }) }),
      withholds: [replicas],
    },
    {
      when: '45 a range that ends below what there is',
      change: update(shownReplicas('2'), settings({ auto_expand_replicas: '0-1' })),
      withholds: ['settings.index.auto_expand_replicas'],
    },
    {
      when: '45 a range that holds what there is',
      change: update(shownReplicas('2'), settings({ auto_expand_replicas: '0-all' })),
      withholds: undefined,
    },
    {
      when: 'going from 1 to 2',
      change: update(shownReplicas('1'), settings({ number_of_replicas: 2 })),
      withholds: undefined,
    },
    {
      when: 'no longer written where there is none: the server returns to 1',
      change: update(shownReplicas('0'), {}, { made: settings({ number_of_replicas: 0 }) }),
      withholds: undefined,
    },
    {
      when: 'creating with none',
      change: create('orders', settings({ number_of_replicas: 0 })),
      withholds: undefined,
    },
  ],
  DeletesIndex: [
    {
      when: 'deleting an index',
      change: removalOf(shownIndex('orders')),
      withholds: 'all',
      message: /^orders would be deleted with every document in it$/,
    },
    {
      when: 'deleting what an alias stands for',
      change: removalOf(shownIndex('orders', { index: 'orders-000003' })),
      withholds: 'all',
      message: /^orders-000003 would be deleted/,
    },
    {
      when: 'deleting a rollback point',
      change: removalOf(
        shownIndex('orders-000001', {
          aliases: { [rollbackAlias('orders', Date.UTC(2026, 10, 22, 10, 15))]: { is_hidden: true } },
        }),
      ),
      withholds: 'all',
      message: /the way back for orders and is meant to stay until 2026-11-22T10:15:00Z$/,
    },
    { when: 'a reindex, which keeps the old index', change: reindex(title), withholds: undefined },
  ],
}

const template = normalizeDefinition('index-templates')
const pipeline = (name: string, meta?: object) =>
  observeDefinition('ingest-pipelines', name, {
    processors: [],
    ...(meta === undefined ? {} : { _meta: meta }),
  })

function changeOf(observed: SearchResource, written?: object): AnyChange {
  const { type, name } = observed
  const desired = written === undefined ? undefined : normalizeDefinition('ingest-pipelines')(name, written)
  const action = desired === undefined ? 'delete' : 'update'
  return {
    action,
    type,
    name,
    cause: 'written',
    fields: [],
    observed,
    ...(desired === undefined ? {} : { desired }),
  }
}

const definitionCases: Readonly<Record<string, readonly RuleCase<SearchResource>[]>> = {
  ReservedName: [
    {
      when: 'creating .monitoring',
      change: { ...create('.monitoring'), type: 'index-templates', desired: template('.monitoring', {}) },
      withholds: 'all',
      message: /cannot be created here/,
    },
    { when: 'deleting .fleet', change: changeOf(pipeline('.fleet')), withholds: 'all' },
    { when: 'changing orders.v1', change: changeOf(pipeline('orders.v1'), {}), withholds: undefined },
  ],
  ManagedElsewhere: [
    {
      when: 'changing what another tool manages',
      change: changeOf(pipeline('logs', { managed: true }), { processors: [] }),
      withholds: 'all',
      message: /logs is managed by another tool/,
    },
    { when: 'deleting it', change: changeOf(pipeline('logs', { managed: true })), withholds: 'all' },
    {
      when: 'the entry has the mark as well',
      change: changeOf(pipeline('logs', { managed: true }), { processors: [], _meta: { managed: true } }),
      withholds: undefined,
    },
    { when: 'nobody marks it', change: changeOf(pipeline('logs', { by: 'us' }), {}), withholds: undefined },
  ],
}

function showRules(
  rules: readonly Rule<SearchResource>[],
  cases: Readonly<Record<string, readonly RuleCase<SearchResource>[]>>,
): void {
  for (const rule of rules) {
    describe(rule.says, () => {
      showCases(rule, cases[rule.code] ?? [])

      it('has a code, a sentence, a way out, and cases for and against it', () => {
        assert.match(rule.code, /^[A-Z][A-Za-z]+$/)
        assert.match(rule.says, /^[A-Z].*\.$/)
        assert.match(rule.wayOut, /^[A-Z].*\.$/)
        const outcomes = new Set(cases[rule.code]?.map(({ withholds }) => withholds !== undefined))
        assert.deepEqual(outcomes, new Set([true, false]))
      })
    })
  }

  it('have a code each', () => {
    assert.equal(new Set(rules.map(({ code }) => code)).size, rules.length)
    assert.deepEqual(Object.keys(cases).sort(), rules.map(({ code }) => code).sort())
  })
}

describe('the rules for indices', () => {
  showRules(indexRules, indexCases)

  it('let nothing of a reindex through where they withhold a part of it', () => {
    const bench = { rules: indexRules, allow: new Set<string>(), adopt: false }
    const parts = classifyIndex(
      updateOf(
        shownIndex('orders', { ...title, ...shownReplicas('2') }),
        { ...otherTitle, settings: { number_of_replicas: 1, refresh_interval: '5s' } },
        {},
      ),
    )
    const judged = parts.flatMap((part) => judge<SearchResource>(part, bench, empty))
    assert.deepEqual(
      judged.map(({ change, judgement }) => [
        judgement.verdict === 'apply' ? 'apply' : judgement.code,
        change.fields.map(({ path }) => path),
      ]),
      [
        ['apply', ['settings.index.refresh_interval']],
        ['FewerReplicas', [replicas]],
        ['NeedsReindex', ['index', 'mappings.properties.title']],
      ],
    )
  })

  it('hold an adoption that needs a reindex even where the entry wants one', () => {
    const bench = { rules: indexRules, allow: new Set<string>(), adopt: false }
    const [part] = classifyIndex(
      updateOf(shownIndex('orders', title), { ...otherTitle, 'on-incompatible': 'reindex' }),
    )
    assert.ok(part !== undefined)
    const [judged, ...rest] = judge<SearchResource>(part, bench, empty)
    assert.equal(judged?.judgement.verdict === 'held' && judged.judgement.code, 'AdoptionDiffers')
    assert.deepEqual(rest, [])
  })

  it('have nothing against blocks, whoever set them', () => {
    const blocked: ShownOptions = { ...title, settings: { 'index.blocks.write': 'true' } }
    const wanted: WrittenIndex = { ...otherTitle, 'on-incompatible': 'reindex' }
    const changes = [
      ...classifyIndex(updateOf(shownIndex('orders', blocked), wanted, {})),
      ...classifyIndex(
        updateOf(shownIndex('orders', title), { ...wanted, settings: { 'blocks.write': true } }, {}),
      ),
    ]
    assert.deepEqual(
      changes.map((change) => change.class),
      ['reindex', 'in place', 'reindex'],
    )
    for (const change of changes) {
      assert.deepEqual(
        indexRules.filter((rule) => rule.judge?.(change, empty) !== undefined),
        [],
      )
    }
  })

  it('find nothing to say of a thousand creates among twenty thousand names that look like theirs', () => {
    const names = Array.from({ length: 20_000 }, (_, index) => `team-${index}-000001`)
    const desired = names.slice(0, 1_000).map((each) => entry(`${each}x`, { 'on-incompatible': 'reindex' }))
    const context = { ...empty, desired, names }
    const rules = indexRules.filter(({ code }) => code.startsWith('Name'))
    const found = desired.flatMap(({ name }) => rules.map((rule) => rule.judge?.(create(name), context)))
    assert.deepEqual(
      found.filter((finding) => finding !== undefined),
      [],
    )
  })
})

describe('the rules for templates, pipelines and policies', () => {
  showRules(definitionRules, definitionCases)
})
