import type { Change } from '../../src/core/resource.ts'
import type { Topic } from './normalize.ts'

/** A creation in Kafka's terms. What is absent is left to the broker. */
export interface CreateOptions {
  readonly partitions?: number
  readonly replicationFactor?: number
  readonly config: Readonly<Record<string, string>>
}

export function createOptions(change: Change<Topic>): CreateOptions {
  const replicationFactor = after(change, 'replication-factor')
  const partitions = after(change, 'partitions')
  const config = [...configChanges(change)].filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  return {
    ...(typeof partitions === 'number' && { partitions }),
    ...(typeof replicationFactor === 'number' && { replicationFactor }),
    config: Object.fromEntries(config),
  }
}

/** How many partitions the topic is to have; undefined when the change does not say. */
export function partitionsOf(change: Change<Topic>): number | undefined {
  const count = after(change, 'partitions')
  return typeof count === 'number' ? count : undefined
}

/** Config key → value to set, or undefined to remove it from the topic. */
export function configChanges({ fields }: Change<Topic>): ReadonlyMap<string, string | undefined> {
  return new Map(
    fields
      .filter(({ path }) => path.startsWith('config.'))
      .map((field) => [
        field.path.slice('config.'.length),
        typeof field.after === 'string' ? field.after : undefined,
      ]),
  )
}

/** Records that KRaft's controller writes for this change; one request may cause 10,000 (`QuorumController.MAX_RECORDS_PER_USER_OP`). */
export function weightOf(change: Change<Topic>): number {
  const observed = change.observed?.fields.get('partitions')
  const added = (partitionsOf(change) ?? 1) - (typeof observed === 'number' ? observed : 0)
  return 1 + Math.max(0, added) + configChanges(change).size
}

function after({ fields }: Change<Topic>, path: string): unknown {
  return fields.find((field) => field.path === path)?.after
}
