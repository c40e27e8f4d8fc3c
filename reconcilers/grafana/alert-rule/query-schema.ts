import { z } from 'zod'
import { isObject, toJsonObject, type JsonObject } from '../../../src/core/json.ts'
import { quote } from '../../../src/core/quote.ts'
import { strict } from '../../../src/reconcile/unknown-keys.ts'
import { notText, oneLine } from '../../../src/reconcile/written-text.ts'

/** What calculates with other queries instead of asking a datasource; the second is what old rules have (pkg/expr). */
const expressions = new Set(['__expr__', '-100'])

/** Whether a query asks no datasource. */
export function isExpression(datasourceUid: unknown): boolean {
  return typeof datasourceUid === 'string' && expressions.has(datasourceUid)
}

function seconds(what: string) {
  const error = ({ input }: { readonly input?: unknown }) =>
    `${what} is a number of seconds back from now, such as 600; ${quote(input)} is not`
  return z.int({ error }).nonnegative({ error })
}

const rangeShape = {
  from: seconds('from').describe('Seconds back from now.'),
  to: seconds('to').optional().describe('Seconds back from now. Default: 0, which is now.'),
}

const model = z
  .unknown()
  .transform((written, context): JsonObject => {
    if (isObject(written)) return toJsonObject(written)
    const not = written === undefined ? 'it is missing' : `${quote(written)} is not`
    const message = `model is the query in the datasource’s own words, a map; ${not}`
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })
  .meta({ type: 'object' })

const queryShape = {
  refId: oneLine('refId', 190).describe('What the condition and other queries call it: A, B …'),
  queryType: z
    .string({ error: ({ input }) => notText('queryType', input) })
    .optional()
    .describe('What kind of query it is, where the datasource knows several.'),
  relativeTimeRange: z
    .strictObject(rangeShape, { error: strict('relativeTimeRange', rangeShape) })
    .optional()
    .describe('The time that it looks at; of a query to a datasource, "from" is larger than "to".'),
  datasourceUid: z
    .string({ error: ({ input }) => notText('datasourceUid', input) })
    .min(1, 'datasourceUid must not be empty')
    .describe('The uid of the datasource, or __expr__ for an expression.'),
  model: model.describe('The query itself.'),
}

const elsewhere: Readonly<Record<string, string>> = {
  ref_id: 'refId',
  refID: 'refId',
  query_type: 'queryType',
  relative_time_range: 'relativeTimeRange',
  datasource_uid: 'datasourceUid',
  datasourceUID: 'datasourceUid',
  datasource: 'datasourceUid',
  expr: 'model',
  expression: 'model',
}

/** One of a rule's `data`. */
export const querySchema = z
  .strictObject(queryShape, { error: strict('a query', queryShape, elsewhere) })
  .superRefine(({ datasourceUid, relativeTimeRange: { from, to } = { from: 0 } }, context) => {
    if (isExpression(datasourceUid) || from > (to ?? 0)) return
    const message = `from is larger than to: both are seconds back from now, such as {"from": 600, "to": 0}`
    context.addIssue({ code: 'custom', path: ['relativeTimeRange'], message })
  })

export type WrittenQuery = z.output<typeof querySchema>
