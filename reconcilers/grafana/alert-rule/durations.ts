const unitMs = {
  y: 31_536_000_000,
  w: 604_800_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
} as const

/** From the largest unit to the smallest, each at most once (github.com/prometheus/common/model). */
const prometheus = /^(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/

/** Milliseconds of a duration as Prometheus and Grafana write it: `5m`, `1d12h`, `0`; undefined for anything else. */
export function durationMs(text: string): number | undefined {
  if (text === '0') return 0
  if (text === '' || text.length > 40 || !prometheus.test(text)) return undefined
  let total = 0
  for (const [, amount, unit] of text.matchAll(/(\d+)(ms|[ywdhms])/g))
    total += Number(amount) * unitMs[unit as keyof typeof unitMs]
  return total
}

/** The largest unit that a time is a multiple of: `1m`, `90s`. */
export function spelledSeconds(seconds: number): string {
  if (seconds % 3_600 === 0) return `${seconds / 3_600}h`
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`
}
