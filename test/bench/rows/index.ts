import type { Bench } from '../bench.ts'
import type { Row } from '../row.ts'
import { bulk } from './bulk.ts'
import { deadWatch } from './dead-watch.ts'
import { dashboardDrift, drift, flowDrift, indexDrift } from './drift.ts'
import { dashboardFootprint, flowFootprint } from './service-footprint.ts'
import { flowLatency } from './flow-latency.ts'
import { footprint } from './footprint.ts'
import { indexCreate } from './index-create.ts'
import { indexLatency, latency } from './latency.ts'
import { reindex } from './reindex.ts'
import { dashboardResync, flowResync, indexResync, resync } from './resync.ts'
import { start } from './start.ts'

/** A group measures some rows of the table, with a service of its own. */
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
  'index-latency': indexLatency,
  'index-create': indexCreate,
  'index-resync': indexResync,
  'index-drift': indexDrift,
  reindex,
  'flow-latency': flowLatency,
  'flow-resync': flowResync,
  'flow-drift': flowDrift,
  'flow-footprint': flowFootprint,
  'dashboard-resync': dashboardResync,
  'dashboard-drift': dashboardDrift,
  'dashboard-footprint': dashboardFootprint,
}
