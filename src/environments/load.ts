import { existsSync, readdirSync } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { ExitError } from '../errors.ts'
import type { Environment, EnvironmentObject, FluxPath, Part } from './environment.ts'
import { fluxPathsOf } from './flux-rules.ts'
import { isKustomization } from './kustomization.ts'
import type { Kustomize, Rendered } from './kustomize.ts'
import { filesOf, foldersOf, type SourceFolder, SourceReader } from './sources.ts'

/** A place in Git where something is wrong; absolute, and without a line where that cannot be told. */
export interface SourceFault {
  readonly file: string
  readonly line?: number
  readonly message: string
}

/** An environment's folder: what it holds, what it renders to, and why it does not where it does not. */
export interface LoadedEnvironment {
  readonly name: string
  readonly folder: string
  readonly source: SourceFolder | undefined
  readonly fluxSource: SourceFolder | undefined
  /** Undefined where a part of it could not be rendered. */
  readonly environment: Environment | undefined
  readonly faults: readonly SourceFault[]
}

const parts = ['stack', 'border', 'desired', 'flux'] as const

/** The folders of environments at a path: it itself, or those in it. Throws ExitError 1 where there is none. */
export async function findEnvironments(path: string, shown: string): Promise<readonly string[]> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory() !== true) throw new ExitError(1, `${shown}: no such directory`)
  const folder = await realpath(path)
  if (isEnvironment(folder)) return [folder]
  const names = (await readdir(folder, { withFileTypes: true })).filter((each) => each.isDirectory())
  const environments = names.map(({ name }) => join(folder, name)).filter(isEnvironment)
  if (environments.length > 0) return environments.sort()
  throw new ExitError(
    1,
    `${shown}: no environment in it (a folder with kustomization.yaml and ${parts.join(', ')} or some of them); for desired documents alone: infometis validate -f ${shown}`,
  )
}

function isEnvironment(folder: string): boolean {
  const names = readdirSync(folder)
  return names.some(isKustomization) && parts.some((part) => names.includes(part))
}

/** Reads the folders' sources and renders them, some at once. */
export async function loadEnvironments(
  folders: readonly string[],
  kustomize: Kustomize,
  atOnce: number,
): Promise<readonly LoadedEnvironment[]> {
  const reader = new SourceReader()
  const rendering = limited(atOnce)
  return Promise.all(
    folders.map(async (folder) => {
      const [whole, flux] = await Promise.all([
        loadFolder(folder, reader, kustomize, rendering),
        loadFolder(join(folder, 'flux'), reader, kustomize, rendering),
      ])
      const name = basename(folder)
      const fluxObjects = flux.objects?.map((each) => ({ ...each, part: 'flux' as const }))
      const missing = flux.source === undefined && !existsSync(join(folder, 'flux'))
      const environment =
        whole.objects === undefined || (fluxObjects === undefined && !missing)
          ? undefined
          : {
              name,
              objects: withParts(whole.objects, whole.source, folder),
              flux: fluxObjects ?? [],
              fluxPaths: fluxPaths(fluxObjects ?? [], folder),
            }
      return {
        name,
        folder,
        source: whole.source,
        fluxSource: flux.source,
        environment,
        faults: missing ? whole.faults : [...whole.faults, ...flux.faults],
      }
    }),
  )
}

interface LoadedFolder {
  readonly source: SourceFolder | undefined
  readonly objects?: readonly Rendered[]
  readonly faults: readonly SourceFault[]
}

async function loadFolder(
  folder: string,
  reader: SourceReader,
  kustomize: Kustomize,
  rendering: <T>(work: () => Promise<T>) => Promise<T>,
): Promise<LoadedFolder> {
  const source = await reader.folder(folder)
  if (source === undefined)
    return { source, faults: [{ file: folder, message: 'there is no kustomization.yaml in it' }] }
  const faults = faultsOf(source)
  if (faults.length > 0) return { source, faults }
  const rendered = await rendering(async () => kustomize.render(folder))
  if (rendered.failure === undefined) return { source, objects: rendered.objects, faults: [] }
  return { source, faults: [{ file: folder, message: `kustomize cannot render it: ${rendered.failure}` }] }
}

/** What kustomize would not say, or not the place of: what it would fetch, and YAML that is none. */
function faultsOf(source: SourceFolder): readonly SourceFault[] {
  const remote = foldersOf(source).flatMap(({ kustomization, remote: entries }) =>
    entries.map(({ entry, line }) => ({
      file: kustomization.file,
      line,
      message: `${entry} would have to be fetched: validate reaches no network, and what is applied should be in Git: copy it into the repository`,
    })),
  )
  const generated = new Set(
    foldersOf(source).flatMap((each) => each.generated.map((file) => file.source.file)),
  )
  const broken = [...filesOf(source).values()]
    // A generated value may be of any form, whatever its file is called.
    .filter(({ file }) => !generated.has(file))
    .flatMap(({ file, documents }) =>
      documents.flatMap(({ errors }) =>
        errors.map((error) => ({
          file,
          line: error.linePos?.[0].line ?? 1,
          message: error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? '',
        })),
      ),
    )
  return [...remote, ...broken]
}

/** The first folder on the way from the environment to an object says which part it is of. */
function withParts(
  objects: readonly Rendered[],
  source: SourceFolder | undefined,
  folder: string,
): readonly EnvironmentObject[] {
  const closures = (source?.folders ?? []).map((each) => ({
    part: partOf(relative(folder, each.folder)),
    files: filesOf(each),
  }))
  return objects.map((object) => {
    const { origin } = object
    const closure = closures.find(({ files }) => origin !== undefined && files.has(origin))
    return { ...object, part: closure?.part ?? 'other' }
  })
}

function partOf(path: string): Part {
  return parts.find((part) => path.split(sep).includes(part)) ?? 'other'
}

/** Paths of Flux begin at the root of the repository, which is some folder above the environment's. */
function fluxPaths(flux: readonly EnvironmentObject[], folder: string): ReadonlyMap<string, FluxPath> {
  return new Map(fluxPathsOf(flux).map((path) => [path, leadsTo(path, folder)]))
}

function leadsTo(path: string, folder: string): FluxPath {
  for (let above = dirname(folder); ; above = dirname(above)) {
    const target = resolve(above, path)
    if (existsSync(target) && readdirSync(target).some(isKustomization)) {
      const others = dirname(folder)
      const inEnvironments = target.startsWith(others + sep)
      return inEnvironments && target !== folder && !target.startsWith(folder + sep) ? 'foreign' : 'own'
    }
    if (above === dirname(above)) return 'missing'
  }
}

/** Runs so many at once and no more; the others wait. */
function limited(atOnce: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let free = atOnce
  return async (work) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve))
    else free -= 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free += 1
      else next()
    }
  }
}
