import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Change, FieldChange, Json } from '../../src/core/resource.ts'
import { observeTopic } from './normalize.ts'
import type { Topic } from './normalize.ts'
import { configChanges, createOptions, partitionsOf, weightOf } from './requests.ts'

function change(
  action: Change['action'],
  after: Record<string, Json | undefined>,
  partitions?: number,
): Change<Topic> {
  const fields = Object.entries(after).map(([path, value]): FieldChange => ({
    path,
    cause: 'written',
    ...(value !== undefined && { after: value }),
  }))
  const base = { action, type: 'topics', name: 'a', cause: 'written', fields } as const
  if (partitions === undefined) return base
  const replicas = Array.from({ length: partitions }, () => ({ leader: true, replicas: 1 }))
  return { ...base, observed: observeTopic({ name: 'a', id: 'id', partitions: replicas, configs: [] }) }
}

describe('a change in Kafka’s terms', () => {
  it('creates with what is written and leaves the rest to the broker', () => {
    const written = { partitions: 3, 'replication-factor': 2, 'config.retention.ms': '1' }
    const options = createOptions(change('create', written))
    assert.deepEqual(options, { partitions: 3, replicationFactor: 2, config: { 'retention.ms': '1' } })
    assert.deepEqual(createOptions(change('create', {})), { config: {} })
  })

  it('sets configs that have a value and removes those that have none; partitions are never removed', () => {
    const update = change('update', { 'config.a': '1', 'config.b': undefined, partitions: undefined })
    assert.deepEqual(
      [...configChanges(update)],
      [
        ['a', '1'],
        ['b', undefined],
      ],
    )
    assert.equal(partitionsOf(update), undefined)
  })

  const weights: readonly [string, Change<Topic>, number][] = [
    [
      'a topic of 12 partitions and 2 configs',
      change('create', { partitions: 12, 'config.a': '1', 'config.b': '2' }),
      15,
    ],
    ['a topic that leaves its partitions to the broker', change('create', {}), 2],
    ['three partitions more', change('update', { partitions: 6 }, 3), 4],
    ['one config', change('update', { 'config.a': '1' }, 3), 2],
    ['a deletion', change('delete', {}, 100), 1],
  ]
  for (const [what, of, weight] of weights) {
    it(`weighs ${weight} for ${what}`, () => assert.equal(weightOf(of), weight))
  }
})
