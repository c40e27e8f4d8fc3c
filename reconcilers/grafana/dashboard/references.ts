import { isList, isMap } from '../../../src/core/canonical.ts'
import { own } from '../../../src/core/json.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { Json } from '../../../src/core/resource.ts'
import type { DashboardContent } from '../resource.ts'

/** Grafana's own, under every name that they have had. */
const builtIn = new Set([
  '',
  'default',
  'grafana',
  '-100',
  '__expr__',
  'Expression',
  '-- Grafana --',
  '-- Mixed --',
  '-- Dashboard --',
])

/** Members of panels and queries in which `datasource` is no reference, or which are large. */
const passed = new Set(['options', 'fieldConfig', 'gridPos', 'transformations', 'layout'])

/** All that stands where a datasource is named: uids, names in old dashboards, variables. */
export function namedDatasources({ spec }: DashboardContent): ReadonlySet<string> {
  const known = named.get(spec)
  if (known !== undefined) return known
  const found = new Set<string>()
  collect(spec, found)
  named.set(spec, found)
  return found
}

const named = new WeakMap<JsonObject, ReadonlySet<string>>()

function collect(value: Json, into: Set<string>): void {
  if (isList(value)) {
    for (const each of value) collect(each, into)
    return
  }
  if (!isMap(value)) return
  for (const [name, member] of Object.entries(value)) {
    const reference = name === 'datasource' ? nameIn(member) : undefined
    if (reference !== undefined) into.add(reference)
    else if (!passed.has(name)) collect(member, into)
  }
}

/** Classic: a text, or `{type, uid}`; version 2: `{name}`, which is the uid as well. */
function nameIn(reference: Json): string | undefined {
  const name = typeof reference === 'string' ? reference : (own(reference, 'uid') ?? own(reference, 'name'))
  return typeof name === 'string' ? name : undefined
}

/** The datasources that panels, variables and annotations name: uids, or names in old dashboards. Without variables and Grafana’s own. */
export function referencedDatasources(content: DashboardContent): ReadonlySet<string> {
  return new Set([...namedDatasources(content)].filter((name) => !builtIn.has(name) && !/\$|\[\[/.test(name)))
}

/** The uids of the library panels in it. */
export function referencedLibraryPanels({ model, spec }: DashboardContent): ReadonlySet<string> {
  const found = new Set<string>()
  const panels = model === 'v2' ? Object.values(mapIn(spec, 'elements')) : panelsIn(spec)
  for (const panel of panels) {
    const inside = model === 'v2' ? own(panel, 'spec') : panel
    const uid = own(own(inside, 'libraryPanel'), 'uid')
    if (typeof uid === 'string' && uid !== '') found.add(uid)
  }
  return found
}

function mapIn(spec: JsonObject, name: string): JsonObject {
  const found = spec[name]
  return isMap(found) ? found : {}
}

/** Those in rows, too. */
function panelsIn(holder: unknown): readonly unknown[] {
  return ['panels', 'rows'].flatMap((name) => {
    const list = own(holder, name)
    return Array.isArray(list) ? list.flatMap((each: unknown) => [each, ...panelsIn(each)]) : []
  })
}
