import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..', '..')

/**
 * What a team has in its Git: this project's deploy/ and environments/ as they are, and beside them the one overlay of this suite,
 * which takes the services that have an image here. Everything else of it is environments/dev, unchanged.
 */
export async function repositoryFiles(): Promise<Map<string, string>> {
  const shipped = await Array.fromAsync(
    glob(['deploy/**/*', 'environments/**/*'], { cwd: root, withFileTypes: true }),
  )
  const files = new Map<string, string>()
  for (const entry of shipped) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    files.set(path.slice(root.length + 1), await readFile(path, 'utf8'))
  }
  return files
}
