import { spreadOf } from './statistics.ts'

/** One line of the table, as text. */
export interface Row {
  readonly what: string
  readonly measured: string
  readonly bare: string
  readonly ratio: string
  readonly target: string
  /** Undefined where there is no target. */
  readonly met: boolean | undefined
  /** How it was measured, for the notes below the table. */
  readonly how: string
}

export type Unit = 'ms' | 's' | 'MB' | '%' | 'kB'

/** `1.42 s (1.38–1.61)`: the median, then the smallest and the largest. Values in milliseconds, bytes or per cent. */
export function saySpread(values: readonly number[], unit: Unit): string {
  const { median, min, max, count } = spreadOf(values)
  if (count === 1) return say(median, unit)
  return `${say(median, unit)} (${digits(min, unit)}–${digits(max, unit)})`
}

/** How often it was measured, where that was `inTurn`. */
export function sayRuns({ length }: readonly unknown[]): string {
  return length === 1 ? 'One run' : `${length} runs, ours and bare first in turn`
}

export function say(value: number, unit: Unit): string {
  return `${digits(value, unit)} ${unit}`
}

export function sayRatio(ours: readonly number[], bare: readonly number[]): string {
  return ratioOf(ours, bare).toFixed(2)
}

/** Of the medians. */
export function ratioOf(ours: readonly number[], bare: readonly number[]): number {
  return spreadOf(ours).median / spreadOf(bare).median
}

const scale = { ms: 1, s: 1_000, kB: 1_000, MB: 1_000_000, '%': 1 } as const

function digits(value: number, unit: Unit): string {
  const scaled = value / scale[unit]
  if (unit === '%' || unit === 's') return scaled.toFixed(2)
  return scaled.toFixed(scaled < 10 ? 1 : 0)
}
