import { z } from 'zod'
import { parseDuration } from '../../src/core/duration.ts'
import { isObject, objectOf } from '../../src/core/json.ts'
import { nearest } from '../../src/core/nearest.ts'
import { quote } from '../../src/core/quote.ts'
import { checkDefinition } from './definition/checks.ts'
import { groupsOf } from './definition/components.ts'
import { unwrap } from './definition/unwrap.ts'
import { nameOf } from './names.ts'
import { contextPathIssue, parentIssue } from './paths.ts'
import type { Snapshot } from './resource.ts'
import { strict } from '../../src/reconcile/unknown-keys.ts'
import { oneOf } from '../../src/reconcile/written-text.ts'

export { contextSchema } from './context-schema.ts'
export type { WrittenContext } from './context-schema.ts'
export { contextName, flowName } from './names.ts'

/** NiFi's own business, and looked through for what would do harm. */
const definition = z
  .unknown()
  .transform((written, context): Snapshot => {
    const found = unwrap(written)
    if ('problem' in found) {
      context.addIssue({ code: 'custom', message: found.problem })
      return z.NEVER
    }
    for (const { path, message } of checkDefinition(found.snapshot))
      context.addIssue({ code: 'custom', path: [...found.at, ...path], message })
    return found.snapshot
  })
  .meta({ type: 'object' })
  .describe(
    'The flow definition, as NiFi’s "Download flow definition" gives it: inline, or {"key": "orders.flow.json"} for another data key.',
  )

const contexts = z
  .unknown()
  .transform((written, context): Readonly<Record<string, string | null>> => {
    if (!isObject(written)) {
      const message = `parameter-contexts is a map from group path to parameter context, such as {"/": "orders"}; ${quote(written)} is not`
      context.addIssue({ code: 'custom', message })
      return z.NEVER
    }
    const found = new Map<string, string | null>()
    for (const [path, name] of Object.entries(written)) {
      const message = contextPathIssue(path, name)
      if (message !== undefined) context.addIssue({ code: 'custom', path: [path], message })
      else found.set(path, name as string | null)
    }
    return objectOf(found)
  })
  .meta({ type: 'object' })

const limits = [1_000, 86_400_000] as const

const flowShape = {
  name: nameOf('name')
    .optional()
    .describe('The process group’s name on the canvas. Default: the entry’s key.'),
  parent: z
    .string({ error: ({ input }) => `parent is a path such as "root/Team A"; ${quote(input)} is not` })
    .superRefine((parent, context) => {
      const message = parentIssue(parent)
      if (message !== undefined) context.addIssue({ code: 'custom', message })
    })
    .optional()
    .describe(
      'Where the group stands: "root" (default), or names of groups from there, "root/Team A/Ingest"; a slash in a name is written ~1.',
    ),
  definition,
  'parameter-contexts': contexts
    .optional()
    .describe(
      'Parameter contexts by group path: "/" is the flow’s own group, "/ingest" one in it, null is none. A group without an entry has that of the nearest group above with one, else the definition’s.',
    ),
  'run-state': oneOf('run-state', ['running', 'stopped', 'as-is'])
    .optional()
    .describe('running (default): all that can run does. stopped: nothing does. as-is: nobody’s business.'),
  queues: oneOf('queues', ['keep', 'drain', 'drop'])
    .optional()
    .describe(
      'What becomes of FlowFiles in connections that a change removes. keep (default): they go on their old way first, while the rest runs. drain: their sources stop until they are gone. drop: they are dropped, after an approval.',
    ),
  'drain-timeout': z
    .string({ error: ({ input }) => timeoutError(input) })
    .refine((text) => isWithin(text), { error: ({ input }) => timeoutError(input) })
    .optional()
    .describe('How long queues may take to become empty. Default: 5m.'),
  'on-removal': oneOf('on-removal', ['stop', 'delete', 'keep'])
    .optional()
    .describe(
      'What becomes of the flow once it is no longer written, under the policy sync. stop (default): it is stopped and stays. delete: it goes, unless it holds FlowFiles. keep: it is let go as it is.',
    ),
  layout: oneOf('layout', ['canvas', 'git'])
    .optional()
    .describe(
      'canvas (default): how things are drawn is nobody’s business until they are made or changed. git: it is compared and corrected.',
    ),
  identifiers: oneOf('identifiers', ['as-written', 'own'])
    .optional()
    .describe(
      'as-written (default): those of the definition. own: each is replaced by one made of it and the entry’s key, so that a definition can be deployed twice. Changing this makes everything anew.',
    ),
}

function isWithin(text: string): boolean {
  const ms = parseDuration(text)
  return ms !== undefined && ms >= limits[0] && ms <= limits[1]
}

function timeoutError(input: unknown): string {
  return `drain-timeout is a time from 1s to 24h, such as "5m"; ${quote(input)} is not`
}

/** Words of other tools, and where they belong. */
const misplaced: Readonly<Record<string, string>> = {
  flowContents: 'definition',
  flow: 'definition',
  snapshot: 'definition',
  'parameter-context': 'parameter-contexts',
  parameters: 'parameter-contexts',
  state: 'run-state',
  bucketId: 'definition',
}

/** One entry of `flows.yaml`. The definition is seen in place of the data key that holds it. */
export const flowSchema = z
  .strictObject(flowShape, { error: strict('a flow', flowShape, misplaced) })
  .superRefine(({ definition: snapshot, 'parameter-contexts': named }, context) => {
    const paths = groupsOf(snapshot).map(({ path }) => path)
    for (const path of Object.keys(named ?? {})) {
      if (paths.includes(path)) continue
      const meant = nearest(path, paths)
      const message = `the definition has no group ${quote(path)}${meant === undefined ? '' : `; did you mean ${quote(meant)}?`}`
      context.addIssue({ code: 'custom', path: ['parameter-contexts', path], message })
    }
  })

export type WrittenFlow = z.output<typeof flowSchema>
