import { badData } from './fake-refusal.ts'

const second = 1_000
const day = 86_400 * second

/** A duration as Prometheus writes it, in milliseconds: github.com/prometheus/common/model/time.go. */
export function durationMs(text: string): number {
  if (text === '0') return 0
  const units = [365 * day, 7 * day, day, 3_600 * second, 60 * second, second, 1]
  const found = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/.exec(text)
  if (text === '' || found === null) throw badData()
  return units.reduce((sum, unit, index) => sum + unit * Number(found[index + 1] ?? 0), 0)
}

/** Years and weeks only where nothing is left over. */
export function durationText(ms: number): string {
  if (ms === 0) return '0s'
  const units = [
    ['y', 365 * day, true],
    ['w', 7 * day, true],
    ['d', day, false],
    ['h', 3_600 * second, false],
    ['m', 60 * second, false],
    ['s', second, false],
    ['ms', 1, false],
  ] as const
  let left = ms
  let text = ''
  for (const [unit, size, exact] of units) {
    const count = Math.floor(left / size)
    if (count === 0 || (exact && left % size !== 0)) continue
    text += `${count}${unit}`
    left -= count * size
  }
  return text
}

export function canonicalDuration(text: string): string {
  return durationText(durationMs(text))
}
