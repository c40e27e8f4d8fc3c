import { ReconcileError } from '../../../../src/errors.ts'
import { ownObject } from '../../../../src/core/json.ts'
import { figureAt, listAt } from '../../../../src/core/members.ts'
import { readShards } from './shards.ts'
import type { SiteIndex } from './site.ts'
import { ask } from './work.ts'
import type { Work } from './work.ts'

/** Settings of `cluster.routing.allocation`, those set by a person over the defaults. */
export type Allocation = (...path: readonly string[]) => unknown

/** The copy, and as much again for what merging needs in between. */
const factor = 2

/** Throws StorageFull unless the data nodes have room for the copy under their low watermark. */
export async function requireSpace(work: Work, source: SiteIndex, allocation: Allocation): Promise<void> {
  const { bytes } = await readShards(work.wire, source, undefined, work.signal)
  const query = { filter_path: 'nodes.*.roles,nodes.*.fs.total' }
  const shown = await ask(work, { method: 'GET', path: '/_nodes/stats/fs', query }, 'reading the disk space')
  const watermark =
    String(allocation('disk', 'threshold_enabled')) === 'false' ? undefined : lowWatermark(allocation)
  const free = Object.values(ownObject(shown, 'nodes'))
    .filter(holdsData)
    .reduce<number>((sum, node) => sum + room(node, watermark), 0)
  if (free >= factor * bytes) return
  throw new ReconcileError(
    'StorageFull',
    `a copy of ${source.name} (${inWords(bytes)}) needs ${inWords(factor * bytes)} free on the data nodes, and there are ${inWords(free)} under the low watermark`,
  )
}

function holdsData(node: unknown): boolean {
  return listAt(node, 'roles').some((role) => typeof role === 'string' && role.startsWith('data'))
}

function lowWatermark(allocation: Allocation): string {
  const low = allocation('disk', 'watermark', 'low') ?? allocation('disk', 'watermark.low')
  return typeof low === 'string' ? low : ''
}

function room(node: unknown, watermark: string | undefined): number {
  const total = figureAt(node, 'fs', 'total', 'total_in_bytes') ?? 0
  const available = figureAt(node, 'fs', 'total', 'available_in_bytes') ?? 0
  return Math.max(0, available - reserve(watermark, total))
}

const units: Readonly<Record<string, number>> = {
  b: 1,
  kb: 2 ** 10,
  mb: 2 ** 20,
  gb: 2 ** 30,
  tb: 2 ** 40,
  pb: 2 ** 50,
}

/** Bytes that a node keeps free: `85%` and `0.85` are the part that may be used, `20gb` what must stay. 0 for another form. */
export function reserve(watermark: string | undefined, total: number): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)\s*(%|[kmgtp]?b)?$/i.exec(watermark ?? '') ?? []
  if (amount === undefined) return 0
  if (unit === '%') return total * (1 - Number(amount) / 100)
  if (unit === '') return Number(amount) <= 1 ? total * (1 - Number(amount)) : 0
  return Number(amount) * (units[unit.toLowerCase()] ?? 0)
}

/** `1.5 GB` */
export function inWords(bytes: number): string {
  const steps = [
    [2 ** 40, 'TB'],
    [2 ** 30, 'GB'],
    [2 ** 20, 'MB'],
    [2 ** 10, 'kB'],
  ] as const
  const [size, unit] = steps.find(([step]) => bytes >= step) ?? [1, 'bytes']
  return `${Math.round((bytes / size) * 10) / 10} ${unit}`
}
