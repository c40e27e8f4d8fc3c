import { type ResourceKey, keyOf } from '../../src/core/resource.ts'
import { contentOf } from './definition.ts'
import { isList, ownObject } from '../../src/core/json.ts'
import type { Json } from '../../src/core/resource.ts'
import { type SearchResource, type SearchType, isIndex } from './resource.ts'

/** Settings that name a thing of another type. */
const references: ReadonlyMap<string, SearchType> = new Map([
  ['index.default_pipeline', 'ingest-pipelines'],
  ['index.final_pipeline', 'ingest-pipelines'],
  ['index.lifecycle.name', 'ilm-policies'],
])

/** What has to be on the server before it takes this one: the component templates, pipelines and policy that it names; each once. */
export function requirements(resource: SearchResource): readonly ResourceKey[] {
  if (isIndex(resource)) return [...new Set(namedBySettings(resource.body.settings))]
  const template = ownObject(contentOf(resource), 'template')
  const settings = ownObject(template, 'settings')
  return [...new Set([...composed(resource), ...namedBySettings(settings)])]
}

function namedBySettings(settings: Readonly<Record<string, unknown>>): readonly ResourceKey[] {
  return [...references].flatMap(([key, type]) => {
    const name = Object.hasOwn(settings, key) ? settings[key] : undefined
    return typeof name === 'string' && name !== '' && name !== '_none' ? [keyOf({ type, name })] : []
  })
}

function composed(resource: SearchResource): readonly ResourceKey[] {
  if (resource.type !== 'index-templates') return []
  const optional = new Set(texts(resource.body['ignore_missing_component_templates']))
  return texts(resource.body['composed_of'])
    .filter((name) => !optional.has(name))
    .map((name) => keyOf({ type: 'component-templates', name }))
}

function texts(value: Json | undefined): readonly string[] {
  return isList(value) ? value.filter((each) => typeof each === 'string') : []
}
