import { listed } from './text.ts'
import type { Cause, Change, FieldChange, PlannedChange, Resource } from './resource.ts'

/** What a rule may look at besides the change. Everything in it is a plain value, so that a rule is a pure function. */
export interface RuleContext<R extends Resource> {
  /** Every desired resource of the ConfigMap, for rules over several (name collisions). */
  readonly desired: readonly R[]
  /** Every name on the server, given only when the plan creates something; else empty. */
  readonly names: readonly string[]
  /** Nothing that can be used is written: never to be read as "delete everything". */
  readonly emptyDocument: boolean
  /** What other ConfigMaps of the config type desire, looked up when it is asked for: the service may have but one of something. */
  readonly elsewhere?: () => readonly R[]
}

/** A rule's finding: which fields it withholds (absent: the whole change) and the sentence for this case. */
export interface Finding {
  readonly fields?: readonly string[]
  readonly message: string
}

/**
 * Why a change is not simply applied. `refused` is for good; `held` waits for an approval bound to the change (or for
 * `infometis.io/allow: <code>`). `onlyCause: 'drift'` judges corrections only: Git may do the same freely.
 */
export interface Rule<R extends Resource = Resource> {
  readonly code: string
  readonly severity: 'refused' | 'held'
  /** The rule as one sentence; a test carries it as its name. */
  readonly says: string
  /** One sentence: what a person can do. */
  readonly wayOut: string
  readonly onlyCause?: Cause
  /** Absent where only the service can know: `ServiceClient.validate` answers with this rule's code. */
  judge?(change: Change<R>, context: RuleContext<R>): Finding | undefined
}

/** The rules that hold for every service. */
export const commonRules: readonly Rule[] = [
  {
    code: 'AdoptionDiffers',
    severity: 'held',
    says: 'something that was there before and differs from desired is not changed unasked',
    wayOut: 'Write what is there, or set infometis.io/adopt: "true", or approve the plan.',
    onlyCause: 'adoption',
    judge: (change) => ({
      message: `${change.name} was there before and differs in ${listed(change.fields.map(({ title, path }) => title ?? path))}`,
    }),
  },
  {
    code: 'EmptyDocument',
    severity: 'held',
    says: 'an empty document never means "delete everything"',
    wayOut: 'Restore the document, or approve the plan if everything is really to go.',
    judge: (change, context) =>
      change.action === 'delete' && context.emptyDocument
        ? { message: `${change.name} would be deleted because nothing usable is written` }
        : undefined,
  },
  {
    code: 'DeletionBrake',
    severity: 'held',
    says: 'more deletions than the brake lets through wait for an approval',
    wayOut: 'Approve the plan, or raise infometis.io/max-deletes for this ConfigMap.',
  },
]

/** What a judgement depends on besides the change. */
export interface Bench<R extends Resource> {
  readonly rules: readonly Rule<R>[]
  readonly allow: ReadonlySet<string>
  readonly adopt: boolean
}

/**
 * A change as the rules leave it: whole, or split into the fields that go on and those that are refused or held, each
 * part with its code. Refused beats held; the first rule of the table speaks.
 */
export function judge<R extends Resource>(
  change: Change<R>,
  bench: Bench<R>,
  context: RuleContext<R>,
): readonly PlannedChange<R>[] {
  const parts: PlannedChange<R>[] = []
  let rest: readonly FieldChange[] | undefined = change.fields
  for (const { rule, finding } of findings(change, bench, context)) {
    if (rest === undefined) break
    const named = namedBy(finding, change, rest)
    const taken: readonly FieldChange[] =
      named === undefined ? rest : rest.filter((field) => named.has(field.path))
    if (named !== undefined && taken.length === 0) continue
    const judgement = { verdict: rule.severity, code: rule.code, message: finding.message } as const
    parts.push({ change: { ...change, fields: taken }, judgement })
    rest = named === undefined ? undefined : rest.filter((field) => !named.has(field.path))
    if (rest?.length === 0 && change.action !== 'delete') rest = undefined
  }
  if (rest === undefined) return parts
  return [{ change: { ...change, fields: rest }, judgement: { verdict: 'apply' } }, ...parts]
}

/** The fields that a finding withholds; undefined: all of them. A replace is one act, and is withheld as a whole or not at all. */
function namedBy(
  { fields }: Finding,
  { action }: Change,
  rest: readonly FieldChange[],
): ReadonlySet<string> | undefined {
  if (fields === undefined) return undefined
  const named = new Set(fields)
  return action === 'replace' && rest.some((field) => named.has(field.path)) ? undefined : named
}

function findings<R extends Resource>(
  change: Change<R>,
  bench: Bench<R>,
  context: RuleContext<R>,
): readonly { readonly rule: Rule<R>; readonly finding: Finding }[] {
  const rules: readonly Rule<R>[] = [...bench.rules, ...(commonRules as readonly Rule<R>[])]
  const found = rules.flatMap((rule) => {
    if (rule.severity === 'held' && bench.allow.has(rule.code)) return []
    if (rule.code === 'AdoptionDiffers' && bench.adopt) return []
    const concerned = onlyCaused(change, rule)
    const finding = concerned === undefined ? undefined : rule.judge?.(concerned, context)
    return finding === undefined ? [] : [{ rule, finding: within(change, rule, finding) }]
  })
  return found.sort((a, b) => rank(a.rule) - rank(b.rule))
}

/** A rule for one cause sees only the fields of that cause, and nothing of a change that has none. */
function onlyCaused<R extends Resource>(change: Change<R>, rule: Rule<R>): Change<R> | undefined {
  if (rule.onlyCause === undefined) return change
  const fields = change.fields.filter((field) => field.cause === rule.onlyCause)
  return fields.length === 0 ? undefined : { ...change, fields }
}

function within<R extends Resource>(change: Change<R>, rule: Rule<R>, finding: Finding): Finding {
  if (rule.onlyCause === undefined || finding.fields !== undefined) return finding
  const fields = change.fields.filter((field) => field.cause === rule.onlyCause).map((field) => field.path)
  return { ...finding, fields }
}

function rank(rule: Rule): number {
  return rule.severity === 'refused' ? 0 : 1
}
