import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { type Document, LineCounter, parseAllDocuments } from 'yaml'
import { isKustomization, readKustomization, type PatchEntry } from './kustomization.ts'

/** A file as it stands in Git, with what is written in it. */
export interface Source {
  readonly file: string
  readonly text: string
  readonly documents: readonly Document.Parsed[]
  readonly lines: LineCounter
  /** The file's line of the first line of `text`: more than 1 for a text inside another file. */
  readonly firstLine: number
}

export interface PatchSource extends Pick<PatchEntry, 'target'> {
  readonly source: Source
}

export interface GeneratedSource {
  readonly name: string
  readonly key: string
  readonly source: Source
}

/** A kustomization with everything that it takes from elsewhere. */
export interface SourceFolder {
  readonly folder: string
  readonly kustomization: Source
  readonly folders: readonly SourceFolder[]
  readonly resources: readonly Source[]
  readonly patches: readonly PatchSource[]
  readonly generated: readonly GeneratedSource[]
  /** What can only be had over a network. */
  readonly remote: readonly { readonly entry: string; readonly line: number }[]
}

/** Reads kustomizations and what they name; each file once, however many environments share it. */
export class SourceReader {
  readonly #folders = new Map<string, Promise<SourceFolder | undefined>>()
  readonly #files = new Map<string, Promise<Source | undefined>>()

  /** Undefined for a folder without a kustomization. What is missing is left out: kustomize has the words for it. */
  async folder(path: string, within: readonly string[] = []): Promise<SourceFolder | undefined> {
    const folder = await realpath(path).catch(() => undefined)
    // A folder inside itself ends here.
    if (folder === undefined || within.includes(folder)) return undefined
    const known = this.#folders.get(folder) ?? this.#read(folder, [...within, folder])
    this.#folders.set(folder, known)
    return known
  }

  async #read(folder: string, within: readonly string[]): Promise<SourceFolder | undefined> {
    const name = (await readdir(folder)).find(isKustomization)
    const kustomization = name === undefined ? undefined : await this.#file(join(folder, name))
    if (kustomization === undefined) return undefined
    const { resources, patches, generated, remote } = readKustomization(kustomization.text)
    const found = await Promise.all(
      resources.map(async (entry) => this.#resource(resolve(folder, entry), within)),
    )
    const patched = await Promise.all(patches.map(async (each) => this.#patch(kustomization, each)))
    const files = await Promise.all(
      generated.map(async ({ name: of, key, path }) => {
        const source = await this.#file(resolve(folder, path))
        return source === undefined ? [] : [{ name: of, key, source }]
      }),
    )
    return {
      folder,
      kustomization,
      folders: found.flatMap((each) => (each !== undefined && 'folder' in each ? [each] : [])),
      resources: found.flatMap((each) => (each !== undefined && 'text' in each ? [each] : [])),
      patches: patched.flat(),
      generated: files.flat(),
      remote,
    }
  }

  async #resource(path: string, within: readonly string[]): Promise<SourceFolder | Source | undefined> {
    const found = await stat(path).catch(() => undefined)
    if (found === undefined) return undefined
    return found.isDirectory() ? this.folder(path, within) : this.#file(path)
  }

  async #patch(kustomization: Source, entry: PatchEntry): Promise<readonly PatchSource[]> {
    const { path, text, firstLine, target } = entry
    const source =
      text !== undefined
        ? sourceOf(kustomization.file, text, firstLine)
        : path === undefined
          ? undefined
          : await this.#file(resolve(dirname(kustomization.file), path))
    return source === undefined ? [] : [{ source, target }]
  }

  async #file(path: string): Promise<Source | undefined> {
    const known = this.#files.get(path) ?? readSource(path)
    this.#files.set(path, known)
    return known
  }
}

async function readSource(file: string): Promise<Source | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : sourceOf(file, text, 1)
}

export function sourceOf(file: string, text: string, firstLine: number): Source {
  const lines = new LineCounter()
  return { file, text, firstLine, lines, documents: [...parseAllDocuments(text, { lineCounter: lines })] }
}

/** A folder and all below it, the outermost first. */
export function foldersOf(folder: SourceFolder): readonly SourceFolder[] {
  return [folder, ...folder.folders.flatMap(foldersOf)]
}

/** Every file that a folder is made of, without inline patches; each once. */
export function filesOf(folder: SourceFolder): ReadonlyMap<string, Source> {
  const all = foldersOf(folder).flatMap(({ kustomization, resources, patches, generated }) => [
    kustomization,
    ...resources,
    ...patches.map(({ source }) => source).filter(({ firstLine }) => firstLine === 1),
    ...generated.map(({ source }) => source),
  ])
  return new Map(all.map((source) => [source.file, source]))
}
