import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Cause, Change, FieldChange, Json } from '../../src/core/resource.ts'
import type { RuleContext } from '../../src/core/rules.ts'
import { creationOf } from '../../test/support/changes.ts'
import { type RuleCase, showCases } from '../../test/support/rule-cases.ts'
import { normalizeTopic, observeTopic } from './normalize.ts'
import type { Topic } from './normalize.ts'
import { topicRules } from './rules.ts'

const empty: RuleContext<Topic> = { desired: [], names: [], emptyDocument: false }

function create(name: string, fields: Record<string, Json> = {}): Change<Topic> {
  return creationOf({ type: 'topics', name, fields: new Map(Object.entries(fields)) })
}

function update(
  fields: Record<string, readonly [Json | undefined, Json | undefined]>,
  cause: Cause = 'written',
): Change<Topic> {
  const observed = observeTopic({
    name: 'a',
    id: 'id',
    partitions: [{ leader: true, replicas: 2 }],
    configs: [],
  })
  const changes = Object.entries(fields).map(([path, [before, after]]): FieldChange => ({
    path,
    cause,
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
  }))
  return { action: 'update', type: 'topics', name: 'a', id: 'id', cause, fields: changes, observed }
}

function remove(name: string): Change<Topic> {
  return { action: 'delete', type: 'topics', name, id: 'id', cause: 'written', fields: [] }
}

const policy = (before: string, after: string | undefined, cause: Cause = 'written') =>
  update({ 'config.cleanup.policy': [before, after] }, cause)
const retention = (before: string, after: string, key = 'retention.ms') =>
  update({ [`config.${key}`]: [before, after] }, 'drift')
const named = (...names: string[]) => names.map((name) => normalizeTopic(name, {}))

