import type { Json } from '../../src/core/resource.ts'
import { ownAliases } from './fake-aliases.ts'
import { type Call, acknowledged, flag, ok } from './fake-call.ts'
import { analysisOf, compose, overlap, textsOf } from './fake-composition.ts'
import { keep } from './fake-definitions.ts'
import { showMapping } from './fake-mapping-nodes.ts'
import { parseMapping } from './fake-mapping.ts'
import { ServerRefusal, illegalArgument, notFound } from './fake-refusal.ts'
import { checkSettings, flatten, nested, tierPreference } from './fake-settings.ts'
import { type FakeState, type Stored, wildcard } from './fake-state.ts'
import { isObject, objectOf, own, toJson, toJsonObject } from '../../src/core/json.ts'
import type { JsonObject } from './resource.ts'
import type { WireAnswer } from './client/wire.ts'

const memberKeys = ['settings', 'mappings', 'aliases', 'lifecycle', 'data_stream_options']

/** `template` as it is kept and shown: settings as text under `index.`, aliases canonical, mappings as they were sent. */
function storedTemplate(template: unknown): JsonObject {
  const members: [string, Json][] = []
  for (const name of memberKeys) {
    const value = own(template, name)
    if (value === undefined) continue
    if (name === 'settings') members.push([name, objectOf(flatten(value))])
    else if (name === 'aliases') members.push([name, objectOf(ownAliases(template))])
    else members.push([name, toJson(value)])
  }
  return objectOf(members)
}

const componentKeys = new Set(['template', 'version', '_meta', 'deprecated'])
const indexKeys = new Set([
  ...componentKeys,
  'index_patterns',
  'composed_of',
  'priority',
  'data_stream',
  'allow_auto_create',
  'ignore_missing_component_templates',
])

function checkKeys(body: unknown, keys: ReadonlySet<string>, what: string, required: string): void {
  for (const key of Object.keys(isObject(body) ? body : {})) {
    if (keys.has(key)) continue
    throw new ServerRefusal('x_content_parse_exception', `[1:2] [${what}] unknown field [${key}]`)
  }
  if (own(body, required) === undefined) throw illegalArgument(`Required [${required}]`)
}

/** `PUT /_component_template/<name>`. What uses it must stay valid. */
export function putComponentTemplate({ state, names: [name = ''], body }: Call): WireAnswer {
  checkKeys(body, componentKeys, 'component_template', 'template')
  const template = storedTemplate(own(body, 'template'))
  const settings = flatten(template['settings'] ?? {})
  checkSettings(settings, state.lacks.has('ilm'))
  parseMapping(template['mappings'] ?? {}, analysisOf(settings))
  return keep(
    state,
    state.componentTemplates,
    name,
    objectOf([['template', template], ...rest(body, componentKeys)]),
  )
}

function rest(body: unknown, keys: ReadonlySet<string>): readonly (readonly [string, Json])[] {
  return Object.entries(isObject(body) ? body : {}).flatMap(([key, value]) =>
    keys.has(key) && key !== 'template' ? [[key, toJson(value)] as const] : [],
  )
}

export function putIndexTemplate({ state, names: [name = ''], body }: Call): WireAnswer {
  const stored = readIndexTemplate(state, name, body)
  return keep(state, state.indexTemplates, name, stored)
}

function readIndexTemplate(state: FakeState, name: string, body: unknown): Stored {
  checkKeys(body, indexKeys, 'index_template', 'index_patterns')
  const patterns = textsOf(own(body, 'index_patterns'))
  const template = own(body, 'template')
  const dataStream = own(body, 'data_stream')
  const stored = objectOf<Json>([
    ...rest(body, indexKeys),
    ['index_patterns', patterns],
    ['composed_of', textsOf(own(body, 'composed_of'))],
    ...(template === undefined ? [] : [['template', storedTemplate(template)] as const]),
    ...(dataStream === undefined
      ? []
      : [
          [
            'data_stream',
            objectOf<Json>([
              ['hidden', own(dataStream, 'hidden') === true],
              ['allow_custom_routing', own(dataStream, 'allow_custom_routing') === true],
            ]),
          ] as const,
        ]),
  ])
  checkComponents(state, name, stored)
  checkTemplateSettings(state, name, template)
  checkOverlap(state, name, stored)
  compose(state, name, stored)
  return stored
}

function checkComponents(state: FakeState, name: string, stored: Stored): void {
  const optional = new Set(textsOf(stored['ignore_missing_component_templates']))
  const absent = textsOf(stored['composed_of']).filter(
    (each) => !state.componentTemplates.has(each) && !optional.has(each),
  )
  if (absent.length === 0) return
  throw invalidTemplate(
    name,
    `index template [${name}] specifies component templates [${absent.join(', ')}] that do not exist`,
  )
}

function invalidTemplate(name: string, cause: string): ServerRefusal {
  return new ServerRefusal(
    'invalid_index_template_exception',
    `index_template [${name}] invalid, cause [${cause}]`,
  )
}

