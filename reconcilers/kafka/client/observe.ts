import { ReconcileError } from '../../../src/errors.ts'
import { observeTopic } from '../normalize.ts'
import type { Topic, TopicReading } from '../normalize.ts'
import { apis } from './apis.ts'
import type { Cluster } from './cluster.ts'
import { codes, reasonOf, wordsOf } from './failures.ts'
import type { ItemError } from './failures.ts'

/** Topics per DescribeConfigs request: an answer of about 1 MB. */
const chunk = 500
const topicResource = 2

/** The protocol's Metadata of one topic, as far as it is used. */
export interface TopicMetadata {
  readonly name: string
  readonly id: string
  readonly partitions: readonly {
    readonly index: number
    readonly leader: number
    readonly replicas: number
  }[]
}

/** Every topic name there is. */
export async function listTopics(cluster: Cluster, signal: AbortSignal): Promise<readonly string[]> {
  const { topics } = await cluster.call(apis.metadata, [null, false, false], signal)
  return topics.flatMap(({ errorCode, name }) =>
    typeof name !== 'string' || errorCode === codes.unknownTopic ? [] : [name],
  )
}

/** One Metadata and ⌈n/500⌉ DescribeConfigs. A topic that goes between the two is absent, as if it had gone before. */
export async function observeTopics(
  cluster: Cluster,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly Topic[]> {
  const found = await describeTopics(cluster, names, signal)
  const requests: Promise<readonly Topic[]>[] = []
  for (let from = 0; from < found.length; from += chunk) {
    requests.push(withConfigs(cluster, found.slice(from, from + chunk), signal))
  }
  return (await Promise.all(requests)).flat()
}

/** Metadata of the topics that exist. Never creates one. */
export async function describeTopics(
  cluster: Cluster,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly TopicMetadata[]> {
  if (names.length === 0) return []
  const { topics } = await cluster.call(apis.metadata, [[...names], false, false], signal)
  const denied: Denied[] = []
  const found: TopicMetadata[] = []
  for (const topic of topics) {
    const name = topic.name ?? ''
    if (topic.errorCode === codes.none) {
      const partitions = topic.partitions.map((each) => ({
        index: each.partitionIndex,
        leader: each.leaderId,
        replicas: each.replicaNodes.length,
      }))
      found.push({ name, id: topic.topicId, partitions })
    } else if (!isAbsent(topic)) denied.push({ name, errorCode: topic.errorCode })
  }
  refuseDenied('describe', denied)
  return found
}

async function withConfigs(
  cluster: Cluster,
  topics: readonly TopicMetadata[],
  signal: AbortSignal,
): Promise<readonly Topic[]> {
  const resources = topics.map(
    ({ name }) => ({ resourceType: topicResource, resourceName: name, configurationKeys: null }) as const,
  )
  const { results } = await cluster.call(apis.describeConfigs, [resources, false, false], signal)
  const byName = new Map(results.map((result) => [result.resourceName, result]))
  const denied: Denied[] = []
  const observed = topics.flatMap((topic) => {
    const result = byName.get(topic.name)
    if (result === undefined || isAbsent(result)) return []
    if (result.errorCode !== codes.none) denied.push({ name: topic.name, ...result })
    return [observeTopic(reading(topic, result.configs))]
  })
  refuseDenied('read the configs of', denied)
  return observed
}

interface ConfigAnswer {
  readonly name: string
  readonly value?: string | null | undefined
  readonly configSource: number
  readonly isSensitive: boolean
}

function reading(topic: TopicMetadata, configs: readonly ConfigAnswer[]): TopicReading {
  return {
    name: topic.name,
    id: topic.id,
    partitions: topic.partitions.map(({ leader, replicas }) => ({ leader: leader >= 0, replicas })),
    configs: configs.map(({ name, value, configSource, isSensitive }) => ({
      name,
      value: value ?? null,
      source: configSource,
      sensitive: isSensitive,
    })),
  }
}

function isAbsent({ errorCode }: ItemError): boolean {
  return (
    errorCode === codes.unknownTopic || errorCode === codes.invalidTopic || errorCode === codes.unknownTopicId
  )
}

type Denied = ItemError & { readonly name: string }

/**
 * A topic that may not be looked at is not an absent topic: taken as absent it would be created, or forgotten. So the
 * whole call fails, and says which topics and which operation.
 */
function refuseDenied(operation: string, denied: readonly Denied[]): void {
  const [first] = denied
  if (first === undefined) return
  const more = denied.length > 1 ? ` and ${denied.length - 1} more` : ''
  throw new ReconcileError(
    reasonOf(first),
    `may not ${operation} topic ${first.name}${more}: ${wordsOf(first)}`,
  )
}