const cases: Readonly<Record<string, readonly RuleCase<Topic>[]>> = {
  InternalTopic: [
    {
      when: 'creating __consumer_offsets',
      change: create('__consumer_offsets'),
      withholds: 'all',
      message: /cannot be created here/,
    },
    { when: 'creating __transaction_state', change: create('__transaction_state'), withholds: 'all' },
    { when: 'creating __share_group_state', change: create('__share_group_state'), withholds: 'all' },
    { when: 'creating __cluster_metadata', change: create('__cluster_metadata'), withholds: 'all' },
    {
      when: 'deleting __anything',
      change: remove('__anything'),
      withholds: 'all',
      message: /cannot be deleted here/,
    },
    {
      when: 'updating __anything',
      change: { ...update({ partitions: [1, 2] }), name: '__x' },
      withholds: 'all',
      message: /cannot be changed here/,
    },
    { when: 'creating _schemas', change: create('_schemas'), withholds: undefined },
    { when: 'creating app-store-changelog', change: create('app-store-changelog'), withholds: undefined },
  ],
  PartitionsDecrease: [
    {
      when: 'going from 6 to 3',
      change: update({ partitions: [6, 3] }),
      withholds: ['partitions'],
      message: /has 6 partitions.*reduce them to 3/,
    },
    {
      when: 'going from 6 to 3 with a new retention',
      change: update({ partitions: [6, 3], 'config.retention.ms': ['1', '2'] }),
      withholds: ['partitions'],
    },
    { when: 'going from 3 to 6', change: update({ partitions: [3, 6] }), withholds: undefined },
  ],
  ReplicationFactorChange: [
    {
      when: 'going from 3 to 2',
      change: update({ 'replication-factor': [3, 2] }),
      withholds: ['replication-factor'],
      message: /this version does not do/,
    },
    {
      when: 'going from 1 to 3 with more partitions',
      change: update({ partitions: [1, 2], 'replication-factor': [1, 3] }),
      withholds: ['replication-factor'],
    },
    { when: 'creating with 3', change: create('a', { 'replication-factor': 3 }), withholds: undefined },
  ],
  NameCollision: [
    {
      when: 'a.b and a_b are both written',
      change: create('a.b'),
      context: { desired: named('a.b', 'a_b') },
      withholds: 'all',
      message: /a\.b and a_b are both written/,
    },
    {
      when: 'a_b is on the server',
      change: create('a.b'),
      context: { desired: named('a.b'), names: ['a_b'] },
      withholds: 'all',
      message: /from a_b, which exists/,
    },
    { when: 'a.b.c meets a_b.c', change: create('a.b.c'), context: { names: ['a_b.c'] }, withholds: 'all' },
    {
      when: 'only itself is on the server',
      change: create('a.b'),
      context: { desired: named('a.b'), names: ['a.b', 'a-b', 'ab'] },
      withholds: undefined,
    },
    {
      when: 'the topic exists already',
      change: update({ partitions: [1, 2] }),
      context: { names: ['a'] },
      withholds: undefined,
    },
  ],
  MinInsyncReplicas: [
    {
      when: 'creating with 3 of 2',
      change: create('a', { 'replication-factor': 2, 'config.min.insync.replicas': '3' }),
      withholds: 'all',
      message: /3 is greater than the replication factor 2/,
    },
    {
      when: 'creating with 2 of 2',
      change: create('a', { 'replication-factor': 2, 'config.min.insync.replicas': '2' }),
      withholds: undefined,
    },
    {
      when: 'creating with the broker’s replication factor',
      change: create('a', { 'config.min.insync.replicas': '2' }),
      withholds: undefined,
    },
    {
      when: 'raising to 3 where there are 2',
      change: update({ 'config.min.insync.replicas': ['1', '3'], partitions: [1, 2] }),
      withholds: ['config.min.insync.replicas'],
    },
    {
      when: 'raising to 2 where there are 2',
      change: update({ 'config.min.insync.replicas': ['1', '2'] }),
      withholds: undefined,
    },
  ],
  CompactToDelete: [
    {
      when: 'compact becomes compact,delete',
      change: policy('compact', 'compact,delete'),
      withholds: ['config.cleanup.policy'],
      message: /remove records by age and size/,
    },
    {
      when: 'compact becomes delete',
      change: policy('compact', 'delete'),
      withholds: ['config.cleanup.policy'],
    },
    {
      when: 'compact is no longer written',
      change: policy('compact', undefined),
      withholds: ['config.cleanup.policy'],
      message: /with cleanup.policy the default/,
    },
    {
      when: 'it is the correction of drift',
      change: policy('compact', 'delete', 'drift'),
      withholds: ['config.cleanup.policy'],
    },
    {
      when: 'compact,delete becomes delete',
      change: policy('compact,delete', 'delete'),
      withholds: undefined,
    },
    {
      when: 'creating with delete',
      change: create('a', { 'config.cleanup.policy': 'delete' }),
      withholds: undefined,
    },
  ],
  CompactionAdded: [
    {
      when: 'delete becomes compact',
      change: policy('delete', 'compact'),
      withholds: ['config.cleanup.policy'],
      message: /all but the latest of each key/,
    },
    {
      when: 'delete becomes compact,delete',
      change: policy('delete', 'compact,delete'),
      withholds: ['config.cleanup.policy'],
    },
    {
      when: 'compact becomes compact,delete',
      change: policy('compact', 'compact,delete'),
      withholds: undefined,
    },
    {
      when: 'creating with compact',
      change: create('a', { 'config.cleanup.policy': 'compact' }),
      withholds: undefined,
    },
  ],
  RetentionShortened: [
    {
      when: 'a week becomes a day',
      change: retention('604800000', '86400000'),
      withholds: ['config.retention.ms'],
      message: /retention.ms is "604800000" on the broker/,
    },
    {
      when: 'for ever becomes a day',
      change: retention('-1', '86400000'),
      withholds: ['config.retention.ms'],
    },
    {
      when: 'bytes are bounded',
      change: retention('-1', '1000', 'retention.bytes'),
      withholds: ['config.retention.bytes'],
    },
    {
      when: 'two are shortened at once',
      change: update(
        { 'config.retention.ms': ['2', '1'], 'config.retention.bytes': ['2', '1'], partitions: [1, 2] },
        'drift',
      ),
      withholds: ['config.retention.ms', 'config.retention.bytes'],
    },
    {
      when: 'beyond what a double can tell apart',
      change: retention('9223372036854775807', '9223372036854775806'),
      withholds: ['config.retention.ms'],
    },
    { when: 'a day becomes a week', change: retention('86400000', '604800000'), withholds: undefined },
    { when: 'a day becomes for ever', change: retention('86400000', '-1'), withholds: undefined },
    {
      when: 'Git says so',
      change: update({ 'config.retention.ms': ['2', '1'] }, 'written'),
      withholds: undefined,
    },
  ],
  UncleanElection: [
    {
      when: 'it is enabled',
      change: update({ 'config.unclean.leader.election.enable': ['false', 'true'] }),
      withholds: ['config.unclean.leader.election.enable'],
    },
    {
      when: 'it is disabled',
      change: update({ 'config.unclean.leader.election.enable': ['true', 'false'] }),
      withholds: undefined,
    },
    {
      when: 'a topic is created with it',
      change: create('a', { 'config.unclean.leader.election.enable': 'true' }),
      withholds: undefined,
    },
  ],
  RemoteStorageDisabled: [
    {
      when: 'it is turned off',
      change: update({ 'config.remote.storage.enable': ['true', 'false'] }),
      withholds: ['config.remote.storage.enable'],
    },
    {
      when: 'it is no longer written',
      change: update({ 'config.remote.storage.enable': ['true', undefined] }),
      withholds: ['config.remote.storage.enable'],
    },
    {
      when: 'it is turned on',
      change: update({ 'config.remote.storage.enable': ['false', 'true'] }),
      withholds: undefined,
    },
  ],
}

/** Only the broker knows; their sentences are shown true in the tests of `validate`. */
const answeredByTheBroker = ['DeletesData', 'TopicInUse', 'DeletesDataInUse']

for (const rule of topicRules) {
  describe(rule.says, () => {
    showCases(rule, cases[rule.code] ?? [])

    it('has a code, a sentence and a way out, and cases that show it or a broker that answers it', () => {
      assert.match(rule.code, /^[A-Z][A-Za-z]+$/)
      assert.match(rule.says, /^[A-Zm].*\.$/)
      assert.match(rule.wayOut, /\.$/)
      assert.equal(rule.judge === undefined, answeredByTheBroker.includes(rule.code))
      assert.equal(rule.judge === undefined, cases[rule.code] === undefined)
    })
  })
}

describe('the rules', () => {
  it('have a code each', () => {
    assert.equal(new Set(topicRules.map(({ code }) => code)).size, topicRules.length)
  })

  it('judge a thousand creates beside twenty thousand names without comparing all with all', () => {
    const names = Array.from({ length: 20_000 }, (_, index) => `team.topic-${index}`)
    const context = { ...empty, desired: named(...names.slice(0, 1_000).map((name) => `${name}.x`)), names }
    const rule = topicRules.find(({ code }) => code === 'NameCollision')
    const findings = context.desired.map(({ name }) => rule?.judge?.(create(name), context))
    assert.deepEqual(
      findings.filter((finding) => finding !== undefined),
      [],
    )
  })
})
