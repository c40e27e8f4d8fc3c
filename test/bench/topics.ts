import type { TopicSpec } from './bare-broker.ts'
import type { Document } from './desired.ts'
import { namesOf } from './specimen.ts'

export function topicsDocument(topics: readonly TopicSpec[]): Document {
  const entries = topics.map(({ name, partitions, retentionMs }) => {
    const config = retentionMs === undefined ? {} : { config: { 'retention.ms': String(retentionMs) } }
    return [name, { partitions, 'replication-factor': 1, ...config }] as const
  })
  return { component: 'kafka', type: 'topics', text: JSON.stringify(Object.fromEntries(entries)) }
}

/** `count` topics named `<prefix>-00000` and on. */
export function topicSpecs(prefix: string, count: number, partitions: number): readonly TopicSpec[] {
  return namesOf(prefix, count).map((name) => ({ name, partitions }))
}
