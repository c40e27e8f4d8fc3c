import type { Json } from '../../src/core/resource.ts'
import { type Call, acknowledged, ok } from './fake-call.ts'
import { ServerRefusal, UnknownPath, illegalArgument, notFound } from './fake-refusal.ts'
import { type FakeState, type Stored, wildcard } from './fake-state.ts'
import { isList, isObject, objectOf, own, ownObject, toJsonObject } from '../../src/core/json.ts'
import type { JsonObject } from './resource.ts'
import type { WireAnswer } from './client/wire.ts'

/** The processors of the ingest module, which the real nodes of the tests do not have (documentation of 8.19). */
const processors = new Set(
  'append bytes community_id convert csv date date_index_name dissect dot_expander drop fail fingerprint foreach geoip grok gsub html_strip inference join json kv lowercase network_direction pipeline redact registered_domain remove rename reroute script set sort split trim uppercase uri_parts urldecode user_agent attachment'.split(
    ' ',
  ),
)

export function putPipeline({ state, names: [name = ''], body }: Call): WireAnswer {
  requirePath(state, 'ingest', `/_ingest/pipeline/${name}`, 'PUT')
  checkProcessors(state, own(body, 'processors'))
  const onFailure = own(body, 'on_failure')
  if (Array.isArray(onFailure) && onFailure.length === 0) {
    throw parseError(`pipeline [${name}] cannot have an empty on_failure option defined`)
  }
  if (onFailure !== undefined) checkProcessors(state, onFailure)
  for (const key of Object.keys(isObject(body) ? body : {})) {
    if (
      [
        'description',
        'processors',
        'on_failure',
        'version',
        '_meta',
        'deprecated',
        'field_access_pattern',
      ].includes(key)
    )
      continue
    throw parseError(
      `pipeline [${name}] doesn't support one or more provided configuration parameters [${key}]`,
    )
  }
  return keep(state, state.pipelines, name, toJsonObject(body))
}

function parseError(reason: string, extra: Readonly<Record<string, unknown>> = {}): ServerRefusal {
  return new ServerRefusal('parse_exception', reason, { extra })
}

function checkProcessors(state: FakeState, list: unknown): void {
  if (list === undefined)
    throw parseError('[processors] required property is missing', { property_name: 'processors' })
  for (const processor of Array.isArray(list) ? (list as readonly unknown[]) : []) {
    const [type = ''] = Object.keys(isObject(processor) ? processor : {})
    if (!processors.has(type) || state.lacks.has('processors')) {
      throw parseError(`No processor type exists with name [${type}]`, { processor_type: type })
    }
  }
}

/** Only what is new there writes the cluster state. */
export function keep(state: FakeState, into: Map<string, Stored>, name: string, value: Stored): WireAnswer {
  if (JSON.stringify(into.get(name)) !== JSON.stringify(value)) state.stateVersion += 1
  into.set(name, value)
  return ok(acknowledged)
}

/** Answers 404 and an empty object where there is none (8.19.21). */
export function getPipeline({ state, names: [names] }: Call): WireAnswer {
  requirePath(state, 'ingest', `/_ingest/pipeline/${names ?? ''}`, 'GET')
  const found = matching(state.pipelines, names)
  return { status: found.length === 0 ? 404 : 200, body: objectOf(found) }
}

function matching<V>(
  all: ReadonlyMap<string, V>,
  names: string | undefined,
): readonly (readonly [string, V])[] {
  const patterns = names?.split(',').map((each) => wildcard(each))
  return [...all].filter(([name]) => patterns === undefined || patterns.some((matches) => matches(name)))
}

/** A pipeline that an index names as its default cannot go (documentation of 8.19: "cannot be deleted because it is the default pipeline"). */
export function deletePipeline({ state, names: [name = ''] }: Call): WireAnswer {
  requirePath(state, 'ingest', `/_ingest/pipeline/${name}`, 'DELETE')
  if (!state.pipelines.has(name)) throw notFound(`pipeline [${name}] is missing`)
  for (const kind of ['default', 'final']) {
    const users = [...state.indices.values()].filter(
      ({ settings }) => settings.get(`index.${kind}_pipeline`) === name,
    )
    if (users.length === 0) continue
    throw illegalArgument(
      `pipeline [${name}] cannot be deleted because it is the ${kind} pipeline for ${users.length} index(es) including [${users
        .slice(0, 3)
        .map((index) => index.name)
        .join(', ')}]`,
    )
  }
  state.pipelines.delete(name)
  state.stateVersion += 1
  return ok(acknowledged)
}

/** ILM cannot run on the real nodes of the tests: its answers are by the sources and the documentation of 8.19. */
export function putPolicy({ state, names: [name = ''], body }: Call): WireAnswer {
  requirePath(state, 'ilm', `/_ilm/policy/${name}`, 'PUT')
  const policy = own(body, 'policy')
  const phases = own(policy, 'phases')
  if (!isObject(policy)) throw illegalArgument('Required [policy]')
  if (!isObject(phases)) throw illegalArgument('Required [phases]')
  for (const [phase, of] of Object.entries(phases)) checkPhase(phase, of)
  const stored = objectOf<Json>([...Object.entries(toJsonObject(policy)), ['phases', withDefaults(phases)]])
  const before = state.policies.get(name)
  if (JSON.stringify(before?.policy) === JSON.stringify(stored)) return ok(acknowledged)
  state.policies.set(name, { version: (before?.version ?? 0) + 1, policy: stored })
  state.stateVersion += 1
  return ok(acknowledged)
}

const actionsOfPhase: Readonly<Record<string, string>> = {
  hot: 'set_priority unfollow rollover readonly shrink forcemerge searchable_snapshot downsample',
  warm: 'set_priority unfollow readonly allocate migrate shrink forcemerge downsample',
  cold: 'set_priority unfollow readonly searchable_snapshot allocate migrate freeze downsample',
  frozen: 'unfollow searchable_snapshot',
  delete: 'wait_for_snapshot delete',
}

