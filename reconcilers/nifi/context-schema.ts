import { z } from 'zod'
import { quote } from '../../src/core/quote.ts'
import { mask } from './definition/secret-checks.ts'
import { nameOf, parameterName } from './names.ts'
import { secretReference } from '../../src/reconcile/secret-reference.ts'
import { strict } from '../../src/reconcile/unknown-keys.ts'
import { mapOf } from '../../src/reconcile/written-map.ts'

const description = z.string({ error: ({ input }) => `description is a text; ${quote(input)} is not` })

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
  secret: secretReference
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

const parameters = mapOf({
  error: (written) => `parameters is a map by name; ${quote(written)} is not`,
  key: parameterName,
  value: parameter,
})

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
