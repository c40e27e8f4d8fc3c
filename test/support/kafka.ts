import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  startKafka as start,
  type KafkaOptions,
  type RunningKafka,
} from '../../reconcilers/kafka/stack/kafka.ts'
import { testLaunch, testPlaces } from './places.ts'

export type { RunningKafka } from '../../reconcilers/kafka/stack/kafka.ts'

export type TestKafkaOptions = Omit<KafkaOptions, 'directory' | 'places' | 'launch'> &
  Partial<Pick<KafkaOptions, 'launch'>>

/** A real Kafka in a directory of its own; `stop` also removes the directory. It dies with the test that started it. */
export async function startKafka(options: TestKafkaOptions = {}): Promise<RunningKafka> {
  const directory = await mkdtemp(join(tmpdir(), 'infometis-kafka-'))
  const clean = async (): Promise<void> => rm(directory, { recursive: true, force: true, maxRetries: 5 })
  try {
    const kafka = await start({ directory, places: testPlaces(), launch: testLaunch(), ...options })
    return {
      ...kafka,
      stop: async () => {
        await kafka.stop()
        await clean()
      },
    }
  } catch (error) {
    await clean()
    throw error
  }
}
