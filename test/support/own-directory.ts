import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Launch } from '../../src/stack/child.ts'
import type { StackPlaces } from '../../src/stack/settings.ts'
import { testLaunch, testPlaces } from './places.ts'

/** What a component needs to know of where it runs. */
export interface Surroundings {
  readonly directory: string
  readonly places: StackPlaces
  readonly launch: Launch
}

/**
 * Starts something in a directory of its own, below the one for temporary files unless said otherwise. Whoever ends it removes the
 * directory with `clean`; after a start that failed it is gone, too.
 */
export async function inOwnDirectory<T>(
  name: string,
  start: (surroundings: Surroundings, clean: () => Promise<void>) => Promise<T>,
  below = tmpdir(),
): Promise<T> {
  const directory = await mkdtemp(join(below, `infometis-${name}-`))
  const clean = async (): Promise<void> => rm(directory, { recursive: true, force: true, maxRetries: 5 })
  try {
    return await start({ directory, places: testPlaces(), launch: testLaunch() }, clean)
  } catch (error) {
    await clean()
    throw error
  }
}
