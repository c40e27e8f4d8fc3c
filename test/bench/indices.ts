import type { Document } from './desired.ts'

/** One index as its document has it, and as a PUT of it takes it. */
export interface IndexSpec {
  readonly shards?: number
  /** `max_result_window`: a dynamic setting that nothing else depends on. */
  readonly window?: number | undefined
  readonly onIncompatible?: 'reindex'
}

const mappings = {
  properties: {
    user: { type: 'keyword' },
    message: { type: 'text' },
    amount: { type: 'long' },
    at: { type: 'date' },
    tags: { type: 'keyword', ignore_above: 256 },
  },
} as const

export function indexBody({ shards = 1, window }: IndexSpec = {}): object {
  const limit = window === undefined ? {} : { max_result_window: window }
  return { settings: { number_of_shards: shards, number_of_replicas: 0, ...limit }, mappings }
}

export function indicesDocument(specs: ReadonlyMap<string, IndexSpec>): Document {
  const entries = [...specs].map(([name, spec]) => {
    const option = spec.onIncompatible === undefined ? {} : { 'on-incompatible': spec.onIncompatible }
    return [name, { ...indexBody(spec), ...option }] as const
  })
  return { component: 'elasticsearch', type: 'indices', text: JSON.stringify(Object.fromEntries(entries)) }
}