function checkPhase(phase: string, body: unknown): void {
  const allowed = Object.hasOwn(actionsOfPhase, phase) ? actionsOfPhase[phase] : undefined
  if (allowed === undefined) {
    throw illegalArgument(`Timeseries lifecycle does not support phase [${phase}]`)
  }
  for (const action of Object.keys(ownObject(body, 'actions'))) {
    if (allowed.split(' ').includes(action)) continue
    throw illegalArgument(`invalid action [${action}] defined in phase [${phase}]`)
  }
}

/** What the server adds: `min_age`, `delete_searchable_snapshot`, `allow_write_after_shrink`. */
function withDefaults(phases: Readonly<Record<string, unknown>>): JsonObject {
  const added: Readonly<Record<string, readonly [string, Json]>> = {
    delete: ['delete_searchable_snapshot', true],
    shrink: ['allow_write_after_shrink', false],
    searchable_snapshot: ['force_merge_index', true],
  }
  return objectOf(
    Object.entries(phases).map(([phase, body]) => {
      const actions = Object.entries(toJsonObject(own(body, 'actions'))).map(([action, value]) => {
        const [name, initial] = (Object.hasOwn(added, action) ? added[action] : undefined) ?? []
        const members = Object.entries(toJsonObject(value))
        const injected = name !== undefined && initial !== undefined && !members.some(([key]) => key === name)
        return [action, objectOf(injected ? [...members, [name, initial] as const] : members)] as const
      })
      const members = Object.entries(toJsonObject(body))
      return [
        phase,
        objectOf<Json>([['min_age', '0ms'], ...members, ['actions', objectOf(actions)]]),
      ] as const
    }),
  )
}

export function getPolicy({ state, names: [names] }: Call): WireAnswer {
  requirePath(state, 'ilm', names === undefined ? '/_ilm/policy' : `/_ilm/policy/${names}`, 'GET')
  const found = matching(state.policies, names)
  const absent = (names?.split(',') ?? []).filter((name) => !name.includes('*') && !state.policies.has(name))
  if (absent.length > 0) throw notFound(`Lifecycle policy not found: ${absent.join(', ')}`)
  const shown = found.map(([name, { version, policy }]) => {
    const using = [...state.indices.values()].filter(
      ({ settings }) => settings.get('index.lifecycle.name') === name,
    )
    const templates = [...state.indexTemplates].filter(([, stored]) =>
      JSON.stringify(stored).includes(`"index.lifecycle.name":${JSON.stringify(name)}`),
    )
    const in_use_by = {
      indices: using.map((index) => index.name),
      data_streams: [],
      composable_templates: templates.map(([each]) => each),
    }
    return [name, { version, modified_date: '2026-01-01T00:00:00.000Z', policy, in_use_by }] as const
  })
  return ok(objectOf(shown))
}

export function deletePolicy({ state, names: [name = ''] }: Call): WireAnswer {
  requirePath(state, 'ilm', `/_ilm/policy/${name}`, 'DELETE')
  const using = [...state.indices.values()].filter(
    ({ settings }) => settings.get('index.lifecycle.name') === name,
  )
  if (using.length > 0) {
    throw illegalArgument(
      `Cannot delete policy [${name}]. It is in use by one or more indices: [${using.map((index) => index.name).join(', ')}]`,
    )
  }
  if (!state.policies.delete(name)) throw notFound(`Lifecycle policy not found: ${name}`)
  state.stateVersion += 1
  return ok(acknowledged)
}

/** Throws what 8.19.21 without the module says of its paths. */
export function requirePath(
  state: FakeState,
  feature: 'ilm' | 'ingest' | 'reindex' | 'security',
  path: string,
  method: string,
): void {
  if (!state.lacks.has(feature)) return
  // One name more than `/_x/policy`: there it looks like an index and an API of its.
  const looksKnown = path === '/_ilm/policy' || path === '/_reindex'
  throw looksKnown
    ? new UnknownPath(
        `Incorrect HTTP method for uri [${path}] and method [${method}], allowed: [${method === 'GET' ? 'POST' : 'GET, PUT, DELETE, HEAD'}]`,
        405,
      )
    : new UnknownPath(`no handler found for uri [${path}] and method [${method}]`, 400)
}

/** Whether a pipeline is one that writes would run through; `_none` and nothing are none. */
export function pipelineOf(
  index: { readonly settings: ReadonlyMap<string, Json> },
  kind: 'default' | 'final',
): string | undefined {
  const name = index.settings.get(`index.${kind}_pipeline`)
  return typeof name === 'string' && name !== '_none' && name !== '' ? name : undefined
}

/** `set`, `remove` and `fail` are carried out; every other processor leaves the document as it is. */
export function runPipeline(state: FakeState, name: string, source: JsonObject): JsonObject {
  const pipeline = state.pipelines.get(name)
  if (pipeline === undefined) throw illegalArgument(`pipeline with id [${name}] does not exist`)
  const steps = pipeline['processors']
  let document: JsonObject = source
  for (const step of steps !== undefined && isList(steps) ? steps : []) {
    const [type, body] = Object.entries(isObject(step) ? step : {})[0] ?? []
    const field = String(own(body, 'field'))
    const others = Object.entries(document).filter(([key]) => key !== field)
    if (type === 'fail')
      throw new ServerRefusal('fail_processor_exception', String(own(body, 'message')), { status: 500 })
    if (type === 'set') document = objectOf<Json>([...others, [field, toJsonObject(body)['value'] ?? null]])
    if (type === 'remove') document = objectOf(others)
  }
  return document
}
