import { dirname, relative } from 'node:path'
import type { EnvironmentObject, Finding } from '../environments/environment.ts'
import type { LoadedEnvironment, SourceFault } from '../environments/load.ts'
import { showPath, titleOf, valueAt } from '../environments/manifest.ts'
import { type Place, placeOf, placeWithin } from '../environments/places.ts'
import type { Problem } from './manifests.ts'

/** Something wrong with one environment or with several that share what is wrong. */
export interface EnvironmentProblem extends Problem {
  /** The rule, `Schema`, `Source` or `Desired`. */
  readonly code: string
  readonly environments: readonly string[]
}

/** A finding at its place in Git; where that cannot be told, at the environment's folder. */
export function problemOf(
  { object, path, within, message }: Finding,
  code: string,
  loaded: LoadedEnvironment,
  cwd: string,
): EnvironmentProblem {
  const { manifest, part } = object
  const source = part === 'flux' ? loaded.fluxSource : loaded.source
  const inText =
    source === undefined || within === undefined ? undefined : placeWithin(source, object, path, within)
  const place = inText ?? (source === undefined ? undefined : placeOf(source, object, path))
  const text = within === undefined ? '' : `: ${showPath(valueAt(manifest, path), within)}`
  const steps = path.length === 0 ? '' : `: ${showPath(manifest, path)}`
  return {
    ...shownPlace(place, loaded, cwd),
    path: `${titleOf(manifest)}${steps}${text}`,
    message,
    code,
    environments: [loaded.name],
  }
}

export function problemOfFault(
  { file, line, message }: SourceFault,
  loaded: LoadedEnvironment,
  cwd: string,
): EnvironmentProblem {
  const place = { file: shownFrom(cwd, file), ...(line === undefined ? {} : { line }) }
  return { ...place, path: '', message, code: 'Source', environments: [loaded.name] }
}

/** An object whose kind there is no schema of. */
export function uncheckedProblem(
  object: EnvironmentObject,
  loaded: LoadedEnvironment,
  cwd: string,
): EnvironmentProblem {
  const { apiVersion, kind } = object.manifest
  const message = `there is no schema of ${apiVersion} ${kind} here, so it was not checked`
  return problemOf({ object, path: [], message }, 'NotChecked', loaded, cwd)
}

function shownPlace(
  place: Place | undefined,
  { folder }: LoadedEnvironment,
  cwd: string,
): Pick<Problem, 'file' | 'line'> {
  return place === undefined
    ? { file: shownFrom(cwd, folder) }
    : { file: shownFrom(cwd, place.file), line: place.line }
}

/** A path as a person in `cwd` would write it. */
export function shownFrom(cwd: string, file: string): string {
  const short = relative(cwd, file)
  if (short === '') return '.'
  return short.startsWith('../../..') ? file : short
}

/**
 * What is wrong in a file that environments share is told once, with the names of all that use it; sorted by file and line.
 */
export function merged(problems: readonly EnvironmentProblem[]): readonly EnvironmentProblem[] {
  const groups = Map.groupBy(problems, ({ file, line, path, message }) =>
    JSON.stringify([file, line, path, message]),
  )
  const all = [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return []
    const environments = [...new Set([first, ...others].flatMap((each) => each.environments))].sort()
    return [{ ...first, environments, message: withNames(first, environments) }]
  })
  return all.sort(
    (a, b) => compare(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0) || compare(a.path, b.path),
  )
}

/** The folder of the file says which environment it is, unless it is of none. */
function withNames({ file, message }: EnvironmentProblem, environments: readonly string[]): string {
  const folders = dirname(`${file}/x`).split('/')
  return environments.every((name) => folders.includes(name))
    ? message
    : `${message} (${environments.join(', ')})`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
