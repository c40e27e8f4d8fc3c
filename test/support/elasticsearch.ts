import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type ElasticsearchOptions,
  type RunningElasticsearch,
  startElasticsearch as start,
} from '../../reconcilers/elasticsearch/stack/elasticsearch.ts'
import { testLaunch, testPlaces } from './places.ts'

export type TestElasticsearchOptions = Omit<ElasticsearchOptions, 'directory' | 'places' | 'launch'> &
  Partial<Pick<ElasticsearchOptions, 'launch'>>

export type { RunningElasticsearch } from '../../reconcilers/elasticsearch/stack/elasticsearch.ts'

/**
 * A real Elasticsearch of one node in a directory of its own; `stop` also removes the directory (`node.stop` does not, for a
 * `start` that follows). It dies with the test that started it.
 */
export async function startElasticsearch(
  options: TestElasticsearchOptions = {},
): Promise<RunningElasticsearch> {
  const directory = await mkdtemp(join(tmpdir(), 'infometis-elasticsearch-'))
  const clean = async (): Promise<void> => rm(directory, { recursive: true, force: true, maxRetries: 5 })
  try {
    const elasticsearch = await start({ directory, places: testPlaces(), launch: testLaunch(), ...options })
    return {
      ...elasticsearch,
      stop: async () => {
        await elasticsearch.kill()
        await clean()
      },
    }
  } catch (error) {
    await clean()
    throw error
  }
}
