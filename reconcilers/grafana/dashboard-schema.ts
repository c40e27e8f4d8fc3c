import { z } from 'zod'
import { isJsonObject } from '../../src/core/json.ts'
import type { JsonObject } from '../../src/core/json.ts'
import type { Json } from '../../src/core/resource.ts'
import { quote } from '../../src/core/quote.ts'
import { strict } from '../../src/reconcile/unknown-keys.ts'
import { mapOf } from '../../src/reconcile/written-map.ts'
import { oneOf } from '../../src/reconcile/written-text.ts'
import { checkContent } from './dashboard/checks.ts'
import { inputProblems } from './dashboard/inputs.ts'
import { unwrap } from './dashboard/unwrap.ts'
import { uidOf } from './names.ts'

/** With numbers as Grafana’s pages have them: an integer beyond 2^53 is a bigint until here. Parsed anew it takes a third of the memory. */
function plain(written: unknown): Json {
  const number = (_: string, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)
  return JSON.parse(JSON.stringify(written ?? null, number)) as Json
}

/** As people have it, and looked through for what Grafana would refuse or could not show. */
const definition = z
  .unknown()
  .transform((written, context): JsonObject => {
    const json = plain(written)
    const found = unwrap(json)
    if ('problem' in found) {
      context.addIssue({ code: 'custom', path: [...found.at], message: found.problem })
      return z.NEVER
    }
    for (const { path, message } of checkContent(found.content))
      context.addIssue({ code: 'custom', path: [...found.at, ...path], message })
    return isJsonObject(json) ? json : z.NEVER
  })
  .meta({ type: 'object' })
  .describe(
    'The dashboard’s JSON, as Grafana’s "Export as JSON" or its API gives it, classic or version 2: inline, or {"key": "overview.json"} for another data key.',
  )

const inputs = mapOf({
  error: (written) => `inputs is a map such as {"DS_PROMETHEUS": "prometheus"}; ${quote(written)} is not`,
  key: z.string(),
  value: z.string({ error: ({ input }) => noInput(input) }).min(1, { error: ({ input }) => noInput(input) }),
})

/** Why something stands for no input. */
function noInput(written: unknown): string {
  return `must be a text: the uid of a datasource, or what the input stands for; ${quote(written)} is not`
}

const dashboardShape = {
  folder: uidOf('folder')
    .optional()
    .describe('The key of the folder that it is in. Default: none, at the top.'),
  definition,
  inputs: inputs
    .optional()
    .describe(
      'What a dashboard exported for others leaves open: {"DS_PROMETHEUS": "prometheus"} gives ${DS_PROMETHEUS} the datasource of that uid.',
    ),
  edits: oneOf('edits', ['locked', 'allowed'])
    .optional()
    .describe(
      'Whether people may save it in Grafana’s pages. locked (default): no. allowed: yes; what they save is drift and is kept before it is corrected.',
    ),
}

/** Words of other tools, and where they belong. */
const misplaced: Readonly<Record<string, string>> = {
  json: 'definition',
  key: 'definition',
  file: 'definition',
  dashboard: 'definition',
  spec: 'definition',
  panels: 'definition',
  title: 'definition',
  folderUid: 'folder',
  folderUID: 'folder',
  folderRef: 'folder',
  editable: 'edits',
  allowUiUpdates: 'edits',
  datasources: 'inputs',
  __inputs: 'inputs',
}

/** One entry of `dashboards.yaml`. The definition is seen in place of the data key that holds it. */
export const dashboardSchema = z
  .strictObject(dashboardShape, { error: strict('a dashboard', dashboardShape, misplaced) })
  .superRefine(({ definition: written, inputs: given }, context) => {
    const found = unwrap(written)
    if ('problem' in found) return
    for (const { path, message } of inputProblems(found.content, given ?? {}))
      context.addIssue({ code: 'custom', path: ['inputs', ...path], message })
  })

export type WrittenDashboard = z.output<typeof dashboardSchema>
