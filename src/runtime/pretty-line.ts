/** One JSON log line as one line for people: time, level, message, then the fields. Anything else passes unchanged. */
export function prettyLine(json: string): string {
  const line = parse(json)
  if (line === undefined) return json
  const { time, level, msg, ...fields } = line
  const clock = typeof time === 'string' ? time.slice(11, 23) : ''
  const facts = Object.entries(fields).map(([name, value]) => `${name}=${shown(value)}`)
  return [clock, text(level).toUpperCase().padEnd(5), text(msg), ...facts].join(' ').trimEnd() + '\n'
}

function parse(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Quoted unless it is one plain word, so that a value can neither break the line nor look like a field. */
function shown(value: unknown): string {
  if (typeof value === 'string' && /^[\w.:/@+-]+$/.test(value)) return value
  return JSON.stringify(value)
}
