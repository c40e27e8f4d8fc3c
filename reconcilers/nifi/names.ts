import { z } from 'zod'
import { quote } from '../../src/core/quote.ts'
import { oneLine } from '../../src/reconcile/written-text.ts'

const most = 255

/** A name that people gave a thing on NiFi's canvas. NiFi itself takes nearly anything. */
export function nameOf(what: string) {
  return oneLine(what, most)
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
