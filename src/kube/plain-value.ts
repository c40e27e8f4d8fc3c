/** Deeper than any real document, and shallow enough for every recursion in this program. */
const maxDepth = 64

/** A value that no document may hold, and where it stands. */
export class NotPlain extends Error {
  readonly path: readonly string[]

  constructor(path: readonly string[], message: string) {
    super(message)
    this.path = path
  }
}

/**
 * What a parser made → what the rest of the code sees: objects without a prototype (so that `__proto__` is a key like any
 * other), arrays, strings, booleans, null, finite numbers; an integer beyond 2^53 stays a bigint. Throws NotPlain.
 */
export function toPlain(value: unknown): unknown {
  return convert(value, [])
}

/** `path` is one array for the whole walk: a document of 20,000 entries is not to make one for each value. */
function convert(value: unknown, path: string[]): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return toNumber(value, path)
  if (typeof value === 'bigint') return toInteger(value)
  if (path.length > maxDepth) {
    throw new NotPlain(path.slice(0, 3), `is nested more than ${maxDepth} levels deep`)
  }
  if (Array.isArray(value)) return value.map((each, index) => convertAt(each, String(index), path))
  const members = value instanceof Map ? value : isPlainObject(value) ? Object.entries(value) : undefined
  if (members === undefined) throw new NotPlain([...path], 'has a value that JSON does not know')
  const object = Object.create(null) as Record<string, unknown>
  for (const [key, member] of members as Iterable<[unknown, unknown]>) {
    object[String(key)] = convertAt(member, String(key), path)
  }
  return object
}

function convertAt(value: unknown, key: string, path: string[]): unknown {
  path.push(key)
  const converted = convert(value, path)
  path.pop()
  return converted
}

function toInteger(value: bigint): bigint | number {
  const safe = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
  return safe ? Number(value) : value
}

function toNumber(value: number, path: readonly string[]): number {
  if (!Number.isFinite(value)) throw new NotPlain([...path], 'is not a finite number')
  return Object.is(value, -0) ? 0 : value
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
