/** The first `metadata.version` level of each release (`kafka-storage version-mapping`, 4.3.1). */
const releases: readonly (readonly [number, string])[] = [
  [15, '3.7'],
  [20, '3.8'],
  [21, '3.9'],
  [22, '4.0'],
  [26, '4.1'],
  [28, '4.2'],
  [30, '4.3'],
]

/** A broker does not tell its version; the newest metadata level that it knows tells its release. */
export function releaseOf(level: number | undefined): string {
  if (level === undefined) return 'unknown'
  const found = releases.findLast(([first]) => level >= first)
  if (found === undefined) return 'before 3.7'
  return level > 30 ? 'later than 4.3' : found[1]
}
