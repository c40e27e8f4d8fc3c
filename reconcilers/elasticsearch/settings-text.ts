import { canonicalJson, mapToObject } from '../../src/core/canonical.ts'
import type { Json } from '../../src/core/resource.ts'
import { isList, isObject } from '../../src/core/json.ts'
import { checkSetting } from './setting-checks.ts'
import { canonicalUnits } from './units.ts'

export { isInjected, isPrivateSetting } from './setting-checks.ts'

/** What is wrong with a setting; the path as it is written, below `settings`. */
export interface SettingIssue {
  readonly path: readonly string[]
  readonly message: string
}

export interface FlatSettings {
  /** `index.number_of_replicas` → text, or a list of texts. Without a prototype. */
  readonly settings: Readonly<Record<string, Json>>
  readonly issues: readonly SettingIssue[]
}

/** A setting and where it was found. */
interface Found {
  readonly value: Json
  readonly path: readonly string[]
}

/** Settings whose text the server splits at commas (`Setting.listSetting`) and that are short lists of names. */
const nameLists = /^index\.(sort\.(field|order|mode|missing)|query\.default_field|routing_path)$/

/**
 * Settings in any of the server's spellings (nested, flat, with or without `index.`, mixed) as one flat map, the way
 * `Settings.fromXContent` and `normalizePrefix` read them. Every issue is reported; what has one may still be in the map.
 */
export function flatSettings(written: unknown): FlatSettings {
  const found = new Map<string, Found>()
  const issues: SettingIssue[] = []
  collect(written, [], found, issues)
  for (const [key, { value, path }] of found) {
    const message = checkSetting(key, value)
    if (message !== undefined) issues.push({ path, message })
  }
  const both = replicasTwice(found)
  if (both !== undefined) issues.push(both)
  return { settings: mapToObject(new Map([...found].map(([key, { value }]) => [key, value]))), issues }
}

function collect(
  value: unknown,
  path: readonly string[],
  found: Map<string, Found>,
  issues: SettingIssue[],
): void {
  if (isObject(value)) {
    for (const [name, member] of Object.entries(value)) collect(member, [...path, name], found, issues)
    return
  }
  const text = toText(value)
  if (text === undefined || path.length === 0 || isGroup(path)) {
    issues.push({ path, message: sayWrong(value, path) })
    return
  }
  const key = keyOf(path)
  const canonical = canonicalSetting(key, text)
  const before = found.get(key)
  if (before === undefined) found.set(key, { value: canonical, path })
  else if (canonicalJson(before.value) !== canonicalJson(canonical)) {
    const other = `${before.path.join('.')} is ${canonicalJson(before.value)}`
    issues.push({ path, message: `is written twice with different values: ${other}; keep one` })
  }
}

/** `index` itself is where settings stand, never one of them. */
function isGroup(path: readonly string[]): boolean {
  return path.length === 1 && path[0] === 'index'
}

function keyOf(path: readonly string[]): string {
  const key = path.join('.')
  return key.startsWith('index.') ? key : `index.${key}`
}

function sayWrong(value: unknown, path: readonly string[]): string {
  if (path.length === 0 || isGroup(path)) return 'must be a map from setting to value'
  if (value === null) return 'must not be null; to return to the default, leave the key out'
  return 'is a list of texts, numbers or booleans; it cannot hold a map, a list or null'
}

/** A scalar as the text that the server makes of it; undefined for null and for what no setting can be. */
function toText(value: unknown): Json | undefined {
  if (!Array.isArray(value)) return scalarText(value)
  const texts = value.map(scalarText)
  return texts.every((each) => each !== undefined) ? texts : undefined
}

function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return value.toString()
  return undefined
}

/**
 * One spelling for all those that the server reads as one value: text for numbers and booleans, `["a"]` as `a`, `60s` as `1m`.
 * A list of one text stays a list where the server would read the bare text differently (it splits at commas and trims).
 */
export function canonicalSetting(key: string, value: Json): Json {
  if (isList(value)) {
    const texts = value.map((each) => scalarText(each) ?? canonicalJson(each))
    const [only] = texts
    return texts.length === 1 && only !== undefined && standsAlone(only) ? canonicalUnits(key, only) : texts
  }
  const text = scalarText(value) ?? canonicalJson(value)
  if (!nameLists.test(key)) return canonicalUnits(key, text)
  const names = text.split(',').map((each) => each.trim())
  return names.length > 1 ? names : text
}

function standsAlone(text: string): boolean {
  return text !== '' && !text.includes(',') && text.trim() === text
}

function replicasTwice(found: ReadonlyMap<string, Found>): SettingIssue | undefined {
  const replicas = found.get('index.number_of_replicas')
  const auto = found.get('index.auto_expand_replicas')
  if (replicas === undefined || auto === undefined || auto.value === 'false') return undefined
  const message = `cannot stand beside auto_expand_replicas ${canonicalJson(auto.value)}, which sets it; keep one of the two`
  return { path: replicas.path, message }
}
