/** Settings that are times (`Setting.timeSetting`), without `index.`. Any other text that looks like one is left alone: a rack may be called 1d. */
const times =
  /^index\.(refresh_interval|gc_deletes|search\.idle\.after|translog\.(sync_interval|retention\.age|flush_threshold_age)|unassigned\.node_left\.delayed_timeout|soft_deletes\.retention_lease\.period|store\.stats_refresh_interval|lifecycle\.step\.wait_time_threshold|look_ahead_time|look_back_time|(search|indexing)\.slowlog\.threshold\..+)$/
/** Settings that are sizes (`Setting.byteSizeSetting`). */
const sizes =
  /^index\.(flush_after_merge|translog\.(flush_threshold_size|generation_threshold_size|retention\.size)|merge\.policy\.(floor_segment|max_merged_segment))$/

/** Largest first. In nanoseconds. */
const timeUnits = [
  ['d', 86_400_000_000_000n],
  ['h', 3_600_000_000_000n],
  ['m', 60_000_000_000n],
  ['s', 1_000_000_000n],
  ['ms', 1_000_000n],
  ['micros', 1_000n],
  ['nanos', 1n],
] as const
const sizeUnits = [
  ['pb', 1n << 50n],
  ['tb', 1n << 40n],
  ['gb', 1n << 30n],
  ['mb', 1n << 20n],
  ['kb', 1n << 10n],
  ['b', 1n],
] as const

type Units = readonly (readonly [string, bigint])[]

/** `60s`, `1m` and `60000ms` become one text where the setting is a time; `1024kb` and `1mb` where it is a size. */
export function canonicalUnits(key: string, text: string): string {
  if (times.test(key)) return canonicalTime(text)
  return sizes.test(key) ? canonicalSize(text) : text
}

/** As `TimeValue.parseTimeValue` reads it; what it does not take stays as it is. `-1` (off) and `0` need no unit. */
export function canonicalTime(text: string): string {
  const [, amount, unit] = /^(\d{1,18}) *(nanos|micros|ms|s|m|h|d)$/.exec(normal(text)) ?? []
  return amount === undefined || unit === undefined ? bare(text) : spell(amount, unit, timeUnits)
}

/** As `ByteSizeValue.parseBytesSizeValue` reads it: `k` and `kb` are 1,024 bytes. */
export function canonicalSize(text: string): string {
  const [, amount, unit] = /^(\d{1,18}) *(b|[kmgtp]b?)$/.exec(text.trim().toLowerCase()) ?? []
  if (amount === undefined || unit === undefined) return bare(text)
  return spell(amount, unit.endsWith('b') ? unit : `${unit}b`, sizeUnits)
}

/** Units are read in any case, but `M` is no minute. */
function normal(text: string): string {
  const trimmed = text.trim()
  return trimmed.endsWith('M') ? trimmed : trimmed.toLowerCase()
}

function bare(text: string): string {
  return /^\s*0+\s*$/.test(text) ? '0' : text
}

function spell(amount: string, unit: string, units: Units): string {
  const total = BigInt(amount) * (units.find(([name]) => name === unit)?.[1] ?? 1n)
  if (total === 0n) return '0'
  const [name, factor] = units.find(([, each]) => total % each === 0n) ?? ['', 1n]
  return `${total / factor}${name}`
}
