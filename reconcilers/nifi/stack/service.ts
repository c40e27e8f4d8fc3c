import { join } from 'node:path'
import type { StackService } from '../../../src/stack/services.ts'
import { startNifi } from './nifi.ts'

/** One NiFi node for the local stack. */
export const nifiService: StackService = {
  addresses: (port) => ({ NIFI_URL: `http://127.0.0.1:${port}` }),
  start: async (options) => {
    const nifi = await startNifi({ ...options, directory: join(options.directory, 'nifi') })
    const { url, version, clusterId } = nifi
    return {
      environment: { NIFI_URL: url },
      clusterId,
      servers: [nifi],
      address: `${url} (version ${version}, root process group ${clusterId})`,
      stop: async () => nifi.stop(),
    }
  },
}
