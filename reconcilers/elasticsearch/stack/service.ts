import { join } from 'node:path'
import type { StackService } from '../../../src/stack/services.ts'
import { startElasticsearch } from './elasticsearch.ts'

/** One Elasticsearch node for the local stack. */
export const elasticsearchService: StackService = {
  addresses: (port) => ({ ELASTICSEARCH_URL: `http://127.0.0.1:${port}` }),
  start: async (options) => {
    const directory = join(options.directory, 'elasticsearch')
    const elasticsearch = await startElasticsearch({ ...options, directory })
    const { url, version, clusterUuid } = elasticsearch
    return {
      environment: { ELASTICSEARCH_URL: url },
      clusterId: clusterUuid,
      servers: [elasticsearch],
      address: `${url} (version ${version}, cluster uuid ${clusterUuid})`,
      stop: async () => elasticsearch.stop(),
    }
  },
}
