/** Such a run of digits can be an integer that a double does not hold. */
const long = /\d{16}/

/**
 * JSON as it was sent: an integer beyond 2^53 becomes its text, like everywhere in InfoMetis, and `__proto__` is a member like any other.
 * Throws SyntaxError.
 */
export function parseExactly(text: string): unknown {
  return long.test(text) ? (JSON.parse(text, exactInteger) as unknown) : (JSON.parse(text) as unknown)
}

function exactInteger(this: unknown, _key: string, value: unknown, context?: { source?: string }): unknown {
  const isRounded = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)
  const source = context?.source
  return isRounded && source !== undefined && /^-?\d+$/.test(source) ? source : value
}
