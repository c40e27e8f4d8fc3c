/** A value as it may be quoted in a message: short, and on one line. */
export function quote(value: unknown, most = 40): string {
  if (typeof value === 'bigint' || typeof value === 'number') return value.toString()
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) return String(value)
  return text.length > most ? `${text.slice(0, most)}…` : text
}
