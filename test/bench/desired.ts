import { gzipSync } from 'node:zlib'
import type { TopicSpec } from './bare-broker.ts'
import type { ConfigMap } from './kube-desk.ts'

const labels = { 'infometis.component': 'kafka', 'infometis.config-type': 'topics' }

/** A desired ConfigMap. `controls` are annotations without their prefix. */
export function desired(
  name: string,
  topics: readonly TopicSpec[],
  controls: Readonly<Record<string, string>> = {},
): ConfigMap {
  const text = topicsText(topics)
  const annotations = Object.fromEntries(
    Object.entries(controls).map(([control, value]) => [`infometis.io/${control}`, value]),
  )
  const metadata = { name, labels, annotations }
  // A ConfigMap holds 1 MiB.
  if (text.length < 900_000) return { metadata, data: { 'topics.json': text } }
  return { metadata, binaryData: { 'topics.json.gz': gzipSync(text).toString('base64') } }
}

/** The document itself. */
export function topicsText(topics: readonly TopicSpec[]): string {
  const entries = topics.map(({ name, partitions, retentionMs }) => {
    const config = retentionMs === undefined ? {} : { config: { 'retention.ms': String(retentionMs) } }
    return [name, { partitions, 'replication-factor': 1, ...config }] as const
  })
  return JSON.stringify(Object.fromEntries(entries))
}

/** `count` topics named `<prefix>-00000` and on. */
export function topicSpecs(prefix: string, count: number, partitions: number): readonly TopicSpec[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `${prefix}-${String(index).padStart(5, '0')}`,
    partitions,
  }))
}
