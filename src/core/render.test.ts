import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  addCounts,
  changeToJson,
  countPlan,
  planToJson,
  renderChanges,
  renderPlan,
  renderSummary,
} from './render.ts'
import { printable, shortened, showValue } from './text.ts'
import type { Change, Judgement, Plan, PlannedChange } from './resource.ts'

const apply: Judgement = { verdict: 'apply' }

function change(action: Change['action'], name: string, fields: Change['fields'] = []): Change {
  return { action, type: 'topics', name, cause: 'written', fields }
}

function planOf(changes: readonly PlannedChange[], rest: Partial<Plan> = {}): Plan {
  return { changes, orphans: [], adopted: [], retained: new Map(), yielded: new Map(), unchanged: 0, ...rest }
}

const cause = 'written'
const drift = 'drift'

const golden: readonly {
  readonly name: string
  readonly plan: Plan
  readonly text: string
  readonly summary: string
}[] = [
  {
    name: 'nothing to do is no text and a sentence',
    plan: planOf([], { unchanged: 12 }),
    text: '',
    summary: 'No changes: 12 as written.',
  },
  {
    name: 'a create lists every written field',
    plan: planOf([
      {
        change: change('create', 'user-events', [
          { path: 'config.retention.ms', after: '86400000', cause },
          { path: 'partitions', after: 6, cause },
        ]),
        judgement: apply,
      },
    ]),
    text: `
+ topics/user-events  create
    + config.retention.ms: 86400000
    + partitions: 6`,
    summary: 'Plan: 1 to create, 0 to change, 0 to delete',
  },
  {
    name: 'an update shows before and after, what is newly set and what is reset',
    plan: planOf([
      {
        change: change('update', 'orders', [
          { path: 'config.cleanup.policy', after: 'compact,delete', cause },
          { path: 'config.segment.ms', before: '60000', cause },
          { path: 'partitions', before: 3, after: 6, cause },
        ]),
        judgement: apply,
      },
    ]),
    text: `
~ topics/orders  update
    + config.cleanup.policy: compact,delete
    - config.segment.ms: 60000
    ~ partitions: 3 → 6`,
    summary: 'Plan: 0 to create, 1 to change, 0 to delete',
  },
  {
    name: 'drift is named on the change, and on a field only where it differs from the change',
    plan: planOf([
      {
        change: {
          ...change('update', 'a', [{ path: 'config.retention.ms', before: '1', after: '2', cause: drift }]),
          cause: drift,
        },
        judgement: apply,
      },
      {
        change: change('update', 'b', [
          { path: 'config.retention.ms', before: '1', after: '2', cause: drift },
          { path: 'partitions', before: 1, after: 2, cause },
        ]),
        judgement: apply,
      },
    ]),
    text: `
~ topics/a  update (drift)
    ~ config.retention.ms: 1 → 2
~ topics/b  update
    ~ config.retention.ms: 1 → 2 (drift)
    ~ partitions: 1 → 2`,
    summary: 'Plan: 0 to create, 2 to change, 0 to delete',
  },
  {
    name: 'what a rule withholds carries the rule and its sentence on one line',
    plan: planOf([
      {
        change: change('update', 'payments', [{ path: 'partitions', before: 6, after: 3, cause }]),
        judgement: {
          verdict: 'refused',
          code: 'PartitionsDecrease',
          message: 'Kafka cannot take partitions away',
        },
      },
      {
        change: change('delete', 'old-stream'),
        judgement: {
          verdict: 'held',
          code: 'HoldsRecords',
          message: 'the topic holds 12 records:\n\tread them first',
        },
      },
    ]),
    text: `
! topics/payments  update refused (PartitionsDecrease): Kafka cannot take partitions away
    ~ partitions: 6 → 3
! topics/old-stream  delete held (HoldsRecords): the topic holds 12 records: read them first`,
    summary: 'Plan: 0 to create, 0 to change, 0 to delete, 1 held (hash 3f2a00000000), 1 refused',
  },
  {
    name: 'a delete, a replace and an orphan each have their symbol',
    plan: planOf(
      [
        { change: change('delete', 'gone'), judgement: apply },
        {
          change: change('replace', 'index', [
            { path: 'mappings.id', before: 'text', after: 'keyword', cause },
          ]),
          judgement: apply,
        },
      ],
      { orphans: ['topics/left-over'] },
    ),
    text: `
- topics/gone  delete
± topics/index  replace
    ~ mappings.id: text → keyword
? topics/left-over  orphan: no longer written, and kept`,
    summary: 'Plan: 0 to create, 0 to change, 1 to replace, 1 to delete, 1 orphan kept',
  },
  {
    name: 'a class stands behind the action, and its reason on a line of its own',
    plan: planOf([
      {
        change: {
          ...change('update', 'a', [{ path: 'replicas', before: 1, after: 2, cause }]),
          class: 'in place',
          reason: 'a dynamic\nsetting',
        },
        judgement: apply,
      },
      {
        change: {
          ...change('replace', 'a', [{ path: 'shards', before: 1, after: 2, cause }]),
          class: 'reindex',
          reason: 'it is fixed when the index is made',
        },
        judgement: { verdict: 'held', code: 'NeedsReindex', message: 'it needs a new index' },
      },
      { change: { ...change('replace', 'b'), class: 'reindex' }, judgement: apply },
    ]),
    text: `
~ topics/a  update [in place]
    # a dynamic setting
    ~ replicas: 1 → 2
! topics/a  replace [reindex] held (NeedsReindex): it needs a new index
    # it is fixed when the index is made
    ~ shards: 1 → 2
± topics/b  replace [reindex]`,
    summary: 'Plan: 0 to create, 1 to change, 1 to replace, 0 to delete, 1 held (hash 3f2a00000000)',
  },
  {
    name: 'what waits for another resource says for what',
    plan: planOf([
      {
        change: change('create', 'a'),
        judgement: { verdict: 'waiting', code: 'DependencyMissing', message: 'waits for pipelines/p' },
      },
    ]),
    text: `
! topics/a  create waiting (DependencyMissing): waits for pipelines/p`,
    summary: 'Plan: 0 to create, 0 to change, 0 to delete, 1 waiting',
  },
  {
    name: 'what the service cannot remove is told, and is no change',
    plan: planOf([], {
      retained: new Map([['topics/a' as const, ['old field', ...'abcdefghijk'.split('')]]]),
      unchanged: 1,
    }),
    text: `
? topics/a  retained: no longer written, and the service cannot remove "old field", a, b, c, d, e, f, g, h, i and 2 more`,
    summary: 'No changes: 1 as written.',
  },
  {
    name: 'a policy that only observes withholds everything',
    plan: planOf([
      {
        change: change('create', 'a'),
        judgement: { verdict: 'withheld', code: 'ChangesWithheld', message: 'the policy only observes' },
      },
    ]),
    text: `
! topics/a  create withheld (ChangesWithheld): the policy only observes`,
    summary: 'Plan: 0 to create, 0 to change, 0 to delete, 1 withheld',
  },
]

