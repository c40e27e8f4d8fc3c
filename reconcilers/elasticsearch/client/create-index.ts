import { equal } from '../../../src/core/canonical.ts'
import type { Change, Json } from '../../../src/core/resource.ts'
import type { Outcome } from '../../../src/reconcile/service-client.ts'
import { generationName } from '../generations.ts'
import { objectOf, own } from '../../../src/core/json.ts'
import type { Index, JsonObject } from '../resource.ts'
import type { Allocation } from './allocation.ts'
import { isError, refusalOf } from './failures.ts'
import { observeIndices } from './indices.ts'
import { pathPart, writeTimes } from './requests.ts'
import type { Wire } from './wire.ts'

/**
 * One request, with settings, mappings and aliases. An index that may be reindexed later is a first generation behind its alias from
 * the start. "Already exists" is done where what exists is what was to be made (an answer that got lost), and otherwise somebody else's.
 */
export async function createIndex(
  wire: Wire,
  allocation: Allocation,
  change: Change<Index>,
  signal: AbortSignal,
): Promise<Outcome> {
  const { name, desired } = change
  if (desired === undefined) throw new TypeError('a create without desired')
  const generation = desired.options?.onIncompatible === 'reindex' ? generationName(name, 1) : undefined
  const index = generation ?? name
  const aliases: JsonObject =
    generation === undefined ? desired.body.aliases : withWriteAlias(name, desired.body.aliases)
  const body = { settings: desired.body.settings, mappings: desired.body.mappings, aliases }
  const query = { ...writeTimes, wait_for_active_shards: 1 }
  const answer = await wire.send({ method: 'PUT', path: `/${pathPart(index)}`, query, body }, signal)
  if (isError(answer, 'resource_already_exists_exception')) return existing(wire, change, index, signal)
  const refusal = refusalOf(answer)
  if (refusal !== undefined) return { state: 'failed', ...refusal }
  if (own(answer.body, 'shards_acknowledged') !== true) allocation.await(index)
  return { state: 'done' }
}

function withWriteAlias(name: string, aliases: IndexAliases): JsonObject {
  const written = Object.hasOwn(aliases, name) ? aliases[name] : undefined
  const alias = objectOf<Json>([...Object.entries(written ?? {}), ['is_write_index', true]])
  return objectOf<Json>([...Object.entries(aliases), [name, alias]])
}

type IndexAliases = Index['body']['aliases']

async function existing(
  wire: Wire,
  change: Change<Index>,
  index: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const [found] = await observeIndices(wire, [change.name], signal)
  if (found === undefined) {
    const words = `${index} exists and does not bear the alias ${change.name}: give it that alias if it is meant, or rename it`
    return { state: 'failed', reason: 'RejectedByServer', message: words }
  }
  const differing = change.fields.filter(({ path, after }) => !equal(found.fields.get(path), after))
  if (differing.length === 0)
    return found.id === undefined ? { state: 'done' } : { state: 'done', id: found.id }
  const message = `${change.name} was made by somebody else meanwhile, differing in ${differing.length} fields; it is looked at again`
  return { state: 'failed', reason: 'ChangesFailed', message }
}
