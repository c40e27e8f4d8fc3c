import type { JsonObject } from '../../../../src/core/json.ts'
import type { ParameterContext } from '../../resource.ts'
import { type LiveContext, type LiveParameter, listed } from './live-context.ts'
import type { ParameterWish } from './parameter-wishes.ts'

/** What is next to be done with one parameter: as a request says it, or why it cannot be done. */
export type ParameterStep = Doable | Kept

export interface Doable {
  readonly name: string
  readonly parameter: JsonObject
  /** A value from a Secret is in it. */
  readonly secret: boolean
}

/** It is to go, and components refer to it. */
interface Kept {
  readonly kept: string
}

/**
 * The next step of each parameter that is not as wished; none: all are. One can need several: NiFi does not turn a plain one into a
 * sensitive one, and when a sensitive one is removed it writes the value in plain into its flow history, unless that was taken
 * away before. `sent`: sensitive ones that were set a moment ago, for NiFi does not show what they hold.
 */
export function parameterSteps(
  wishes: readonly ParameterWish[],
  live: LiveContext,
  desired: ParameterContext | undefined,
  sent: ReadonlySet<string>,
): readonly ParameterStep[] {
  return wishes.flatMap((wish) => {
    const there = live.parameters.get(wish.name)
    if (there === undefined) return addition(wish, desired) ?? []
    return mustGo(wish, there) ? removal(there) : (correction(wish, there, sent) ?? [])
  })
}

/** As it is sent with a request: new, with the description that is written. */
export function addition(
  { name, value, description }: ParameterWish,
  desired: ParameterContext | undefined,
): Doable | undefined {
  if (value.kind === 'removed' || value.kind === 'untouched') return undefined
  const described = description ?? desired?.parameters.get(name)?.description ?? null
  const secret = value.kind === 'secret'
  const parameter = { name, sensitive: secret, description: described, value: value.text }
  return { name, secret, parameter }
}

function mustGo({ value }: ParameterWish, live: LiveParameter): boolean {
  if (value.kind === 'untouched') return false
  return value.kind === 'removed' || (value.kind === 'secret') !== live.sensitive
}

function removal({ name, sensitive, hasValue, users }: LiveParameter): ParameterStep {
  if (users.length > 0) return { kept: `"${name}" is used by ${listed(users)}` }
  const emptied = { name, sensitive, description: null, value: null, valueRemoved: true }
  // A name alone is NiFi's word for a removal.
  return { name, secret: false, parameter: sensitive && hasValue ? emptied : { name } }
}

function correction(wish: ParameterWish, live: LiveParameter, sent: ReadonlySet<string>): Doable | undefined {
  const { name, value, description = live.description } = wish
  const secret = value.kind === 'secret' && !sent.has(name)
  const plain = value.kind === 'plain' && value.text !== live.text
  const described = description !== live.description
  if (!secret && !plain && !described) return undefined
  const given = secret ? { value: value.text } : textOf(value.kind === 'plain' ? value.text : live.text, live)
  // Null leaves a description as it is.
  const parameter = { name, sensitive: live.sensitive, description: described ? description : null, ...given }
  return { name, secret, parameter }
}

/** Null alone leaves a value as it is: of a sensitive one it is not known here. */
function textOf(text: string | null, { sensitive, hasValue }: LiveParameter): JsonObject {
  return text === null && hasValue && !sensitive ? { value: null, valueRemoved: true } : { value: text }
}
