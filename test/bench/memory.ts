import { setTimeout as sleep } from 'node:timers/promises'
import { startBareNode } from './bare-node.ts'
import type { Bench } from './bench.ts'
import type { Component } from './component.ts'
import { memoryOf } from './process-figures.ts'
import { say, sayRatio, saySpread, type Row } from './row.ts'
import { spreadOf } from './statistics.ts'

export const megabyte = 1_000_000

/** Of Node with an HTTP server that answers "ok". */
export async function bareMemory(bench: Bench): Promise<readonly number[]> {
  const found: number[] = []
  for (let run = 0; run < bench.pick({ quick: 2, default: 3, full: 5 }); run += 1) {
    const { child } = await startBareNode(bench)
    await rest(bench, 3)
    found.push((await memoryOf(child.identity.pid)).resident)
    await child.stop(1_000)
  }
  return found
}

/** Of reconcilers without any ConfigMap, after a while. */
export async function idleMemory(bench: Bench, component: Component): Promise<readonly number[]> {
  const found: number[] = []
  for (let run = 0; run < bench.pick({ quick: 2, default: 3, full: 5 }); run += 1) {
    const reconciler = await bench.reconciler({ namespace: await bench.namespace(component), component })
    await rest(bench, bench.pick({ quick: 10, default: 30, full: 60 }))
    found.push((await memoryOf(reconciler.pid)).resident)
    await reconciler.stop()
  }
  return found
}

export function idleRow(what: string, idle: readonly number[], bare: readonly number[]): Row {
  return {
    what,
    measured: saySpread(idle, 'MB'),
    bare: saySpread(bare, 'MB'),
    ratio: sayRatio(idle, bare),
    target: '≤ 100 MB',
    met: spreadOf(idle).median <= 100 * megabyte,
    how: `VmRSS of /proc (1 MB = 10⁶ bytes) of ${idle.length} processes without any ConfigMap, after a while. Bare: Node with an HTTP server that answers "ok".`,
  }
}

export interface Loaded {
  readonly resident: number
  readonly peak: number
}

/** Of a process with much to keep. */
export function loadedRow(
  what: string,
  { resident, peak }: Loaded,
  bare: readonly number[],
  how: string,
): Row {
  return {
    what,
    measured: `${say(resident, 'MB')}, peak ${say(peak, 'MB')}`,
    bare: saySpread(bare, 'MB'),
    ratio: sayRatio([resident], bare),
    target: '≤ 130 MB',
    met: resident <= 130 * megabyte,
    how,
  }
}

export async function rest(bench: Bench, seconds: number): Promise<void> {
  await sleep(seconds * 1_000, undefined, { signal: bench.signal })
}
