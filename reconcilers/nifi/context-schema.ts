import { z } from 'zod'
import { isObject, objectOf } from '../../src/core/json.ts'
import { quote } from '../../src/core/quote.ts'
import { mask } from './definition/secret-checks.ts'
import { nameOf, parameterName } from './names.ts'
import { strict } from '../../src/reconcile/unknown-keys.ts'

const description = z.string({ error: ({ input }) => `description is a text; ${quote(input)} is not` })

type Said = (issue: { readonly input?: unknown }) => string

const nameError: Said = ({ input }) => `a Secret’s name is in lower case; ${quote(input)} is none`
const keyError: Said = ({ input }) =>
  `a key of a Secret consists of a-z, A-Z, 0-9, "-", "_" and "."; ${quote(input)} does not`

const secretName = z
  .string({ error: nameError })
  .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, { error: nameError })
const secretKey = z.string({ error: keyError }).regex(/^[A-Za-z0-9._-]{1,253}$/, { error: keyError })
const secretShape = {
  name: secretName.describe('The Secret’s name, in the namespace of this document.'),
  key: secretKey.describe('Its key.'),
}

const parameterShape = {
  value: z
    .string({
      error: ({ input }) =>
        `a parameter’s value is a text, written in quotes, or null for none; ${quote(input)} is not`,
    })
    .refine((value) => value !== mask, {
      error: `${quote(mask)} is what NiFi shows in the place of a sensitive value; write {"secret": {"name": …, "key": …}}`,
    })
    .nullable()
    .optional()
    .describe('The value, a text; null: no value is set. What nobody may read belongs into a Secret.'),
  secret: z
    .strictObject(secretShape, { error: strict('secret', secretShape) })
    .optional()
    .describe(
      'Makes the parameter sensitive: its value is kept in a Secret that opted in by infometis.io/usable-by.',
    ),
  description: description.optional().describe('For people.'),
}

const elsewhere: Readonly<Record<string, string>> = {
  sensitive: 'secret',
  secretKeyRef: 'secret',
  valueFrom: 'secret',
}

const parameter = z
  .strictObject(parameterShape, { error: strict('a parameter', parameterShape, elsewhere) })
  .refine(({ value, secret }) => (value === undefined) !== (secret === undefined), {
    error: 'a parameter has either "value" (a text, or null for none) or "secret"',
  })

/** A map by hand, for a record would lose a parameter named `__proto__`. */
const parameters = z
  .unknown()
  .transform((written, context): Readonly<Record<string, z.output<typeof parameter>>> => {
    const found = new Map<string, z.output<typeof parameter>>()
    if (!isObject(written)) {
      context.addIssue({ code: 'custom', message: `parameters is a map by name; ${quote(written)} is not` })
      return z.NEVER
    }
    for (const [name, value] of Object.entries(written)) {
      const [named, read] = [parameterName.safeParse(name), parameter.safeParse(value)]
      for (const { path, message } of [...(named.error?.issues ?? []), ...(read.error?.issues ?? [])])
        context.addIssue({ code: 'custom', path: [name, ...path], message })
      if (read.success) found.set(name, read.data)
    }
    return objectOf(found)
  })
  .meta({ type: 'object' })

const contextShape = {
  description: description.optional().describe('For people.'),
  parameters: parameters
    .optional()
    .describe(
      'By name: {"value": "text"}, or {"secret": {"name": "orders-nifi", "key": "password"}} for a sensitive one.',
    ),
  inherits: z
    .array(nameOf('the name of a parameter context'), {
      error: 'inherits is a list of names of parameter contexts',
    })
    .refine((names) => new Set(names).size === names.length, {
      error: 'inherits names a parameter context twice',
    })
    .optional()
    .describe(
      'Parameter contexts whose parameters count here too; of two that have the same one, the first counts.',
    ),
}

/** One entry of `parameter-contexts.yaml`. Parameters that are not written are left alone. */
export const contextSchema = z.strictObject(contextShape, {
  error: strict('a parameter context', contextShape, {
    values: 'parameters',
    inheritedParameterContexts: 'inherits',
  }),
})

export type WrittenContext = z.output<typeof contextSchema>
