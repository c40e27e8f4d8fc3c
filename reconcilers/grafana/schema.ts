import { z } from 'zod'
import { quote } from '../../src/core/quote.ts'
import { strict } from '../../src/reconcile/unknown-keys.ts'
import { notText, oneLine } from '../../src/reconcile/written-text.ts'
import { folderUidOf } from './names.ts'

export { alertRuleSchema } from './alert-rule/schema.ts'
export type { WrittenAlertRule } from './alert-rule/schema.ts'
export { datasourceSchema } from './datasource-schema.ts'
export type { WrittenDatasource } from './datasource-schema.ts'
export { alertRuleUid, dashboardUid, datasourceUid, folderUid } from './names.ts'

/** Grafana names no limit for titles of folders; this is the one for dashboards. */
const longestTitle = 5_000

const folderShape = {
  title: oneLine('title', longestTitle)
    .refine((title) => title.toLowerCase() !== 'general', {
      error: ({ input }) => `title must not be ${quote(input)}: Grafana calls its top so`,
    })
    .describe('What people see. Several folders may have the same.'),
  description: z
    .string({ error: ({ input }) => notText('description', input) })
    .optional()
    .describe('For people.'),
  parent: folderUidOf('parent')
    .optional()
    .describe('The uid of the folder that it stands in. Default: it stands at the top.'),
}

/** Words of Grafana's API and of other tools, and where they belong. */
const elsewhere: Readonly<Record<string, string>> = {
  name: 'title',
  parentUid: 'parent',
  parentFolderRef: 'parent',
  folder: 'parent',
  folderUid: 'parent',
}

/** One entry of `folders.yaml`. */
export const folderSchema = z.strictObject(folderShape, { error: strict('a folder', folderShape, elsewhere) })

export type WrittenFolder = z.output<typeof folderSchema>
