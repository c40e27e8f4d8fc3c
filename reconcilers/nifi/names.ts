import { z } from 'zod'
import { quote } from '../../src/core/quote.ts'

const most = 255

/** What cannot be seen: line breaks would end the mark in a description, the others mislead who reads the name. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** A name that people gave a thing on NiFi's canvas. NiFi itself takes nearly anything. */
export function nameOf(what: string) {
  return z
    .string({ error: ({ input }) => `${what} is a text; ${quote(input)} is not` })
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

/** One entry's key in `flows`. */
export const flowName = nameOf('a flow’s name').describe(
  `The flow’s name, and its group’s name on the canvas unless "name" says another: at most ${most} characters on one line.`,
)

/** One entry's key in `parameter-contexts`. */
export const contextName = nameOf('a parameter context’s name').describe(
  `The parameter context’s name in NiFi: at most ${most} characters on one line.`,
)

/** NiFi: `ParameterContextResource`, "Parameter names may only include letters, numbers, spaces, and the special characters .-_". */
export const parameterName = z
  .string()
  .min(1, 'a parameter’s name must not be empty')
  .regex(/^[A-Za-z0-9 ._-]*$/, {
    error: ({ input }) =>
      `a parameter’s name consists of a-z, A-Z, 0-9, space, ".", "_" and "-"; ${quote(input)} does not`,
  })
