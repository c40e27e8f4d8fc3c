import {
  startKafka as start,
  type KafkaOptions,
  type RunningKafka,
} from '../../reconcilers/kafka/stack/kafka.ts'
import { inOwnDirectory } from './own-directory.ts'

export type { RunningKafka } from '../../reconcilers/kafka/stack/kafka.ts'

export type TestKafkaOptions = Omit<KafkaOptions, 'directory' | 'places' | 'launch'> &
  Partial<Pick<KafkaOptions, 'launch'>>

/** A real Kafka in a directory of its own; `stop` also removes the directory. It dies with the test that started it. */
export async function startKafka(options: TestKafkaOptions = {}): Promise<RunningKafka> {
  return inOwnDirectory('kafka', async (surroundings, clean) => {
    const kafka = await start({ ...surroundings, ...options })
    return {
      ...kafka,
      stop: async () => {
        await kafka.stop()
        await clean()
      },
    }
  })
}
