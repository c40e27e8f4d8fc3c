import { isObject } from '../../src/core/json.ts'
import { quote } from '../../src/core/quote.ts'
import type { SettingIssue } from './settings-text.ts'

/** Parameters that a mapping's root has; used to tell the typed form of 7.x from them. */
const rootParameters = new Set([
  'properties',
  'runtime',
  'dynamic',
  'dynamic_templates',
  'dynamic_date_formats',
  'date_detection',
  'numeric_detection',
  'subobjects',
  'enabled',
])

/** What is wrong with mappings, where that can be said without the server. The path is below `mappings`. */
export function checkMappings(mappings: Readonly<Record<string, unknown>>): readonly SettingIssue[] {
  const typed = typedForm(mappings)
  if (typed !== undefined) {
    const message = `is the typed form of 7.x: write what is under ${quote(typed)} directly under mappings`
    return [{ path: [typed], message }]
  }
  return [...checkRuntime(mappings['runtime']), ...checkFields(mappings['properties'], ['properties'])]
}

/** `{_doc: {properties: …}}`, or a type's name instead of `_doc`. */
function typedForm(mappings: Readonly<Record<string, unknown>>): string | undefined {
  const names = Object.keys(mappings)
  const [only = ''] = names
  if (names.length !== 1) return names.find((name) => name === '_doc')
  const inner = mappings[only]
  const looksTyped =
    isObject(inner) &&
    !rootParameters.has(only) &&
    !only.startsWith('_') &&
    Object.hasOwn(inner, 'properties')
  return only === '_doc' || looksTyped ? only : undefined
}

function checkRuntime(runtime: unknown): readonly SettingIssue[] {
  if (runtime === undefined) return []
  if (!isObject(runtime))
    return [
      { path: ['runtime'], message: `must be a map from field to definition; ${quote(runtime)} is not` },
    ]
  return Object.entries(runtime).flatMap(([name, definition]) =>
    isObject(definition) ? [] : [notADefinition(['runtime', name], definition)],
  )
}

function checkFields(fields: unknown, path: readonly string[]): readonly SettingIssue[] {
  if (fields === undefined || (Array.isArray(fields) && fields.length === 0)) return []
  if (!isObject(fields))
    return [{ path, message: `must be a map from field to definition; ${quote(fields)} is not` }]
  return Object.entries(fields).flatMap(([name, definition]) => checkField(name, definition, [...path, name]))
}

function checkField(name: string, definition: unknown, path: readonly string[]): readonly SettingIssue[] {
  if (name.trim() === '' || name.split('.').some((part) => part === '')) {
    return [
      {
        path,
        message: `${quote(name)} is no name of a field: it is empty, or has an empty part between dots`,
      },
    ]
  }
  if (!isObject(definition)) return [notADefinition(path, definition)]
  return [
    ...checkFields(definition['properties'], [...path, 'properties']),
    ...checkFields(definition['fields'], [...path, 'fields']),
  ]
}

function notADefinition(path: readonly string[], definition: unknown): SettingIssue {
  const hint = typeof definition === 'string' ? `{"type": ${quote(definition)}}` : '{"type": "keyword"}'
  return { path, message: `is defined by a map such as ${hint}; ${quote(definition)} is none` }
}
