import type { Bench } from '../bench.ts'
import type { Row } from '../row.ts'
import { bulk } from './bulk.ts'
import { deadWatch } from './dead-watch.ts'
import { drift } from './drift.ts'
import { footprint } from './footprint.ts'
import { latency } from './latency.ts'
import { resync } from './resync.ts'
import { start } from './start.ts'

/** A group measures some rows of the table, with a Kafka of its own. */
export type Group = (bench: Bench) => Promise<readonly Row[]>

/** In the order of the table. */
export const groups: Readonly<Record<string, Group>> = {
  latency,
  bulk,
  resync,
  drift,
  'dead-watch': deadWatch,
  footprint,
  start,
}
