import { z } from 'zod'
import { quote } from '../core/quote.ts'

/** What cannot be seen: line breaks would end a line that holds the text, the others mislead who reads it. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** A name that people gave something: at most `most` characters, on one line. */
export function oneLine(what: string, most: number) {
  return z
    .string({ error: ({ input }) => notText(what, input) })
    .refine((name) => name.trim() !== '', { error: `${what} must not be empty` })
    .refine((name) => name === name.trim(), {
      error: ({ input }) => `${what} must not begin or end with white space; ${quote(input)} does`,
    })
    .refine((name) => Array.from(name).length <= most, {
      error: ({ input }) =>
        `${what} has at most ${most} characters, this one has ${Array.from(String(input)).length}`,
    })
    .refine((name) => !unseen.test(name), {
      error: ({ input }) =>
        `${what} must not hold line breaks or other characters that are not seen; ${quote(input)} does`,
    })
}

/** One of some words. */
export function oneOf<const T extends string>(what: string, words: readonly [T, ...T[]]) {
  const quoted = words.map((word) => `"${word}"`)
  return z.enum(words, {
    error: ({ input }) =>
      `${what} is ${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1) ?? ''}; ${quote(input)} is none of these`,
  })
}

/** Why something is no text. */
export function notText(what: string, input: unknown): string {
  return input === undefined ? `${what} is missing` : `${what} is a text; ${quote(input)} is not`
}
