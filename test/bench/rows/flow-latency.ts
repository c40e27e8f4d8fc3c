import type { Bench } from '../bench.ts'
import { flowSpecimen, type FlowSpecimen } from '../flow-specimen.ts'
import { changing } from '../flows.ts'
import { say, sayRatio, saySpread, type Row } from '../row.ts'
import { spreadOf } from '../statistics.ts'
import type { Stop } from '../stop-watch.ts'
import { changeRow, measure, target, type Course } from './latency.ts'

/** What was seen of the flow's processors while it was changed. */
class Sight {
  readonly stops: Stop[] = []
  readonly gaps: number[] = []
  watched = 0

  async during<T>(specimen: FlowSpecimen, work: () => Promise<T>): Promise<T> {
    const watch = specimen.watch(target).start()
    try {
      return await work()
    } finally {
      await watch.stop()
      this.stops.push(...watch.stops)
      this.gaps.push(...watch.gaps)
      this.watched = watch.watched
    }
  }

  of(affected: boolean): readonly number[] {
    const name = `${target} ${changing}`
    return this.stops.filter(({ processor }) => (processor === name) === affected).map(({ ms }) => ms)
  }

  get resolution(): string {
    const { median, max } = spreadOf(this.gaps)
    return `${say(median, 'ms')}, ${say(max, 'ms')} at the most`
  }
}

/** Milliseconds. */
const longestStop = 2_000

/** A property of one processor is changed: until the flow runs with it, and what stands still meanwhile. */
export async function flowLatency(bench: Bench): Promise<readonly Row[]> {
  const specimen = await flowSpecimen(bench)
  const seen = { ours: new Sight(), bare: new Sight() }
  const course: Course = {
    runs: { quick: 1, default: 2, full: 4 },
    changes: { quick: 20, default: 25, full: 50 },
    settles: true,
    around: async (who, work) => seen[who].during(specimen, work),
  }
  const [ours, bare] = await measure(bench, specimen, course)
  const changes = ours.flat().length
  return [
    changeRow(specimen, undefined, ours, bare),
    affectedRow(seen.ours, seen.bare, changes),
    unaffectedRow(seen.ours, seen.bare, changes),
  ]
}

function affectedRow(ours: Sight, bare: Sight, changes: number): Row {
  const [stops, theirs] = [ours.of(true), bare.of(true)]
  return {
    what: 'how long the processor that is changed does not run',
    measured: saySpread(stops, 'ms'),
    bare: saySpread(theirs, 'ms'),
    ratio: sayRatio(stops, theirs),
    target: `≤ ${longestStop / 1_000} s`,
    met: spreadOf(stops).max <= longestStop,
    how: `By NiFi's own status of the flow, asked every ${ours.resolution}, during those ${changes} changes and a few before them: ${stops.length} stops seen (bare: ${theirs.length}), each from asking when it ran last until the answer that it runs again, so at the most; judged by the longest.`,
  }
}

function unaffectedRow(ours: Sight, bare: Sight, changes: number): Row {
  const [stops, theirs] = [ours.of(false), bare.of(false)]
  return {
    what: `stops of the ${ours.watched - 1} other processors of that flow`,
    measured: stops.length === 0 ? '0' : `${stops.length}, ${saySpread(stops, 'ms')}`,
    bare: String(theirs.length),
    ratio: '–',
    target: '0',
    met: ours.watched > 1 && stops.length === 0,
    how: `By the same ${ours.gaps.length} answers: the neighbours of the one that is changed, two beside it, two in a group within. What stops and runs again between two of them is not seen. ${changes} changes.`,
  }
}
