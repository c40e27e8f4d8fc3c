import type { ProcessorType } from './fake-extension.ts'
import { isFull } from './fake-figures.ts'
import { typeOf, valuesOf } from './fake-properties.ts'
import { type Component, type Connection, type FakeState, wordOf } from './fake-state.ts'
import { relationshipsOf } from './fake-validation.ts'

const bytesEach = 10

/** What FlowFiles do in one round. */
export interface Round {
  /** How many each running source makes. */
  readonly make?: number
  /** How many each running component takes on at most from each of its queues. Default: all. */
  readonly move?: number
}

/**
 * One round: sources make FlowFiles, and whatever runs takes on what waited before the round, by one hop. Nothing is lost here: what
 * ends is counted (`state.ended`), and what is copied for a second connection is counted as made.
 */
export function flow(state: FakeState, { make = 0, move = Infinity }: Round): void {
  const waiting = new Map([...state.connections].map(([id, { flowFiles }]) => [id, flowFiles]))
  for (const part of state.components.values()) {
    if (!moves(part) || state.outOf(part.id).some(isFull)) continue
    if (isSource(state, part)) {
      count(state.made, part.id, make)
      give(state, part, make)
    }
    for (const connection of state.into(part.id)) {
      const taken = Math.min(waiting.get(connection.id) ?? 0, connection.flowFiles, move)
      connection.flowFiles -= taken
      connection.bytes = connection.flowFiles * bytesEach
      countIn(state, part, taken)
      give(state, part, taken)
    }
  }
}

/** What a source makes when it runs once: a batch of them. */
export function runOnce(state: FakeState, part: Component): void {
  if (!isSource(state, part)) return
  const batch = Number(valuesOf(part).get('Batch Size') ?? 1)
  count(state.made, part.id, batch)
  give(state, part, batch)
}

function moves(part: Component): boolean {
  return part.kind === 'funnel' || part.state === 'RUNNING'
}

function isSource(state: FakeState, part: Component): boolean {
  const input = (typeOf(part) as ProcessorType | undefined)?.input
  return input === 'INPUT_FORBIDDEN' || (input === 'INPUT_ALLOWED' && state.into(part.id).length === 0)
}

/** Where what a component has done goes: the first of these that it has. */
const usual = ['success', 'Original', 'original', 'unmatched', '']

function give(state: FakeState, part: Component, amount: number): void {
  if (amount === 0) return
  const relationships = part.kind === 'processor' ? relationshipsOf(part) : ['']
  const relationship = usual.find((name) => relationships.includes(name)) ?? relationships[0] ?? ''
  const targets = state.outOf(part.id).filter((connection) => carries(connection, relationship))
  if (targets.length === 0) count(state.ended, part.id, amount)
  else count(state.made, `copies of ${part.id}`, amount * (targets.length - 1))
  for (const connection of targets) {
    connection.flowFiles += amount
    connection.bytes = connection.flowFiles * bytesEach
  }
}

/** An UpdateCounter counts twice: for itself, and for all of its kind. */
function countIn(state: FakeState, part: Component, amount: number): void {
  const name = valuesOf(part).get('counter-name') ?? null
  if (name === null || amount === 0) return
  for (const context of [`${wordOf(part, 'name')} (${part.id})`, "All UpdateCounter's"])
    count(state.counters, JSON.stringify([context, name]), amount)
}

function carries({ members, source }: Connection, relationship: string): boolean {
  const selected = members['selectedRelationships']
  return source.type !== 'PROCESSOR' || (Array.isArray(selected) && selected.includes(relationship))
}

function count(counts: Map<string, number>, id: string, amount: number): void {
  counts.set(id, (counts.get(id) ?? 0) + amount)
}
