import type { TestKafkaOptions } from '../support/kafka.ts'
import type { TopicSpec } from './bare-broker.ts'
import type { Bench } from './bench.ts'
import type { Specimen, Words } from './specimen.ts'
import { topicsDocument } from './topics.ts'

/** KRaft takes no more than a few thousand in one request. */
const createChunk = 1_000

/** Topics of one broker and their retention.ms. */
export async function topicSpecimen(
  bench: Bench,
  { partitions = 1, ...options }: TestKafkaOptions & { readonly partitions?: number } = {},
): Promise<Specimen> {
  const component = await bench.kafka(options)
  const eye = await bench.broker(component)
  const hand = await bench.broker(component)
  const specs = (names: Iterable<string>): TopicSpec[] => [...names].map((name) => ({ name, partitions }))
  return {
    component,
    words,
    document: (values) =>
      topicsDocument(
        [...values].map(([name, retentionMs]) => ({
          name,
          partitions,
          ...(retentionMs === undefined ? {} : { retentionMs }),
        })),
      ),
    create: async (names) => {
      for (let from = 0; from < names.length; from += createChunk) {
        await hand.createTopics(specs(names.slice(from, from + createChunk)))
      }
    },
    readAll: async () => {
      await hand.observeAll()
    },
    look: async (names) => {
      const found = await eye.retentions(names)
      return new Map([...found].map(([name, text]) => [name, Number(text)]))
    },
    set: async (name, value) => hand.setRetention(name, value),
  }
}

const words: Words = {
  things: 'topics',
  changed: 'changed on the broker',
  reading: (count) => `one Metadata and ${Math.ceil(count / 500)} DescribeConfigs, pipelined`,
  looking: 'DescribeConfigs on a connection of its own',
  setting: 'one IncrementalAlterConfigs',
  asking: 'the broker (Metadata, DescribeConfigs, validateOnly)',
}