function checkTemplateSettings(state: FakeState, name: string, template: unknown): void {
  try {
    checkSettings(flatten(own(template, 'settings') ?? {}), state.lacks.has('ilm'))
  } catch (error) {
    // Parts of analyzers are looked for only when the whole is composed.
    if (!(error instanceof ServerRefusal) || error.message.startsWith('Custom Analyzer')) return
    throw invalidTemplate(name, `Validation Failed: 1: ${error.message};`)
  }
}

function checkOverlap(state: FakeState, name: string, stored: Stored): void {
  const patterns = textsOf(stored['index_patterns'])
  const priority = Number(stored['priority'] ?? 0)
  const conflicts = overlapping(state, name, patterns).filter(
    ([, other]) => Number(other['priority'] ?? 0) === priority,
  )
  if (conflicts.length === 0) return
  const others = conflicts.map(([each]) => each)
  const spelled = conflicts.map(
    ([each, other]) => `${each} => [${textsOf(other['index_patterns']).join(', ')}]`,
  )
  throw illegalArgument(
    `index template [${name}] has index patterns [${patterns.join(', ')}] matching patterns from existing templates [${others.join(',')}] with patterns (${spelled.join(',')}) that have the same priority [${priority}], multiple index templates may not match during index creation, please use a different priority`,
  )
}

function overlapping(
  state: FakeState,
  name: string,
  patterns: readonly string[],
): readonly (readonly [string, Stored])[] {
  return [...state.indexTemplates].filter(
    ([each, other]) =>
      each !== name && textsOf(other['index_patterns']).some((a) => patterns.some((b) => overlap(a, b))),
  )
}

/** `POST /_index_template/_simulate[/<name>]`: nothing is kept. A name without a body is a template that there is. */
export function simulate({ state, names: [known], body }: Call): WireAnswer {
  const name = known ?? `simulate_template_${state.newId().toLowerCase()}`
  const kept = body === undefined ? state.indexTemplates.get(name) : undefined
  const stored = kept ?? readIndexTemplate(state, name, body)
  const { settings, mapping, aliases } = compose(state, name, stored)
  const shown = new Map(settings)
  if (!shown.has(tierPreference) && !state.version.startsWith('7.')) shown.set(tierPreference, 'data_content')
  const mappings = showMapping(mapping)
  const overlapped = overlapping(state, name, textsOf(stored['index_patterns']))
  return ok({
    template: {
      settings: nested(shown),
      ...(Object.keys(mappings).length === 0 ? {} : { mappings }),
      aliases: objectOf(aliases),
    },
    overlapping: overlapped.map(([each, other]) => ({ name: each, index_patterns: other['index_patterns'] })),
  })
}

export function getTemplates(kind: 'component' | 'index'): (call: Call) => WireAnswer {
  return (call) => {
    const { state, names } = call
    const all = kind === 'component' ? state.componentTemplates : state.indexTemplates
    const [name] = names
    if (kind === 'index' && name?.includes(',') === true)
      throw illegalArgument("template name may not contain ','")
    const found = [...all].filter(([each]) => name === undefined || wildcard(name)(each))
    if (found.length === 0 && name !== undefined && !name.includes('*')) {
      throw notFound(`${kind === 'component' ? 'component' : 'index'} template matching [${name}] not found`)
    }
    const flat = flag(call, 'flat_settings')
    const status = found.length === 0 && name !== undefined ? 404 : 200
    const shown = {
      [`${kind}_templates`]: found.map(([each, stored]) => ({
        name: each,
        [`${kind}_template`]: show(stored, flat),
      })),
    }
    return ok(shown, status)
  }
}

function show(stored: Stored, flat: boolean): unknown {
  const template = own(stored, 'template')
  const settings = own(template, 'settings')
  if (flat || !isObject(template) || !isObject(settings)) return stored
  return {
    ...stored,
    template: { ...template, settings: nested(new Map(Object.entries(toJsonObject(settings)))) },
  }
}

export function deleteComponentTemplate({ state, names: [name = ''] }: Call): WireAnswer {
  const wanted = name.split(',')
  const found = [...state.componentTemplates.keys()].filter((each) =>
    wanted.some((pattern) => wildcard(pattern)(each)),
  )
  if (found.length === 0 && !name.includes('*')) throw notFound(name)
  const users = [...state.indexTemplates].filter(([, stored]) =>
    textsOf(stored['composed_of']).some((each) => found.includes(each)),
  )
  if (users.length > 0) {
    const by = users.map(([each]) => each).join(', ')
    throw illegalArgument(
      `component templates [${found.join(', ')}] cannot be removed as they are still in use by index templates [${by}]`,
    )
  }
  for (const each of found) state.componentTemplates.delete(each)
  state.stateVersion += 1
  return ok(acknowledged)
}

export function deleteIndexTemplate({ state, names: [name = ''] }: Call): WireAnswer {
  const absent = name.split(',').filter((each) => !each.includes('*') && !state.indexTemplates.has(each))
  if (absent.length > 0) {
    throw new ServerRefusal(
      'index_template_missing_exception',
      `index_template [${absent.join(',')}] missing`,
      { status: 404 },
    )
  }
  for (const pattern of name.split(',')) {
    for (const each of [...state.indexTemplates.keys()].filter(wildcard(pattern)))
      state.indexTemplates.delete(each)
  }
  state.stateVersion += 1
  return ok(acknowledged)
}
