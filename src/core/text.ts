import type { Json } from './resource.ts'

/** The longest value shown; JSON output carries the whole. */
const longest = 120

/** How many names stand in one line. */
const mostListed = 10

/**
 * Names and values come from people and servers: what is not printable is escaped, so that no text moves the cursor. A name
 * that is more than one plain word is quoted.
 */
export function printable(text: string): string {
  return /^[\x21-\x7e]+$/.test(text) ? text : quoted(text)
}

function quoted(text: string): string {
  return JSON.stringify(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  })
}

/** A canonical value for people: a plain text bare, everything else as JSON, cut at 120 characters. */
export function showValue(value: Json | undefined): string {
  if (value === undefined) return '(not set)'
  const text = typeof value === 'string' ? printable(value) : quotedJson(value)
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}

function quotedJson(value: Json): string {
  return JSON.stringify(value).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�')
}

/** A server's message on one line: line breaks and control characters become spaces. */
export function unbroken(message: string): string {
  return message.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim()
}

/** A text on one line, of at most `most` characters. */
export function shortened(text: string, most: number): string {
  const line = unbroken(text)
  // A character of two halves is not cut between them.
  return line.length <= most ? line : `${line.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** `a, b, c`; of many the first, and how many more there are. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, mostListed).map(printable).join(', ')
  return names.length > mostListed ? `${shown} and ${names.length - mostListed} more` : shown
}
