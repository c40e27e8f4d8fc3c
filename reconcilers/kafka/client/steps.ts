import type { Change } from '../../../src/core/resource.ts'
import type { Topic } from '../normalize.ts'
import { configChanges, createOptions, partitionsOf } from '../requests.ts'
import { apis } from './apis.ts'
import type { Cluster } from './cluster.ts'
import type { ItemError } from './failures.ts'

/** What one request says of one topic. `id` where the broker tells it. */
export interface ItemAnswer extends ItemError {
  readonly id?: string
}

/** One kind of request: which changes it is for, and the answer per topic name (for deletions: per id). */
export interface Step {
  readonly concerns: (change: Change<Topic>) => boolean
  readonly key: (change: Change<Topic>) => string
  readonly send: (changes: readonly Change<Topic>[], call: Call) => Promise<ReadonlyMap<string, ItemAnswer>>
}

export interface Call {
  readonly cluster: Cluster
  /** What the broker is told it may take, in milliseconds. */
  readonly timeoutMs: number
  /** True: the broker only says what it would answer. */
  readonly validateOnly: boolean
  readonly signal: AbortSignal
}

const operations = { set: 0, delete: 1 } as const
const topicResource = 2
/** The protocol's "let the broker decide" (KIP-464). */
const brokerDefault = -1

const byName = ({ name }: Change<Topic>): string => name

export const createTopics: Step = {
  concerns: ({ action }) => action === 'create',
  key: byName,
  async send(changes, { cluster, timeoutMs, validateOnly, signal }) {
    const topics = changes.map((change) => {
      const { partitions = brokerDefault, replicationFactor = brokerDefault, config } = createOptions(change)
      const configs = Object.entries(config).map(([name, value]) => ({ name, value }))
      return { name: change.name, numPartitions: partitions, replicationFactor, assignments: [], configs }
    })
    const answer = await cluster.call(apis.createTopics, [topics, timeoutMs, validateOnly], signal)
    return new Map(answer.topics.map((topic) => [topic.name, { ...topic, id: topic.topicId }]))
  },
}

export const createPartitions: Step = {
  concerns: (change) => change.action === 'update' && partitionsOf(change) !== undefined,
  key: byName,
  async send(changes, { cluster, timeoutMs, validateOnly, signal }) {
    const topics = changes.map((change) => ({
      name: change.name,
      count: partitionsOf(change) ?? 0,
      assignments: null,
    }))
    const answer = await cluster.call(apis.createPartitions, [topics, timeoutMs, validateOnly], signal)
    return new Map(answer.results.map((result) => [result.name, result]))
  },
}

export const alterConfigs: Step = {
  concerns: (change) => change.action === 'update' && configChanges(change).size > 0,
  key: byName,
  async send(changes, { cluster, validateOnly, signal }) {
    const resources = changes.map(
      (change) =>
        ({
          resourceType: topicResource,
          resourceName: change.name,
          configs: [...configChanges(change)].map(([name, value]) =>
            value === undefined
              ? ({ name, configOperation: operations.delete } as const)
              : ({ name, configOperation: operations.set, value } as const),
          ),
        }) as const,
    )
    const answer = await cluster.call(apis.incrementalAlterConfigs, [resources, validateOnly], signal)
    return new Map(answer.responses.map((response) => [response.resourceName, response]))
  },
}

/** By id: a topic that somebody made anew under the same name is another topic. */
export const deleteTopics: Step = {
  concerns: ({ action }) => action === 'delete',
  key: ({ id }) => id ?? '',
  async send(changes, { cluster, timeoutMs, signal }) {
    const topics = changes.map(({ id }) => ({ name: null, topicId: id ?? null }))
    const answer = await cluster.call(apis.deleteTopics, [topics, timeoutMs], signal)
    return new Map(answer.responses.map((response) => [response.topicId, response]))
  },
}
