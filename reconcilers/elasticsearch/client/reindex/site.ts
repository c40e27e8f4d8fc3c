import { equal } from '../../../../src/core/canonical.ts'
import type { Json } from '../../../../src/core/resource.ts'
import { isObject, own, ownObject, toJson, toJsonObject } from '../../../../src/core/json.ts'
import { blockedAlias, parseBuildingAlias, parseRollbackAlias } from '../../markers.ts'
import type { JsonObject } from '../../resource.ts'
import { getIndices } from '../indices.ts'
import type { Wire } from '../wire.ts'

/** An index as the server shows it. */
export interface SiteIndex {
  readonly name: string
  readonly uuid: string
  readonly aliases: ReadonlyMap<string, JsonObject>
  /** Flat: `index.number_of_shards` → text or texts. */
  readonly settings: ReadonlyMap<string, Json>
  readonly mappings: JsonObject
}

/** Everything around a name: what bears it, its generations, and the marks they carry. All that a reindex knows, it knows from here. */
export interface Site {
  readonly name: string
  readonly indices: readonly SiteIndex[]
  /** What bears the name, itself or by alias. */
  readonly bearers: readonly SiteIndex[]
  /** Targets of a reindex of this name that was begun. */
  readonly unfinished: readonly SiteIndex[]
  /** Indices whose write block is ours. */
  readonly blocked: readonly SiteIndex[]
  /** Old indices that an earlier swap left. */
  readonly rollbacks: readonly SiteIndex[]
}

/** One request. */
export async function readSite(wire: Wire, name: string, signal: AbortSignal): Promise<Site> {
  return siteOf(name, await getIndices(wire, [name], `reading ${name}`, signal))
}

/** The answer of `GET /name,name-0*?flat_settings=true`, read. */
export function siteOf(name: string, answer: unknown): Site {
  const indices = Object.entries(isObject(answer) ? answer : {}).map(([index, shown]) =>
    siteIndex(index, shown),
  )
  const carrying = (holds: (alias: string) => boolean) =>
    indices.filter(({ aliases }) => [...aliases.keys()].some(holds))
  return {
    name,
    indices,
    bearers: indices.filter((index) => index.name === name || index.aliases.has(name)),
    unfinished: carrying((alias) => parseBuildingAlias(alias)?.name === name),
    blocked: carrying((alias) => alias === blockedAlias(name)),
    rollbacks: carrying((alias) => parseRollbackAlias(alias)?.name === name),
  }
}

function siteIndex(name: string, shown: unknown): SiteIndex {
  const settings = new Map(
    Object.entries(ownObject(shown, 'settings')).map(([key, value]) => [key, toJson(value)]),
  )
  const uuid = settings.get('index.uuid')
  const aliases = Object.entries(ownObject(shown, 'aliases'))
  return {
    name,
    uuid: typeof uuid === 'string' ? uuid : '',
    aliases: new Map(aliases.map(([alias, definition]) => [alias, toJsonObject(definition)])),
    settings,
    mappings: toJsonObject(own(shown, 'mappings')),
  }
}

/** An index by its uuid: a name can have passed to another one. */
export function byId(site: Site, uuid: string): SiteIndex | undefined {
  return site.indices.find((index) => index.uuid === uuid)
}

export function hasSetting(index: SiteIndex, key: string, value: Json): boolean {
  return equal(index.settings.get(key), value)
}

/** At least 1. */
export function shardsOf(index: SiteIndex): number {
  return Math.max(1, Number(index.settings.get('index.number_of_shards') ?? 1))
}
