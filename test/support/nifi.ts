import { type NifiOptions, type RunningNifi, startNifi as start } from '../../reconcilers/nifi/stack/nifi.ts'
import type { Server } from '../../src/stack/server.ts'
import { inOwnDirectory } from './own-directory.ts'

export type TestNifiOptions = Omit<NifiOptions, 'directory' | 'places' | 'launch'> &
  Partial<Pick<NifiOptions, 'launch'>> & {
    /** Where its directory is made; default: where temporary files go. */
    readonly below?: string | undefined
  }

export type { RunningNifi } from '../../reconcilers/nifi/stack/nifi.ts'

export interface TestNifi extends RunningNifi {
  /** The same process again, whose `stop` never means more than that. */
  readonly node: Server
}

/**
 * A real NiFi of one node in a directory of its own; `stop` also removes the directory (`node.stop` does not, for a `start` that
 * follows). It dies with the test that started it.
 */
export async function startNifi({ below, ...options }: TestNifiOptions = {}): Promise<TestNifi> {
  return inOwnDirectory(
    'nifi',
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
