import type { Change } from '../../../src/core/resource.ts'
import type { Outcome } from '../../../src/reconcile/service-client.ts'
import { observeDefinition } from '../normalize.ts'
import type { Definition } from '../resource.ts'
import { definitionApis } from './definition-apis.ts'
import { accepted, isUnsupported, refusalOf } from './failures.ts'
import { definitionTimes, isExactName, pathPart } from './requests.ts'
import type { Wire } from './wire.ts'

type DefinitionType = Definition['type']

/** Every name there is; none where the server has no such thing. */
export async function listDefinitions(
  wire: Wire,
  type: DefinitionType,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { path, namesOnly, read } = definitionApis[type]
  const answer = await wire.send({ method: 'GET', path, query: namesOnly }, signal)
  if (answer.status === 404 || isUnsupported(answer)) return []
  return [...read(accepted(answer, `listing ${type}`))].map(([name]) => name)
}

/**
 * One request, whatever the number of names: for all that begin as these do. By exact names some of these APIs take one only, and
 * answer for the whole list that one of it is missing.
 */
export async function observeDefinitions(
  wire: Wire,
  type: DefinitionType,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly Definition[]> {
  const wanted = new Set(names.filter(isExactName))
  if (wanted.size === 0) return []
  const { path, read } = definitionApis[type]
  const pattern = `${pathPart(commonPrefix([...wanted]))}*`
  const answer = await wire.send({ method: 'GET', path: `${path}/${pattern}` }, signal)
  if (answer.status === 404 || isUnsupported(answer)) return []
  return [...read(accepted(answer, `reading ${type}`))]
    .filter(([name]) => wanted.has(name))
    .map(([name, body]) => observeDefinition(type, name, body))
}

/** Written whole; "already gone" is done. */
export async function applyDefinition(
  wire: Wire,
  change: Change<Definition>,
  signal: AbortSignal,
): Promise<Outcome> {
  const { action, type, name, desired } = change
  if (!isExactName(name))
    return { state: 'failed', reason: 'RejectedByServer', message: `${name} is no name` }
  const path = `${definitionApis[type as DefinitionType].path}/${pathPart(name)}`
  const answer = await wire.send(
    action === 'delete'
      ? { method: 'DELETE', path, query: definitionTimes }
      : { method: 'PUT', path, query: definitionTimes, body: desired?.body ?? {} },
    signal,
  )
  if (action === 'delete' && answer.status === 404) return { state: 'done' }
  const refusal = refusalOf(answer)
  return refusal === undefined ? { state: 'done' } : { state: 'failed', ...refusal }
}

/** The longest beginning that all of them share. */
export function commonPrefix(names: readonly string[]): string {
  const sorted = [...names].sort()
  const [first = '', last = ''] = [sorted[0], sorted.at(-1)]
  let length = 0
  while (length < first.length && first[length] === last[length]) length += 1
  // Half of a character outside the basic plane is none.
  return first.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')
}
