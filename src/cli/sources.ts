import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { isKustomization } from '../environments/kustomization.ts'
import { ExitError } from '../errors.ts'
import type { Context } from './context.ts'
import { resourcesOf } from './kustomization.ts'
import { type SourceFile, maxFileBytes } from './source-file.ts'

const maxFiles = 10_000
const manifestEnding = /\.(ya?ml|json)$/

type Place = Pick<Context, 'cwd' | 'input' | 'signal'>

/**
 * The manifests of `-f DIR|FILE|-`, in the order of their names. A directory is read recursively; one with a kustomization.yaml
 * gives its `resources` and nothing else. Throws ExitError 1 for what cannot be read.
 */
export async function readSources(path: string, place: Place): Promise<readonly SourceFile[]> {
  if (path === '-') return [{ path: '<stdin>', text: await readInput(place) }]
  const walk = new Walk(place.cwd)
  await walk.visit(resolve(place.cwd, path), path)
  return walk.files
}

/** Follows directories and kustomizations. A file reached twice is read once; a directory inside itself ends there. */
class Walk {
  readonly files: SourceFile[] = []
  readonly #seen = new Set<string>()
  readonly #cwd: string

  constructor(cwd: string) {
    this.#cwd = cwd
  }

  async visit(path: string, as: string): Promise<void> {
    const real = await reached(path, as)
    if (this.#seen.has(real)) return
    this.#seen.add(real)
    if ((await stat(real)).isDirectory()) await this.#visitDirectory(path)
    else this.files.push(await this.#read(path))
  }

  async #visitDirectory(directory: string): Promise<void> {
    const names = (await readdir(directory)).filter((name) => !name.startsWith('.')).sort()
    const kustomization = names.find(isKustomization)
    if (kustomization !== undefined) {
      const file = await this.#read(join(directory, kustomization))
      for (const each of resourcesOf(file)) {
        await this.visit(resolve(directory, each), `${file.path}: resources: ${each}`)
      }
      return
    }
    for (const name of names) {
      const path = join(directory, name)
      const folder = (await stat(path)).isDirectory()
      if (folder || manifestEnding.test(name)) await this.visit(path, this.#shown(path))
    }
  }

  async #read(path: string): Promise<SourceFile> {
    const shown = this.#shown(path)
    if (this.files.length >= maxFiles)
      throw new ExitError(1, `more than ${maxFiles} files: name a smaller directory`)
    const { size } = await stat(path)
    if (size > maxFileBytes) throw new ExitError(1, `${shown}: larger than 16 MiB`)
    return { path: shown, text: await readFile(path, 'utf8') }
  }

  #shown(path: string): string {
    const short = relative(this.#cwd, path)
    return short === '' || short.startsWith('../../..') ? path : short
  }
}

async function reached(path: string, as: string): Promise<string> {
  try {
    return await realpath(path)
  } catch {
    throw new ExitError(1, `${as}: no such file or directory`)
  }
}

/** Ends when the signal aborts: a terminal as input would otherwise be waited for without end. */
async function readInput({ input, signal }: Place): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  aborted.catch(() => undefined)
  const abort = (): void => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  const iterator = input[Symbol.asyncIterator]()
  for (;;) {
    const next = await Promise.race([iterator.next(), aborted])
    if (next.done === true) break
    const bytes = Buffer.from(next.value)
    size += bytes.length
    if (size > maxFileBytes) throw new ExitError(1, '<stdin>: larger than 16 MiB')
    chunks.push(bytes)
  }
  signal.removeEventListener('abort', abort)
  return Buffer.concat(chunks).toString('utf8')
}
