import { z } from 'zod'
import { quote } from '../../../src/core/quote.ts'
import { strict } from '../../../src/reconcile/unknown-keys.ts'
import { oneLine, oneOf } from '../../../src/reconcile/written-text.ts'
import { folderUidOf } from '../names.ts'
import { durationMs } from './durations.ts'
import { ruleSchema } from './rule-schema.ts'
import { entryIssue, unescaped } from './words.ts'

/** Grafana evaluates in steps of so many milliseconds. */
const step = 10_000

const intervalError = ({ input }: { readonly input?: unknown }) =>
  `interval is a time of whole steps of 10 seconds, such as "1m" or "30s"; ${quote(input)} is not`

const entryShape = {
  folder: folderUidOf('folder').describe(
    'The uid of the folder that it stands in; a rule always stands in one.',
  ),
  group: oneLine('group', 190).describe(
    'Its group in that folder. Rules of one group are evaluated together.',
  ),
  interval: z
    .string({ error: intervalError })
    .refine((text) => isInterval(durationMs(text)), { error: intervalError })
    .optional()
    .describe('How often the whole group is evaluated, so the same in each of its rules. Default: 1m.'),
  edits: oneOf('edits', ['allowed', 'locked'])
    .optional()
    .describe('Whether people may change it in Grafana’s pages. allowed (default), or locked.'),
  rule: ruleSchema.describe('The rule as Grafana’s API has it, or as one rule of an export.'),
}

function isInterval(ms: number | undefined): boolean {
  return ms !== undefined && ms > 0 && ms % step === 0
}

/** Words of Grafana's API and of other tools, and where they belong. */
const elsewhere: Readonly<Record<string, string>> = {
  folderUID: 'folder',
  folderUid: 'folder',
  folder_uid: 'folder',
  ruleGroup: 'group',
  rule_group: 'group',
  intervalSeconds: 'interval',
  title: 'rule',
  condition: 'rule',
  data: 'rule',
  for: 'rule',
  labels: 'rule',
  annotations: 'rule',
  isPaused: 'rule',
  definition: 'rule',
  alert: 'rule',
}

const entry = z
  .strictObject(entryShape, { error: strict('an alert rule', entryShape, elsewhere) })
  .superRefine(({ folder, group, rule }, context) => {
    const contradicts = (member: string, said: unknown, written: string, here: string) => {
      if (said === undefined || said === here) return
      const message = `is ${quote(said)}, and ${written} is ${quote(here)}: leave it out`
      context.addIssue({ code: 'custom', path: ['rule', member], message })
    }
    contradicts('folderUID', rule.folderUID, 'folder', folder)
    contradicts('ruleGroup', rule.ruleGroup, 'group', unescaped(group))
  })

/** One entry of `alert-rules.yaml`. */
export const alertRuleSchema = z.preprocess((written, context) => {
  const message = entryIssue(written)
  if (message === undefined) return written
  context.addIssue({ code: 'custom', message })
  return z.NEVER
}, entry)

export type WrittenAlertRule = z.output<typeof alertRuleSchema>
