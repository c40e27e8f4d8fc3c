import { connection, definition, group, processor, type Part } from '../support/nifi-definitions.ts'
import type { Document } from './desired.ts'

/** The processor whose property the rows change: it multiplies what NiFi's counter counts. */
export const changing = 'Count'
const property = 'delta'

/** What NiFi exports of a processor besides, and does not fill in. It looks for work once a second: fifty flows are to be at rest. */
const exported = {
  comments: '',
  style: {},
  bulletinLevel: 'WARN',
  executionNode: 'ALL',
  penaltyDuration: '30 sec',
  yieldDuration: '1 sec',
  runDurationMillis: 0,
  concurrentlySchedulableTaskCount: 1,
  retryCount: 10,
  retriedRelationships: [],
  backoffMechanism: 'PENALIZE_FLOWFILE',
  maxBackoffPeriod: '10 mins',
  schedulingPeriod: '1 sec',
}

/**
 * A flow as NiFi exports one, with `changing` between two neighbours, two processors beside it and two in a group of their own.
 * Identifiers are made of the name. An UpdateCounter adds 1 unless it is told otherwise.
 */
export function flowDefinition(name: string, value = 1): Readonly<Record<string, unknown>> {
  const named = (title: string): string => `${name} ${title}`
  const make = (title: string): Part =>
    processor(named(title), 'GenerateFlowFile', { 'File Size': '10 B' }, exported)
  const count = (title: string, delta: number, ends: boolean): Part => {
    const more = { ...exported, autoTerminatedRelationships: ends ? ['success'] : [] }
    const counting = { 'counter-name': named(title), [property]: String(delta) }
    return processor(named(title), 'UpdateCounter', counting, more)
  }
  const line = (first: string, last: string): readonly Part[] => {
    const [from, to] = [make(first), count(last, 1, true)]
    return [from, to, connection(from, to)]
  }
  const [from, middle, to] = [make('Make'), count(changing, value, false), count('End', 1, true)]
  const parts = [
    ...[from, middle, to, connection(from, middle), connection(middle, to)],
    ...line('Make beside', 'End beside'),
    group(named('group'), line('Make within', 'End within')),
  ]
  return { ...definition([]), flowContents: group(name, parts) }
}

export function flowsDocument(values: ReadonlyMap<string, number | undefined>): Document {
  const entries = [...values].map(
    ([name, value]) => [name, { definition: flowDefinition(name, value) }] as const,
  )
  return { component: 'nifi', type: 'flows', text: JSON.stringify(Object.fromEntries(entries)) }
}

interface Processor {
  readonly name: string
  readonly properties: Readonly<Record<string, string>>
}

/** A flow as NiFi has it, so far as it is read here. */
export interface Download {
  readonly flowContents: { readonly processors: readonly Processor[] }
}

/** The same flow with another value, as a replace-request takes it. */
export function withValue(flow: Download, name: string, value: number): Download {
  const processors = flow.flowContents.processors.map((each) =>
    each.name === `${name} ${changing}`
      ? { ...each, properties: { ...each.properties, [property]: String(value) } }
      : each,
  )
  return { ...flow, flowContents: { ...flow.flowContents, processors } }
}

export function valueIn(properties: Readonly<Record<string, string>>): number {
  return Number(properties[property])
}
