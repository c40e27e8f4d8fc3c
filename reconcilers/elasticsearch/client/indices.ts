import { ReconcileError } from '../../../src/errors.ts'
import { isObject, own, ownObject } from '../../../src/core/json.ts'
import { observeIndex, shownIndices } from '../observe-index.ts'
import type { Index } from '../resource.ts'
import { accepted } from './failures.ts'
import { listAt } from '../../../src/core/members.ts'
import { inParallel } from '../../../src/client/parallel.ts'
import { isIndexName, pathPart } from './requests.ts'
import type { Wire } from './wire.ts'

/** Names per request, and characters per path: the server takes 4,096 bytes for the whole first line. */
const mostNames = 50
const mostCharacters = 3_500
const readsAtOnce = 4

/** What is missing is left out of the answer, and closed and hidden indices are in it. */
const leniently = {
  flat_settings: true,
  ignore_unavailable: true,
  allow_no_indices: true,
  expand_wildcards: 'all',
} as const

/** Every name that an index could collide with: indices, aliases and data streams, hidden ones too. */
export async function listIndices(wire: Wire, signal: AbortSignal): Promise<readonly string[]> {
  const query = {
    expand_wildcards: 'all',
    filter_path: 'indices.name,aliases.name,data_streams.name',
  }
  const answer = await wire.send({ method: 'GET', path: '/_resolve/index/*', query }, signal)
  const found = accepted(answer, 'listing indices')
  return ['indices', 'aliases', 'data_streams'].flatMap((kind) => namesIn(listAt(found, kind)))
}

function namesIn(list: readonly unknown[]): readonly string[] {
  return list.flatMap((each) => {
    const name = own(each, 'name')
    return typeof name === 'string' ? [name] : []
  })
}

/**
 * What bears these names, with their generations (`orders-0*`): one request per 50 names. What does not exist is not in the result.
 */
export async function observeIndices(
  wire: Wire,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly Index[]> {
  const chunks = chunksOf([...new Set(names.filter(isIndexName))])
  const found = await inParallel(chunks, readsAtOnce, async (chunk) => {
    const shown = shownIndices(await getIndices(wire, chunk, 'reading indices', signal))
    return chunk.flatMap((name) => observeIndex(name, shown) ?? [])
  })
  return found.flat()
}

/** The server's answer for these names and their generations, in one request. An error's words begin with `what`. */
export async function getIndices(
  wire: Wire,
  names: readonly string[],
  what: string,
  signal: AbortSignal,
): Promise<unknown> {
  const path = `/${names.map(target).join(',')}`
  const answer = await wire.send({ method: 'GET', path, query: leniently }, signal)
  return accepted(answer, what)
}

function target(name: string): string {
  return `${pathPart(name)},${pathPart(name)}-0*`
}

/** Exported for its test: no path is longer than the server takes, and every name is in one chunk. */
export function chunksOf(names: readonly string[]): readonly (readonly string[])[] {
  const chunks: string[][] = []
  let characters = 0
  for (const name of names) {
    const last = chunks.at(-1)
    const length = target(name).length + 1
    if (last === undefined || last.length >= mostNames || characters + length > mostCharacters) {
      chunks.push([name])
      characters = length
    } else {
      last.push(name)
      characters += length
    }
  }
  return chunks
}

/** Which index behind a name has this uuid; undefined if none has. */
export async function indexWithId(
  wire: Wire,
  name: string,
  id: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!isIndexName(name)) throw new ReconcileError('RejectedByServer', `${name} is no name of an index`)
  const path = `/${pathPart(name)}/_settings/index.uuid`
  const answer = await wire.send({ method: 'GET', path, query: leniently }, signal)
  const found = accepted(answer, `reading ${name}`)
  const entries = isObject(found) ? Object.entries(found) : []
  return entries.find(([, shown]) => own(ownObject(shown, 'settings'), 'index.uuid') === id)?.[0]
}
