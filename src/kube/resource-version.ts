/**
 * Order of two resource versions: negative, 0, positive. They are decimal numbers without bound (KEP-5504), compared here
 * without making numbers of them. Undefined when one is not such a number: then nothing is known about their order.
 */
export function compareVersions(a: string, b: string): number | undefined {
  if (!isDecimal(a) || !isDecimal(b)) return undefined
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : a > b ? 1 : 0
}

/** True only when it is certain. */
export function isOlder(a: string, b: string): boolean {
  const order = compareVersions(a, b)
  return order !== undefined && order < 0
}

function isDecimal(version: string): boolean {
  return /^[1-9]\d*$/.test(version)
}
