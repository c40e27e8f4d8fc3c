import type { Json } from '../../src/core/resource.ts'
import { type Call, acknowledged, ok, resolutionOf } from './fake-call.ts'
import type { FakeIndex } from './fake-index.ts'
import { ServerRefusal, illegalArgument, noSuchIndex } from './fake-refusal.ts'
import { type FakeState, wildcard } from './fake-state.ts'
import { isObject, objectOf, own, ownObject, toJsonObject } from '../../src/core/json.ts'
import type { JsonObject } from './resource.ts'
import type { WireAnswer } from './client/wire.ts'

/** As the server shows an alias: `routing` is two, and what was not written is not there. */
function canonicalAlias(body: unknown): JsonObject {
  const alias = toJsonObject(body)
  const { routing } = alias
  const members: [string, Json | undefined][] = [
    ['filter', alias['filter']],
    ['index_routing', alias['index_routing'] ?? routing],
    ['search_routing', alias['search_routing'] ?? routing],
    ['is_write_index', alias['is_write_index']],
    ['is_hidden', alias['is_hidden']],
  ]
  return objectOf(members.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])))
}

/** The aliases that a request or a template has under `aliases`. */
export function ownAliases(of: unknown): readonly (readonly [string, JsonObject])[] {
  return Object.entries(ownObject(of, 'aliases')).map(([alias, body]) => [alias, canonicalAlias(body)])
}

