import { own } from '../core/json.ts'
import type { Resource } from '../core/resource.ts'
import type { ResourceType } from './resource-type.ts'
import type { DataKey, Definition, Issue, Written } from './written.ts'

/** An entry that cannot be used, with why. It is left alone on the service; the other entries go on. */
export interface InvalidEntry {
  readonly name: string
  readonly issues: readonly Issue[]
}

export interface Document<R extends Resource> {
  readonly desired: readonly R[]
  readonly invalid: readonly InvalidEntry[]
}

/** Every entry through the schema of its type, one by one. Pure, so a document that did not change is read once. */
export function readDocument<R extends Resource>(type: ResourceType<R>, written: Written): Document<R> {
  const known = documents.get(written)
  if (known?.type === type) return known.document as Document<R>
  const document = readEntries(type, written)
  documents.set(written, { type, document })
  return document
}

const documents = new WeakMap<Written, { readonly type: unknown; readonly document: Document<Resource> }>()

function readEntries<R extends Resource>(type: ResourceType<R>, written: Written): Document<R> {
  const desired: R[] = []
  const invalid: InvalidEntry[] = []
  for (const [name, value] of written.entries ?? []) {
    const key = type.entryName.safeParse(name)
    const entry = readEntry(type, { name, value }, written)
    if (key.success && 'value' in entry) desired.push(type.normalize(name, entry.value))
    else
      invalid.push({
        name,
        issues: [
          ...(key.error?.issues ?? []).map((issue) => issueAt([name, ...issue.path], issue.message, written)),
          ...('issues' in entry ? entry.issues : []),
        ],
      })
  }
  return { desired, invalid }
}

interface Entry {
  readonly name: string
  readonly value: unknown
}

type ReadEntry = { readonly value: unknown } | { readonly issues: readonly Issue[] }

function readEntry<R extends Resource>(type: ResourceType<R>, entry: Entry, written: Written): ReadEntry {
  const key = definitionKey(type, entry.value)
  if (type.definition !== undefined && key === undefined && isMixed(entry.value, type.definition, written))
    return { issues: [issueAt([entry.name, type.definition], mixed, written)] }
  if (type.definition === undefined || key === undefined)
    return judge(type, entry.value, (path, message) => issueAt([entry.name, ...path], message, written))
  const definition = find(key, written)
  if (!definition.ok)
    return { issues: [faultOf(definition, key, [entry.name, type.definition, 'key'], written)] }
  const value = { ...(entry.value as object), [type.definition]: definition.value }
  return judge(type, value, ([member, ...inside], message) =>
    member === type.definition
      ? issueIn(definition, key, inside, message)
      : issueAt(member === undefined ? [entry.name] : [entry.name, member, ...inside], message, written),
  )
}

function judge<R extends Resource>(
  type: ResourceType<R>,
  value: unknown,
  issueOf: (path: readonly PropertyKey[], message: string) => Issue,
): ReadEntry {
  const { success, data, error } = type.schema.safeParse(value)
  return success
    ? { value: data }
    : { issues: error.issues.map(({ path, message }) => issueOf(path, message)) }
}

/** The data key that stands in an entry for its definition; undefined where the definition is inline, or there is none. */
export function definitionKey(
  { definition }: Pick<ResourceType<Resource>, 'definition'>,
  value: unknown,
): string | undefined {
  const found = definition === undefined ? undefined : own(value, definition)
  const key = own(found, 'key')
  return typeof key === 'string' && Object.keys(found as object).length === 1 ? key : undefined
}

const mixed =
  'has a key beside what the base has there, or the base has the key: set "key" to null here, or take one of them out of the base'

/** A merge patch makes one map of a key in one document and a definition in the other, and neither is meant then. */
function isMixed(value: unknown, definition: string, { controls }: Written): boolean {
  return controls.extends !== undefined && typeof own(own(value, definition), 'key') === 'string'
}

function find(key: string, written: Written): Definition {
  if (key === '') return { ok: false, message: 'must name a data key of the ConfigMap' }
  return written.definition?.(key) ?? { ok: false, message: 'is no data key: there is only the document' }
}

/** Where a definition cannot be used; without a line of its own, at the place that names it. */
function faultOf(
  { message, line, at }: Extract<Definition, { ok: false }>,
  key: string,
  path: readonly string[],
  written: Written,
): Issue {
  if (line !== undefined) return { path: '', message, line, definition: at ?? { key } }
  return issueAt(path, key === '' ? message : `${shown(at ?? { key })} ${message}`, written)
}

function issueAt(keys: readonly PropertyKey[], message: string, written: Written): Issue {
  const path = keys.map(String)
  return located({ path: path.join('.'), message }, written.lineOf?.(path))
}

function issueIn(
  definition: Extract<Definition, { ok: true }>,
  key: string,
  keys: readonly PropertyKey[],
  message: string,
): Issue {
  const path = keys.map(String)
  return located(
    { path: path.join('.'), message, definition: definition.at ?? { key } },
    definition.lineOf?.(path),
  )
}

function located(issue: Issue, line: number | undefined): Issue {
  return line === undefined ? issue : { ...issue, line }
}

function shown({ key, base }: DataKey): string {
  return base === undefined ? key : `base ${base}: ${key}`
}

/** `user-events.partitions (line 3): must be a positive integer`; in a definition `orders.flow.json (line 12): name: is missing`. */
export function describeIssue(issue: Issue): string {
  return `${describePlace(issue)}: ${issue.message}`
}

/** The part before the sentence. */
export function describePlace({ path, line, definition }: Omit<Issue, 'message'>): string {
  const at = line === undefined ? '' : ` (line ${line})`
  if (definition === undefined) return `${path}${at}`
  const key = `${shown(definition)}${at}`
  return path === '' ? key : `${key}: ${path}`
}
