import { parse } from 'yaml'
import { isRemote } from '../environments/kustomization.ts'
import { ExitError } from '../errors.ts'
import type { SourceFile } from './source-file.ts'

const understood = new Set(['apiVersion', 'kind', 'metadata', 'resources'])

/**
 * The local `resources` of a kustomization. Whatever else kustomize would do to them is kustomize's own work: throws ExitError 1
 * rather than show a plan of something that will never be applied.
 */
export function resourcesOf(file: SourceFile): readonly string[] {
  const content = read(file)
  const other = Object.entries(content).filter(([key, value]) => !understood.has(key) && !isEmpty(value))
  if (other.length > 0) throw refused(file, other.map(([key]) => key).join(', '))
  const resources = content['resources'] ?? []
  if (!isListOfText(resources)) throw new ExitError(1, `${file.path}: resources must be a list of paths`)
  const remote = resources.find(isRemote)
  if (remote !== undefined) throw refused(file, `the remote resource ${remote}`)
  return resources
}

function read(file: SourceFile): Record<string, unknown> {
  const content: unknown = parseYaml(file)
  if (content === null) return {}
  if (typeof content !== 'object' || Array.isArray(content))
    throw new ExitError(1, `${file.path}: not a kustomization`)
  return { ...content }
}

function parseYaml(file: SourceFile): unknown {
  try {
    return parse(file.text)
  } catch (error) {
    throw new ExitError(1, `${file.path}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function refused(file: SourceFile, what: string): ExitError {
  const directory = file.path.replace(/[^/]*$/, '').replace(/\/$/, '') || '.'
  return new ExitError(
    1,
    `${file.path}: uses ${what}; render it first: kubectl kustomize ${directory} | infometis plan -f -`,
  )
}

function isEmpty(value: unknown): boolean {
  return (
    value === null || value === undefined || (typeof value === 'object' && Object.keys(value).length === 0)
  )
}

function isListOfText(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}
