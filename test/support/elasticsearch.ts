import assert from 'node:assert/strict'
import {
  type ElasticsearchOptions,
  type RunningElasticsearch,
  startElasticsearch as start,
} from '../../reconcilers/elasticsearch/stack/elasticsearch.ts'
import { own } from '../../src/core/json.ts'
import type { Server } from '../../src/stack/server.ts'
import { inOwnDirectory } from './own-directory.ts'

export type TestElasticsearchOptions = Omit<ElasticsearchOptions, 'directory' | 'places' | 'launch'> &
  Partial<Pick<ElasticsearchOptions, 'launch'>> & {
    /** Where its directory is made; default: where temporary files go. */
    readonly below?: string | undefined
  }

export type { RunningElasticsearch } from '../../reconcilers/elasticsearch/stack/elasticsearch.ts'

export interface TestElasticsearch extends RunningElasticsearch {
  /** The same process again, whose `stop` never means more than that. */
  readonly node: Server
}

/**
 * A real Elasticsearch of one node in a directory of its own; `stop` also removes the directory (`node.stop` does not, for a
 * `start` that follows). It dies with the test that started it.
 */
export async function startElasticsearch({
  below,
  ...options
}: TestElasticsearchOptions = {}): Promise<TestElasticsearch> {
  return inOwnDirectory(
    'elasticsearch',
    async (surroundings, clean) => {
      const node = await start({ ...surroundings, ...options })
      return {
        ...node,
        node,
        stop: async () => {
          await node.kill()
          await clean()
        },
      }
    },
    below,
  )
}

type Asked = Pick<RunningElasticsearch, 'ask'>

/** Takes away what anybody made on a node: indices, templates and pipelines. */
export async function clear(node: Asked): Promise<void> {
  await clearIndices(node)
  await node.ask('DELETE', '/_index_template/*')
  await node.ask('DELETE', '/_component_template/*')
  await node.ask('DELETE', '/_ingest/pipeline/*')
}

/** Hidden and closed ones, too; so few at a time that their names fit the first line of a request. */
export async function clearIndices(node: Asked): Promise<void> {
  const { body } = await node.ask('GET', '/_resolve/index/*?expand_wildcards=all&filter_path=indices.name')
  const found = own(body, 'indices')
  const names = (Array.isArray(found) ? found : []).map((each: unknown) => String(own(each, 'name')))
  for (let from = 0; from < names.length; from += 50) {
    const path = `/${names.slice(from, from + 50).join(',')}?ignore_unavailable=true`
    const { status, body: said } = await node.ask('DELETE', path)
    assert.equal(status, 200, `DELETE ${path}: ${JSON.stringify(said)}`)
  }
}