describe('a plan as text', () => {
  for (const { name, plan, text, summary } of golden) {
    it(name, () => {
      assert.equal(renderPlan(plan), text.replace(/^\n/, ''))
      assert.equal(renderSummary(countPlan(plan), '3f2a00000000'), summary)
    })
  }

  it('paints a change by what it does, and one that is withheld by that', () => {
    const tones: string[] = []
    const changes: PlannedChange[] = [
      { change: change('create', 'a'), judgement: apply },
      { change: change('update', 'b'), judgement: apply },
      { change: change('delete', 'c'), judgement: apply },
      { change: change('delete', 'd'), judgement: { verdict: 'held', code: 'X', message: 'x' } },
    ]
    renderChanges(changes, (tone, text) => {
      tones.push(tone)
      return text
    })
    assert.deepEqual(tones, ['create', 'update', 'delete', 'withheld'])
  })

  it('keeps orphans out of the changes that would be made', () => {
    assert.equal(
      renderSummary(countPlan(planOf([], { unchanged: 3, orphans: ['topics/a'] }))),
      'No changes: 3 as written, 1 orphan kept.',
    )
  })

  it('adds the counts of several plans', () => {
    const one = countPlan(planOf([{ change: change('create', 'a'), judgement: apply }], { unchanged: 2 }))
    assert.equal(renderSummary(addCounts([one, one])), 'Plan: 2 to create, 0 to change, 0 to delete')
    assert.equal(addCounts([one, one]).unchanged, 4)
  })
})

