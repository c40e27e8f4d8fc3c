import type { Json } from '../../src/core/resource.ts'
import { aliasFields, canonicalAliases } from './aliases.ts'
import { nextGeneration, parseGeneration } from './generations.ts'
import { isObject, own, ownObject } from '../../src/core/json.ts'
import { parseBuildingAlias } from './markers.ts'
import { readMappings } from './observed-mappings.ts'
import { standing } from './resource.ts'
import type { Index, IndexBody, IndexFacts } from './resource.ts'
import { expandsReplicas } from './setting-checks.ts'
import { settingClass } from './setting-class.ts'
import { canonicalSetting, isInjected, isPrivateSetting } from './settings-text.ts'

/** One index of the answer, not yet read. */
interface ShownIndex {
  readonly name: string
  readonly shown: Readonly<Record<string, unknown>>
}

/** An answer of `GET /<names>?flat_settings=true`, indexed once: every lookup by name is then a few map reads. */
export interface Shown {
  readonly byName: ReadonlyMap<string, ShownIndex>
  readonly byAlias: ReadonlyMap<string, readonly ShownIndex[]>
  readonly byDataStream: ReadonlyMap<string, readonly ShownIndex[]>
  /** `orders` → the names of its generations. */
  readonly generations: ReadonlyMap<string, readonly string[]>
  /** `orders` → the index that a reindex of it is building. */
  readonly building: ReadonlyMap<string, string>
}

/** `answer`: index → {aliases, mappings, settings, data_stream?}. What has another form is taken for nothing. */
export function shownIndices(answer: unknown): Shown {
  const byName = new Map<string, ShownIndex>()
  const byAlias = new Map<string, ShownIndex[]>()
  const byDataStream = new Map<string, ShownIndex[]>()
  const generations = new Map<string, string[]>()
  const building = new Map<string, string>()
  for (const [name, shown] of Object.entries(isObject(answer) ? answer : {})) {
    if (!isObject(shown)) continue
    const index = { name, shown }
    byName.set(name, index)
    const base = parseGeneration(name)?.name
    if (base !== undefined) append(generations, base, name)
    const dataStream = own(shown, 'data_stream')
    if (typeof dataStream === 'string') append(byDataStream, dataStream, index)
    for (const alias of Object.keys(ownObject(shown, 'aliases'))) {
      append(byAlias, alias, index)
      const target = parseBuildingAlias(alias)?.name
      if (target !== undefined && target === base) building.set(target, name)
    }
  }
  return { byName, byAlias, byDataStream, generations, building }
}

function append<V>(map: Map<string, V[]>, key: string, value: V): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

/** What stands behind a name: an index, an alias, a data stream; undefined where nothing bears it. */
export function observeIndex(name: string, shown: Shown): Index | undefined {
  const found = find(name, shown)
  if (found === undefined) return undefined
  const { index, standsFor } = found
  const settings = readSettings(ownObject(index.shown, 'settings'))
  const mappings = readMappings(own(index.shown, 'mappings'))
  const body: IndexBody = {
    settings: settings.flat,
    mappings: mappings.body,
    aliases: canonicalAliases(own(index.shown, 'aliases')),
  }
  const fields = new Map<string, Json>([
    ...settings.fields,
    ...mappings.fields,
    ...aliasFields(body.aliases, name),
  ])
  const explicit = new Set(fields.keys())
  for (const path of settings.injected) explicit.delete(path)
  const unfinished = shown.building.get(name)
  fields.set(standing, index.name)
  if (unfinished !== undefined) explicit.add(standing)
  const facts: IndexFacts = {
    standsFor,
    index: index.name,
    closed: settings.closed,
    lifecycle: settings.lifecycle,
    unfinished,
    next: unfinished ?? nextGeneration(name, shown.generations.get(name) ?? []),
  }
  const observed: Index = {
    type: 'indices',
    name,
    fields,
    explicit,
    permanent: mappings.permanent,
    body,
    facts,
  }
  return settings.id === undefined ? observed : { ...observed, id: settings.id }
}

function find(
  name: string,
  shown: Shown,
): { readonly index: ShownIndex; readonly standsFor: IndexFacts['standsFor'] } | undefined {
  const index = shown.byName.get(name)
  if (index !== undefined) return { index, standsFor: 'index' }
  const [first, second] = shown.byAlias.get(name) ?? []
  if (first !== undefined) {
    const writes = own(own(own(first.shown, 'aliases'), name), 'is_write_index') !== false
    return { index: first, standsFor: second === undefined && writes ? 'alias' : 'several' }
  }
  const [backing] = shown.byDataStream.get(name) ?? []
  return backing === undefined ? undefined : { index: backing, standsFor: 'data-stream' }
}

interface ReadSettings {
  readonly flat: Readonly<Record<string, Json>>
  readonly fields: readonly (readonly [string, Json])[]
  readonly injected: readonly string[]
  readonly id: string | undefined
  readonly closed: boolean
  readonly lifecycle: string | undefined
}

function readSettings(settings: Readonly<Record<string, unknown>>): ReadSettings {
  const flat = Object.create(null) as Record<string, Json>
  const fields: (readonly [string, Json])[] = []
  const injected: string[] = []
  for (const [key, text] of Object.entries(settings)) {
    const { path, value } = shared(key, text)
    flat[key] = value
    if (isPrivateSetting(key)) continue
    fields.push([path, value])
    // What is final cannot be taken away either: no longer written, it is no longer our business.
    if (isInjected(key, value) || settingClass(key) === 'final') injected.push(path)
  }
  if (hasServersReplicas(flat)) injected.push('settings.index.number_of_replicas')
  const lifecycle = flat['index.lifecycle.name']
  const id = flat['index.uuid']
  return {
    flat,
    fields,
    injected,
    id: typeof id === 'string' ? id : undefined,
    closed: flat['index.verified_before_close'] === 'true',
    lifecycle: typeof lifecycle === 'string' && lifecycle !== '' ? lifecycle : undefined,
  }
}

/** Their number is shown whoever set it: one is what it becomes when it is taken away, and a range sets it by itself. */
function hasServersReplicas(flat: Readonly<Record<string, Json>>): boolean {
  return flat['index.number_of_replicas'] === '1' || expandsReplicas(flat['index.auto_expand_replicas'])
}

/** Most indices have the same settings, so one text for each serves thousands. Only the latest value of a key is kept. */
const latest = new Map<string, { readonly path: string; readonly text: unknown; readonly value: Json }>()
const mostKeys = 2_000

function shared(key: string, text: unknown): { readonly path: string; readonly value: Json } {
  const known = latest.get(key)
  if (known !== undefined && known.text === text) return known
  const value = canonicalSetting(key, Array.isArray(text) ? text.map(String) : String(text))
  const entry = { path: known?.path ?? `settings.${key}`, text, value }
  if (known !== undefined || latest.size < mostKeys) latest.set(key, entry)
  return entry
}
