import type { Json } from '../../src/core/resource.ts'
import { checkAliasName, ownAliases } from './fake-aliases.ts'
import { type Mapping, emptyMapping } from './fake-mapping-nodes.ts'
import { type Analysis, parseMapping } from './fake-mapping.ts'
import { mergeMapping } from './fake-mapping-merge.ts'
import { ServerRefusal, badMapping, illegalArgument } from './fake-refusal.ts'
import { analyzersOf, checkSettings, flatten } from './fake-settings.ts'
import { type FakeState, type Stored, wildcard } from './fake-state.ts'
import { javaText } from './fake-text.ts'
import { isList, own, toJson } from '../../src/core/json.ts'
import type { JsonObject } from './resource.ts'

/** What templates give to an index: settings still flat. */
export interface Composed {
  readonly settings: ReadonlyMap<string, Json>
  readonly mapping: Mapping
  readonly aliases: ReadonlyMap<string, JsonObject>
}

export function analysisOf(settings: ReadonlyMap<string, Json>): Analysis {
  return { analyzers: analyzersOf(settings, 'analyzer'), normalizers: analyzersOf(settings, 'normalizer') }
}

/** Whether some name matches both patterns. */
export function overlap(a: string, b: string): boolean {
  if (a === '' || b === '') return /^\**$/.test(a + b)
  if (a.startsWith('*')) return overlap(a.slice(1), b) || overlap(a, b.slice(1))
  if (b.startsWith('*')) return overlap(b, a)
  return a[0] === b[0] && overlap(a.slice(1), b.slice(1))
}

/** Components in their order, then the template itself; what does not fit together is refused in the words of 8.19.21. */
export function compose(state: FakeState, name: string, stored: Stored): Composed {
  const components = textsOf(stored['composed_of']).filter((each) => state.componentTemplates.has(each))
  const layers = [
    ...components.map((each) => state.componentTemplates.get(each)?.['template']),
    stored['template'],
  ]
  const settings = new Map(layers.flatMap((layer) => [...flatten(own(layer, 'settings') ?? {})]))
  const aliases = new Map<string, JsonObject>()
  try {
    checkSettings(settings, state.lacks.has('ilm'))
    for (const layer of layers) {
      for (const [alias, value] of ownAliases(layer)) {
        checkAliasName(state, alias)
        aliases.set(alias, value)
      }
    }
    return { settings, mapping: composeMappings(name, layers, settings), aliases }
  } catch (error) {
    if (!(error instanceof ServerRefusal)) throw error
    const using = components.length === 0 ? '' : ` with component templates [${components.join(', ')}]`
    throw illegalArgument(
      `composable template [${name}] template after composition${using} is invalid`,
      error,
    )
  }
}

function composeMappings(
  name: string,
  layers: readonly unknown[],
  settings: ReadonlyMap<string, Json>,
): Mapping {
  try {
    let mapping = emptyMapping
    for (const layer of layers) {
      const update = parseMapping(own(layer, 'mappings') ?? {}, analysisOf(settings))
      mapping = mergedLayer(mapping, update)
    }
    return mapping
  } catch (error) {
    if (!(error instanceof ServerRefusal)) throw error
    throw illegalArgument(`invalid composite mappings for [${name}]`, error)
  }
}

function mergedLayer(mapping: Mapping, update: Mapping): Mapping {
  try {
    return mergeMapping(mapping, update, Infinity, 'template')
  } catch (error) {
    if (!(error instanceof ServerRefusal) || error.type !== 'illegal_argument_exception') throw error
    throw badMapping(error.message, error.type)
  }
}

/** The template that a new index of this name would get: the one of the highest priority. */
export function templateFor(state: FakeState, index: string): readonly [string, Stored] | undefined {
  const matching = [...state.indexTemplates].filter(([, stored]) =>
    textsOf(stored['index_patterns']).some((pattern) => wildcard(pattern)(index)),
  )
  return matching.sort(([, a], [, b]) => Number(b['priority'] ?? 0) - Number(a['priority'] ?? 0))[0]
}

/** A text or a list of them, as a list. */
export function textsOf(value: unknown): readonly string[] {
  const json = value === undefined ? [] : toJson(value)
  return (isList(json) ? json : [json]).map(javaText)
}