/** Words of 8.19.21. `except`: an index about to be removed in the same request. */
export function checkAliasName(
  state: FakeState,
  alias: string,
  except: ReadonlySet<string> = new Set(),
): void {
  const invalid = (why: string) =>
    new ServerRefusal('invalid_alias_name_exception', `Invalid alias name [${alias}]: ${why}`)
  if (/[ "*,/<>?\\|]/.test(alias)) {
    throw invalid(`must not contain the following characters [' ','"','*',',','/','<','>','?','\\','|']`)
  }
  if (/^[_\-+]/.test(alias)) throw invalid("must not start with '_', '-', or '+'")
  if ((state.indices.has(alias) && !except.has(alias)) || state.dataStreams.has(alias)) {
    throw invalid('an index or data stream exists with the same name as the alias')
  }
}

type Step = { readonly index: FakeIndex; readonly alias: string; readonly set: JsonObject | undefined }

/** `POST /_aliases`: everything or nothing, except a missing alias whose removal did not have to succeed. */
export function postAliases({ state, body }: Call): WireAnswer {
  const actions = own(body, 'actions')
  if (!Array.isArray(actions) || actions.length === 0) throw illegalArgument('No action specified')
  const removed = new Set<string>()
  const steps: Step[] = []
  const results: Result[] = []
  for (const action of actions as readonly unknown[]) {
    const [kind, value] = Object.entries(isObject(action) ? action : {})[0] ?? ['', {}]
    const found = stepsOf(state, kind, value, steps)
    if (kind === 'remove_index') for (const each of indicesOf(state, value, true)) removed.add(each.name)
    steps.push(...found)
    results.push(resultOf(kind, value, found.length === 0 && kind === 'remove'))
  }
  if (steps.length === 0 && removed.size === 0) throw missing(aliasesOf(own(actions[0], 'remove')))
  commit(state, steps, removed)
  const errors = results.some(({ status }) => status !== 200)
  return ok({ ...acknowledged, errors, ...(errors ? { action_results: results } : {}) })
}

function stepsOf(state: FakeState, kind: string, value: unknown, before: readonly Step[]): readonly Step[] {
  if (kind === 'add') return addition(state, value)
  if (kind === 'remove') return removal(state, value, before)
  if (kind === 'remove_index') return []
  const cause = new ServerRefusal(
    'x_content_parse_exception',
    `[1:14] [alias_action] unknown field [${kind}]`,
  )
  throw new ServerRefusal('x_content_parse_exception', '[1:22] [aliases] failed to parse field [actions]', {
    cause,
  })
}

function addition(state: FakeState, value: unknown): readonly Step[] {
  const alias = aliasesOf(value)
  return indicesOf(state, value).flatMap((index) =>
    alias.map((name) => ({ index, alias: name, set: canonicalAlias(value) })),
  )
}

function removal(state: FakeState, value: unknown, before: readonly Step[]): readonly Step[] {
  const wanted = aliasesOf(value)
  const steps = indicesOf(state, value).flatMap((index) => {
    const there = new Set([
      ...index.aliases.keys(),
      ...before.filter((step) => step.index === index).map((step) => step.alias),
    ])
    const matching = wanted.flatMap((each) =>
      each.includes('*') ? [...there].filter(wildcard(each)) : there.has(each) ? [each] : [],
    )
    return matching.map((alias) => ({ index, alias, set: undefined }))
  })
  if (steps.length === 0 && own(value, 'must_exist') === true) throw missing(wanted)
  return steps
}

interface Result {
  readonly action: object
  readonly status: number
  readonly error?: object
}

function resultOf(type: string, value: unknown, failed: boolean): Result {
  const aliases = aliasesOf(value)
  const action = { type, indices: listOf(value, 'index', 'indices'), aliases }
  return failed ? { action, status: 404, error: missing(aliases).toError() } : { action, status: 200 }
}

function missing(names: readonly string[]): ServerRefusal {
  const list = names.join(',')
  return new ServerRefusal('aliases_not_found_exception', `aliases [${list}] missing`, {
    status: 404,
    extra: { 'resource.type': 'aliases', 'resource.id': list },
  })
}

function indicesOf(state: FakeState, value: unknown, concrete = false): readonly FakeIndex[] {
  const names = listOf(value, 'index', 'indices')
  for (const name of names) {
    if (concrete && !state.indices.has(name) && state.aliased(name).length > 0) throw onlyConcrete(name)
    if (!name.includes('*') && !state.isTaken(name)) throw noSuchIndex(name)
  }
  return state.resolve(names.join(','), { closed: true, hidden: true })
}

export function onlyConcrete(name: string): ServerRefusal {
  return illegalArgument(
    `The provided expression [${name}] matches an alias, specify the corresponding concrete indices instead.`,
  )
}

function aliasesOf(value: unknown): readonly string[] {
  return listOf(value, 'alias', 'aliases')
}

function listOf(value: unknown, one: string, many: string): readonly string[] {
  const found = own(value, one) ?? own(value, many)
  return (Array.isArray(found) ? found : [found]).filter((each) => typeof each === 'string')
}

/** All checks are made on what would be; only then anything changes. */
function commit(state: FakeState, steps: readonly Step[], removed: ReadonlySet<string>): void {
  const next = new Map([...state.indices.values()].map((index) => [index, new Map(index.aliases)]))
  for (const name of removed) {
    const index = state.indices.get(name)
    index?.checkBlocks('remove')
    if (index !== undefined) next.delete(index)
  }
  for (const step of steps) {
    step.index.checkBlocks('metadata')
    if (step.set !== undefined) checkAliasName(state, step.alias, removed)
    take(next.get(step.index) ?? new Map<string, JsonObject>(), step)
  }
  checkTogether(next)
  let changed = removed.size > 0
  for (const name of removed) state.indices.delete(name)
  for (const [index, aliases] of next) changed = replaceAliases(index, aliases) || changed
  if (changed) state.stateVersion += 1
}

function take(aliases: Map<string, JsonObject>, { alias, set }: Step): void {
  if (set === undefined) aliases.delete(alias)
  else aliases.set(alias, { ...aliases.get(alias), ...set })
}

function replaceAliases(index: FakeIndex, aliases: ReadonlyMap<string, JsonObject>): boolean {
  const before = JSON.stringify([...index.aliases])
  index.aliases.clear()
  for (const [name, alias] of aliases) index.aliases.set(name, alias)
  return before !== JSON.stringify([...index.aliases])
}

/** What holds for an alias over all its indices (`AliasValidator`, `Metadata.Builder`): status 500 in 8.19.21. */
export function checkTogether(next: ReadonlyMap<FakeIndex, ReadonlyMap<string, JsonObject>>): void {
  const behind = new Map<string, [string, JsonObject][]>()
  for (const [{ name }, aliases] of next) {
    for (const [alias, value] of aliases) behind.set(alias, [...(behind.get(alias) ?? []), [name, value]])
  }
  for (const [alias, all] of behind) {
    const writers = all.filter(([, value]) => value['is_write_index'] === true).map(([name]) => name)
    if (writers.length > 1)
      throw illegalState(`alias [${alias}] has more than one write index [${writers.sort().join(',')}]`)
    const named = (hidden: boolean) =>
      all.filter(([, value]) => (value['is_hidden'] === true) === hidden).map(([name]) => name)
    if (named(true).length === 0 || named(false).length === 0) continue
    throw illegalState(
      `alias [${alias}] has is_hidden set to true on indices [${named(true).join(',')}] but does not have is_hidden set to true on indices [${named(false).join(',')}]; alias must have the same is_hidden setting on all indices`,
    )
  }
}

function illegalState(reason: string): ServerRefusal {
  return new ServerRefusal('illegal_state_exception', reason, { status: 500 })
}

/** `GET [/<index>]/_alias[/<alias>]`. */
export function getAlias(call: Call): WireAnswer {
  const [names = '', alias] = call.names
  const indices = call.state.resolve(names, { ...resolutionOf(call), closed: true, hidden: true })
  const wanted = alias?.split(',').map((each) => ({ each, matches: wildcard(each) }))
  const shown = indices.flatMap((index) => {
    const aliases = [...index.aliases].filter(
      ([name]) => wanted?.some(({ matches }) => matches(name)) ?? true,
    )
    return wanted !== undefined && aliases.length === 0
      ? []
      : [[index.name, { aliases: objectOf(aliases) }] as const]
  })
  const absent = (wanted ?? [])
    .map(({ each }) => each)
    .filter((each) => !each.includes('*') && !indices.some(({ aliases }) => aliases.has(each)))
  if (absent.length === 0) return ok(objectOf(shown))
  const error = `${absent.length === 1 ? 'alias' : 'aliases'} [${absent.join(',')}] missing`
  return { status: 404, body: { ...objectOf<unknown>(shown), error, status: 404 } }
}
