import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * A file of the checkout, from sources and from the bundle in dist/ alike: both lie below package.json.
 * The bundle moves code but not the pom.xml, go.mod and manifests that it reads.
 */
export function projectFile(...parts: readonly string[]): string {
  let directory = import.meta.dirname
  while (!existsSync(join(directory, 'package.json'))) {
    const parent = dirname(directory)
    if (parent === directory) throw new Error(`no package.json above ${import.meta.dirname}`)
    directory = parent
  }
  return join(directory, ...parts)
}
