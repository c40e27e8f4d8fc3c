import type { Bench } from '../bench.ts'
import { flowSpecimen, type FlowSpecimen } from '../flow-specimen.ts'
import { say, sayRatio, saySpread, type Row } from '../row.ts'
import { spreadOf } from '../statistics.ts'
import { changeRow, measure, target, type Course } from './latency.ts'

/** What was seen of processors while a flow was changed. */
class Sight {
  /** By NiFi's log: of the processor that is changed, and of all others. */
  readonly affected: number[] = []
  readonly others: number[] = []
  /** The same by NiFi's status, of that flow alone. */
  readonly seenAffected: number[] = []
  readonly seenOthers: number[] = []
  /** Milliseconds between two looks at the status. */
  readonly gaps: number[] = []
  watched = 0

  async during<T>(specimen: FlowSpecimen, work: () => Promise<T>): Promise<T> {
    const changed = await specimen.changing(target)
    await specimen.log.take()
    const watch = specimen.watch(target).start()
    try {
      return await work()
    } finally {
      await watch.stop()
      for (const { id, ms } of watch.stops) (id === changed ? this.seenAffected : this.seenOthers).push(ms)
      for (const { id, ms } of await specimen.log.take())
        (id === changed ? this.affected : this.others).push(ms)
      this.gaps.push(...watch.gaps)
      this.watched = watch.watched
    }
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
  const worst = Math.max(...ours.affected, ...ours.seenAffected)
  const { median, max } = spreadOf(ours.gaps)
  return {
    what: 'how long the processor that is changed does not run',
    measured: saySpread(ours.affected, 'ms'),
    bare: saySpread(bare.affected, 'ms'),
    ratio: sayRatio(ours.affected, bare.affected),
    target: `≤ ${longestStop / 1_000} s`,
    met: worst <= longestStop,
    how: `By NiFi's log, from "Stopping" to "Scheduled": ${ours.affected.length} stops in ${changes} changes and a few before each run. By its status, asked every ${say(median, 'ms')} (${say(max, 'ms')} at the most): ${saySeen(ours.seenAffected)}, from asking when it ran last until the answer that it runs again. Judged by the longest of both.`,
  }
}

function saySeen(stops: readonly number[]): string {
  return stops.length === 0 ? 'no stop was seen' : `${stops.length} seen, ${saySpread(stops, 'ms')}`
}

function unaffectedRow(ours: Sight, bare: Sight, changes: number): Row {
  const { others, seenOthers, watched, gaps } = ours
  return {
    what: 'stops of all other processors meanwhile',
    measured: others.length === 0 ? '0' : `${others.length}, ${saySpread(others, 'ms')}`,
    bare: String(bare.others.length),
    ratio: '–',
    target: '0',
    met: watched > 1 && others.length + seenOthers.length === 0,
    how: `By NiFi's log, which tells of every stop, of those in nine other flows too; ${gaps.length} looks at the status of the ${watched - 1} others in the flow (the neighbours of the one that is changed, two beside it, two in a group within): ${saySeen(seenOthers)}. ${changes} changes.`,
  }
}