describe('names and values in text', () => {
  const names: readonly (readonly [string, string])[] = [
    ['user-events', 'user-events'],
    ['', '""'],
    ['two words', '"two words"'],
    ['\u001b[2Jgone', '"\\u001b[2Jgone"'],
    ['line\nbreak', '"line\\nbreak"'],
    ['right\u202eleft', '"right\\u{202e}left"'],
    ['größe', '"größe"'],
  ]
  for (const [name, shown] of names) {
    it(`shows ${JSON.stringify(name)} so that it cannot move the cursor`, () => {
      assert.equal(printable(name), shown)
    })
  }

  const values: readonly (readonly [Parameters<typeof showValue>[0], string])[] = [
    [undefined, '(not set)'],
    [null, 'null'],
    [6, '6'],
    [true, 'true'],
    ['9223372036854775807', '9223372036854775807'],
    [['a', 'b'], '["a","b"]'],
    [{ a: { b: 1 } }, '{"a":{"b":1}}'],
    ['x'.repeat(200), `${'x'.repeat(120)}…`],
  ]
  for (const [value, shown] of values) {
    it(`shows ${value === undefined ? 'what is absent' : JSON.stringify(value).slice(0, 30)} as people read it`, () => {
      assert.equal(showValue(value), shown)
    })
  }
})

describe('a text cut short', () => {
  const texts: readonly (readonly [string, number, string])[] = [
    ['as it is', 10, 'as it is'],
    ['exactly ten', 11, 'exactly ten'],
    ['one too many', 11, 'one too ma…'],
    ['two\r\nlines', 20, 'two lines'],
    ['a😀b', 3, 'a…'],
    ['a😀b', 4, 'a😀b'],
  ]
  for (const [text, most, short] of texts) {
    it(`of ${JSON.stringify(text)} to ${most} is ${JSON.stringify(short)}`, () => {
      assert.equal(shortened(text, most), short)
    })
  }
})

describe('a plan as JSON', () => {
  it('carries verdict, code and fields, and nothing that JSON cannot', () => {
    const held: PlannedChange = {
      change: { ...change('delete', 'a'), id: 'abc' },
      judgement: { verdict: 'held', code: 'HoldsRecords', message: 'it holds records' },
    }
    const adopted = { type: 'topics', name: 'b', fields: new Map([['partitions', 1]]) }
    const retained = new Map([['topics/d' as const, ['x']]])
    const rest = { adopted: [adopted], orphans: ['topics/c'] as const, retained, unchanged: 1 }
    const json = planToJson(planOf([held], rest))
    assert.deepEqual(JSON.parse(JSON.stringify(json)), {
      changes: [
        {
          action: 'delete',
          type: 'topics',
          name: 'a',
          id: 'abc',
          cause: 'written',
          verdict: 'held',
          code: 'HoldsRecords',
          message: 'it holds records',
          fields: [],
        },
      ],
      orphans: ['topics/c'],
      adopted: ['topics/b'],
      retained: { 'topics/d': ['x'] },
      yielded: {},
      counts: {
        create: 0,
        update: 0,
        replace: 0,
        delete: 0,
        held: 1,
        refused: 0,
        withheld: 0,
        waiting: 0,
        orphans: 1,
        unchanged: 1,
      },
    })
  })

  it('carries class and reason where there are any', () => {
    const { class: way, reason } = changeToJson({
      change: { ...change('update', 'a'), class: 'in place', reason: 'it can' },
      judgement: apply,
    })
    assert.deepEqual([way, reason], ['in place', 'it can'])
  })

  it('leaves code and message out of a change that is applied', () => {
    const json = changeToJson({ change: change('create', 'a'), judgement: apply })
    assert.deepEqual(Object.keys(json), ['action', 'type', 'name', 'cause', 'verdict', 'fields'])
  })
})
