import { readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from './answer.ts'

/** The files of one mounted ConfigMap by name, as bytes. */
export type MountedFiles = ReadonlyMap<string, Buffer>

/** No ConfigMap is larger; what is, is no document. */
const maxFileBytes = 8 * 1024 * 1024
const maxFiles = 1_000

/**
 * A directory of documents: its own files under the name `''`, and each sub-directory's under its name. The kubelet's own entries
 * (`..data`) are passed over; a file that vanishes while it is read is left out. Undefined when there is no such directory.
 */
export async function readMounted(directory: string): Promise<ReadonlyMap<string, MountedFiles> | undefined> {
  const top = await readFiles(directory)
  if (top === undefined) return undefined
  const found = new Map<string, MountedFiles>([['', top.files]])
  for (const name of top.directories) {
    const below = await readFiles(join(directory, name))
    if (below !== undefined) found.set(name, below.files)
  }
  return found
}

interface Listing {
  readonly files: MountedFiles
  readonly directories: readonly string[]
}

async function readFiles(directory: string): Promise<Listing | undefined> {
  const files = new Map<string, Buffer>()
  const directories: string[] = []
  try {
    const names = (await readdir(directory)).filter((name) => !name.startsWith('.')).sort()
    for (const name of names.slice(0, maxFiles)) {
      const facts = await stat(join(directory, name))
      if (facts.isDirectory()) directories.push(name)
      else if (facts.isFile() && facts.size <= maxFileBytes)
        files.set(name, await readFile(join(directory, name)))
    }
    return { files, directories }
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw error
  }
}
