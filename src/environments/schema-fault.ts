import type { ErrorObject } from 'ajv'
import { nearest } from '../core/nearest.ts'
import { fieldsOf, listOf, type Manifest, type Path, pointerSteps, valueAt } from './manifest.ts'

/** A place of an object that its schema refuses, in words. */
export interface SchemaFault {
  readonly path: Path
  readonly message: string
}

/** One fault for each place: of several choices that all fail, the first says what is wrong. */
export function faultsOf(errors: readonly ErrorObject[], manifest: Manifest): readonly SchemaFault[] {
  const faults = new Map<string, SchemaFault>()
  for (const error of errors) {
    const fault = faultOf(error, manifest)
    const key = JSON.stringify(fault.path)
    if (!faults.has(key)) faults.set(key, fault)
  }
  return [...faults.values()]
}

function faultOf(error: ErrorObject, manifest: Manifest): SchemaFault {
  const path = pathOf(error.instancePath, manifest)
  const params: Readonly<Record<string, unknown>> = error.params
  switch (error.keyword) {
    case 'additionalProperties': {
      const name = String(params['additionalProperty'])
      return { path: [...path, name], message: unknownField(name, error) }
    }
    case 'required':
      return { path: [...path, String(params['missingProperty'])], message: 'is missing' }
    case 'type':
      return { path, message: wrongType(error, manifest) }
    case 'enum':
      return {
        path,
        message: `is ${shown(error.data, manifest)}; there are ${words(params['allowedValues'])}`,
      }
    case 'format':
      return { path, message: `is no ${formats[String(params['format'])] ?? String(params['format'])}` }
    case 'pattern':
      if (listOf(fieldsOf(error.parentSchema)['type']).includes('number'))
        return { path, message: `is ${shown(error.data, manifest)}, which is no size such as 500m or 2Gi` }
      return {
        path,
        message: `is ${shown(error.data, manifest)}, which is not of the form ${String(params['pattern'])}`,
      }
    default:
      return {
        path,
        message: `is ${shown(error.data, manifest)}, which ${error.message ?? 'is not allowed'}`,
      }
  }
}

const formats: Readonly<Record<string, string>> = {
  byte: 'base64: write it below stringData, or encode it',
  int32: 'number of 32 bits',
}

function unknownField(name: string, error: ErrorObject): string {
  const known = Object.keys(fieldsOf(fieldsOf(error.parentSchema)['properties']))
  const near = nearest(name, known)
  return near === undefined ? 'there is no such field' : `there is no such field; did you mean ${near}?`
}

function wrongType(error: ErrorObject, manifest: Manifest): string {
  const types =
    listOf(error.schema).length > 0 ? listOf(error.schema).map(String) : [String(error.params['type'])]
  const wanted = types.map((each) => typeWords[each] ?? each).join(' or ')
  const words = `must be ${wanted} and is ${shown(error.data, manifest)}`
  if (types.includes('string') && ['number', 'boolean'].includes(typeof error.data))
    return `${words}: quote it`
  return error.data === null ? `${words}: give it a value or leave it out` : words
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'a map',
  array: 'a list',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
}

/** A value in few letters; of a Secret only what it is. */
function shown(value: unknown, { kind }: Manifest): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  const type = typeof value === 'string' ? 'the text' : `the ${typeof value}`
  if (kind === 'Secret') return type
  const text = JSON.stringify(value)
  return `${type} ${text.length > 80 ? `${text.slice(0, 77)}…` : text}`
}

function words(values: unknown): string {
  return Array.isArray(values) ? values.map(String).join(', ') : String(values)
}

/** The steps of a JSON pointer into an object: positions are numbers where there is a list. */
function pathOf(pointer: string, manifest: Manifest): Path {
  return pointerSteps(pointer).reduce<Path>((path, step) => {
    const at = valueAt(manifest, path)
    return [...path, Array.isArray(at) ? Number(step) : step]
  }, [])
}
