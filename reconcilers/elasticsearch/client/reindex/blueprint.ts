import type { Change, Json } from '../../../../src/core/resource.ts'
import { isJsonObject, objectOf } from '../../../../src/core/json.ts'
import type { Index, JsonObject } from '../../resource.ts'
import { expandsReplicas, isInjected, isPrivateSetting } from '../../setting-checks.ts'
import { isObjectType } from '../../updatable-parameters.ts'
import type { SiteIndex } from './site.ts'

/**
 * What a target is while it is copied into: without replicas and refreshes (quicker), without pipelines (the documents went through
 * them once), forgetting its deletions at once (so that a document that was deleted and made again, and begins again with version 1,
 * is taken), and with every write on disk before it is acknowledged (the copy relies on it after a crash).
 */
export const whileBuilding: Readonly<Record<string, string>> = {
  'index.auto_expand_replicas': 'false',
  'index.default_pipeline': '_none',
  'index.final_pipeline': '_none',
  'index.gc_deletes': '0s',
  'index.number_of_replicas': '0',
  'index.refresh_interval': '-1',
  'index.translog.durability': 'request',
  'index.write.wait_for_active_shards': '1',
}

const replicaSettings = new Set(['index.auto_expand_replicas', 'index.number_of_replicas'])
const deferredGroups = ['index.blocks.', 'index.lifecycle.']

/** What the finished index is to have and the target gets at the end only. */
export function isDeferred(key: string): boolean {
  return Object.hasOwn(whileBuilding, key) || deferredGroups.some((group) => key.startsWith(group))
}

/**
 * The settings of the new index: those of the old one, except for what the change says. What nobody wrote (a limit that somebody
 * raised by hand, an allocation rule, a number of replicas that is held or ignored) stays as it is: the plan does not name it.
 */
export function wantedSettings({ fields }: Change<Index>, source: SiteIndex): ReadonlyMap<string, Json> {
  const wanted = new Map<string, Json>()
  for (const [key, value] of source.settings) {
    if (!isPrivateSetting(key) && !isInjected(key, value)) wanted.set(key, value)
  }
  for (const { path, after } of fields) {
    if (!path.startsWith('settings.')) continue
    const key = path.slice('settings.'.length)
    if (after === undefined) wanted.delete(key)
    else wanted.set(key, after)
    // A default that the server derived from the old number.
    if (key === 'index.number_of_shards') wanted.delete('index.number_of_routing_shards')
  }
  return wanted
}

/** The settings to create the target with. */
export function settingsToBuild(wanted: ReadonlyMap<string, Json>): JsonObject {
  const kept = [...wanted].filter(([key]) => !isDeferred(key))
  return objectOf<Json>([...kept, ...Object.entries(whileBuilding)])
}

/** What turns the target into the finished index; null is the server's default. Replicas come earlier than the rest. */
export function settingsToFinish(wanted: ReadonlyMap<string, Json>): {
  readonly replicas: ReadonlyMap<string, Json>
  readonly rest: ReadonlyMap<string, Json>
} {
  const all = new Map<string, Json>(Object.keys(whileBuilding).map((key) => [key, null]))
  for (const [key, value] of wanted) if (isDeferred(key)) all.set(key, value)
  // The server derives one from the other.
  if (expandsReplicas(all.get('index.auto_expand_replicas'))) all.delete('index.number_of_replicas')
  return {
    replicas: new Map([...all].filter(([key]) => replicaSettings.has(key))),
    rest: new Map([...all].filter(([key]) => !replicaSettings.has(key))),
  }
}

/**
 * The mappings of the new index: what is written, and beside it every field that the old index has (made by documents or by hand),
 * so that no document is understood otherwise than before because of something that the plan does not name.
 */
export function wantedMappings({ desired }: Change<Index>, source: SiteIndex): JsonObject {
  return merged(source.mappings, desired?.body.mappings ?? objectOf<Json>([]))
}

/** Roots and objects: parameters of `over` win, properties and runtime fields of both. */
function merged(under: JsonObject, over: JsonObject): JsonObject {
  const members = new Map<string, Json>([...Object.entries(under), ...Object.entries(over)])
  for (const group of ['properties', 'runtime']) {
    const [below, above] = [under[group], over[group]]
    if (isJsonObject(below) && isJsonObject(above)) members.set(group, mergedFields(below, above))
  }
  return objectOf(members)
}

function mergedFields(below: JsonObject, above: JsonObject): JsonObject {
  const fields = new Map<string, Json>(Object.entries(below))
  for (const [name, definition] of Object.entries(above)) {
    const old = Object.hasOwn(below, name) ? below[name] : undefined
    fields.set(
      name,
      isJsonObject(definition) && isJsonObject(old) ? mergedField(old, definition) : definition,
    )
  }
  return objectOf(fields)
}

/** A field's own definition is what is written, whole; sub-fields of a field and fields of an object stay beside the written ones. */
function mergedField(old: JsonObject, written: JsonObject): JsonObject {
  const group = holdsFields(old) && holdsFields(written) ? 'properties' : 'fields'
  if (group === 'fields' && (holdsFields(old) || holdsFields(written))) return written
  const [below, above] = [old[group], written[group]]
  if (!isJsonObject(below)) return written
  const both = isJsonObject(above) ? mergedFields(below, above) : below
  return objectOf<Json>([...Object.entries(written), [group, both]])
}

function holdsFields({ type }: JsonObject): boolean {
  return type === undefined || (typeof type === 'string' && isObjectType(type))
}
