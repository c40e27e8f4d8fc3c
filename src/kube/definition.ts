import { nearest } from '../core/nearest.ts'
import type { DataKey, Definition } from '../reconcile/written.ts'
import { readText } from './data-key.ts'
import { lineIndex, parseMap, type TextRules } from './document.ts'
import type { ConfigMap } from './objects.ts'

/** A ConfigMap with its document; every other data key of it is a definition. */
export interface Holder {
  readonly configMap: ConfigMap
  /** Undefined: there is none, and all of them are. */
  readonly documentKey: string | undefined
}

/** Unpacked. */
const maxBytes = 32 * 1024 * 1024

/** So that a packed text of nothing but brackets takes no more memory than the largest definition that is meant. */
const maxValues = 2_000_000

const rules: TextRules = { empty: 'is empty', advice: '', maxYaml: 2 * 1024 * 1024 }

/**
 * Definitions by the data key that an entry names; of the ConfigMap itself (the first holder), else of the bases under it. One
 * is parsed when it is asked for, and kept for as long as somebody uses it.
 */
export function definitionsOf(holders: readonly Holder[]): (name: string) => Definition {
  const parsed = new Map<string, WeakRef<Definition>>()
  return (name) => {
    const definition = parsed.get(name)?.deref() ?? findDefinition(holders, name)
    parsed.set(name, new WeakRef(definition))
    return definition
  }
}

/** All that definitions may be, as it stands, for the hash: the keys of a ConfigMap over those of the base under it. */
export function furtherData(holders: readonly Holder[]): readonly unknown[] {
  const parts = (['data', 'binaryData'] as const).map((part) =>
    holders.map(({ configMap, documentKey }) => without(configMap[part], documentKey)),
  )
  return parts.map((layers) => Object.assign(nothing(), ...layers.toReversed()) as unknown)
}

function without(data: Readonly<Record<string, string>>, key: string | undefined): object {
  return key === undefined ? data : { ...data, [key]: undefined }
}

/** Without a prototype, so that `__proto__` is a key like any other. */
function nothing(): object {
  return Object.create(null) as object
}

function findDefinition(holders: readonly Holder[], name: string): Definition {
  for (const [depth, holder] of holders.entries()) {
    const key = keyIn(holder, name)
    if (key === undefined) continue
    const { configMap } = holder
    return readDefinition(configMap, depth === 0 ? { key } : { key, base: configMap.metadata.name })
  }
  return { ok: false, message: notFound(holders, name) }
}

/** The name itself, or the same packed. */
function keyIn(holder: Holder, name: string): string | undefined {
  const keys = keysOf(holder)
  return [name, `${name}.gz`].find((key) => keys.has(key))
}

function keysOf({ configMap, documentKey }: Holder): ReadonlySet<string> {
  const keys = new Set([...Object.keys(configMap.data), ...Object.keys(configMap.binaryData)])
  if (documentKey !== undefined) keys.delete(documentKey)
  return keys
}

function notFound(holders: readonly Holder[], name: string): string {
  const keys = [...new Set(holders.flatMap((holder) => [...keysOf(holder)]))].sort()
  const near = nearest(name, keys)
  const shown = keys.slice(0, 10).join(', ') + (keys.length > 10 ? ', …' : '')
  const has = keys.length === 0 ? 'there is none besides the document' : `there are ${shown}`
  const hint = near === undefined ? has : `did you mean "${near}"?`
  return `is no data key of ${holders.length > 1 ? 'the ConfigMap or its bases' : 'the ConfigMap'}; ${hint}`
}

function readDefinition(configMap: ConfigMap, at: DataKey): Definition {
  const text = readText(configMap, at.key, maxBytes)
  const message = typeof text === 'string' ? unreadable(text) : text.message
  if (typeof text !== 'string' || message !== undefined) return { ok: false, at, message: message ?? '' }
  const { value, issues } = parseMap(text, at.key, rules)
  if (value !== undefined) return { ok: true, at, value, lineOf: linesOf(text) }
  const [issue = { path: at.key, message: 'cannot be read' }] = issues
  const told = issue.path === at.key ? issue.message : `${issue.path} ${issue.message}`
  return { ok: false, at, message: told, ...('line' in issue ? { line: issue.line } : {}) }
}

/** Why it is not even looked at. */
function unreadable(text: string): string | undefined {
  if (/^\uFEFF?\s*</.test(text)) return 'is XML; only JSON or YAML definitions are read'
  return countValues(text) > maxValues ? `holds more than ${maxValues} values` : undefined
}

const counted = new Set(Array.from('{[,', (each) => each.charCodeAt(0)))

/** An upper bound: brackets and commas in strings count, too. */
function countValues(text: string): number {
  let count = 0
  for (let at = 0; at < text.length; at += 1) if (counted.has(text.charCodeAt(at))) count += 1
  return count
}

/** Lines are found by the YAML parser, so there are none in a text that is too large for it. */
function linesOf(text: string): ReturnType<typeof lineIndex> {
  return text.length > rules.maxYaml ? () => undefined : lineIndex(text)
}
