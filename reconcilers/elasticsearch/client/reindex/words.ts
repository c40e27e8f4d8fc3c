import { figureAt } from '../../../../src/core/members.ts'
import type { Task } from './tasks.ts'

/** `1,000,000` */
export function grouped(count: number): string {
  return Math.round(count).toLocaleString('en')
}

/** `0.42 s`, `1.5 s`, `12 s`, `3 min`, `2 h 10 min` */
export function duration(ms: number): string {
  const seconds = ms / 1_000
  if (seconds < 10) return `${seconds.toFixed(seconds < 1 ? 2 : 1)} s`
  if (seconds < 90) return `${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 90) return `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** What tasks have done of how many; a task that was sliced shows it in its children. */
function doneBy(tasks: readonly Task[]): { readonly done: number; readonly total: number } {
  let [done, total] = [0, 0]
  for (const { status } of tasks) {
    for (const key of ['created', 'updated', 'version_conflicts', 'noops']) done += figureAt(status, key) ?? 0
    total += figureAt(status, 'total') ?? 0
  }
  return { done, total }
}

/** About how long tasks will last, in milliseconds; Infinity where nothing is known yet. */
export function leftMs(tasks: readonly Task[]): number {
  const { done, total } = doneBy(tasks)
  if (done === 0) return Infinity
  const elapsedMs = Math.max(0, ...tasks.map(({ runningMs }) => runningMs))
  return (elapsedMs / done) * Math.max(0, total - done)
}

/** `copying 350,000 of 1,000,000 documents (35 %), about 40 s left` */
export function copying(tasks: readonly Task[]): string {
  const { done, total } = doneBy(tasks)
  if (done === 0) return 'copying begins'
  const share = Math.min(99, Math.floor((100 * done) / Math.max(done, total)))
  return `copying ${grouped(done)} of ${grouped(total)} documents (${share} %), about ${duration(leftMs(tasks))} left`
}
