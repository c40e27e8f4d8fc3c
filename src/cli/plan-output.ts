import { type Paint, addCounts, countPlan, planToJson, renderPlan, renderSummary } from '../core/render.ts'
import { printable } from '../core/text.ts'
import type { Resource } from '../core/resource.ts'
import { describeIssue } from '../reconcile/document.ts'
import type { Planned } from '../reconcile/planner.ts'
import { type Context, json, line, painter } from './context.ts'
import type { DesiredDocument } from './desired.ts'
import type { Conflict } from './standing.ts'

export interface DocumentPlan {
  readonly document: DesiredDocument
  readonly planned: Planned<Resource>
  readonly conflicts: readonly Conflict[]
}

type Output = Pick<Context, 'out' | 'env'>

/** A heading, the changes and how to approve for each document; one line for all at the end. */
export function printText(plans: readonly DocumentPlan[], { out, env }: Output): void {
  const paint = painter(out, env)
  const several = plans.length > 1
  for (const each of plans) {
    const text = documentText(each, paint)
    if (text === '' && !several) continue
    const { written, file } = each.document
    line(out, paint('quiet', `# ${written.key} (${written.controls.policy}) ${file}`))
    if (text !== '') line(out, text)
    if (several) line(out, renderSummary(countPlan(each.planned.plan), each.planned.hash))
    line(out)
  }
  const counts = addCounts(plans.map(({ planned }) => countPlan(planned.plan)))
  line(out, renderSummary(counts, several ? undefined : plans[0]?.planned.hash))
  for (const each of plans) printApproval(each, out)
}

/** The plan, then what is not in it: entries that another ConfigMap owns, and those that break their schema. */
function documentText({ planned, conflicts }: DocumentPlan, paint: Paint): string {
  const issues = planned.document.invalid.flatMap((entry) => entry.issues)
  const apart = [
    ...conflicts.map(({ resource, owner }) => `! ${printable(resource)}  conflict: is owned by ${owner}`),
    ...issues.map((issue) => `! invalid ${describeIssue(issue)}`),
  ]
  const lines = [renderPlan(planned.plan, paint), ...apart.map((text) => paint('withheld', text))]
  return lines.filter((text) => text !== '').join('\n')
}

function printApproval({ document, planned }: DocumentPlan, out: Output['out']): void {
  if (planned.hash === undefined) return
  const { key, name } = document.written
  line(out)
  line(out, `To let the held changes of ${name} through, commit this annotation on it:`)
  line(out, `    infometis.io/approve: "${planned.hash}"`)
  line(out, `or, where Flux does not manage it: infometis approve ${key} --hash ${planned.hash}`)
}

/** `{ plans: […], counts }`: one plan for each document, with its approval hash. */
export function printJson(plans: readonly DocumentPlan[], { out }: Output): void {
  json(out, {
    plans: plans.map(({ document, planned, conflicts }) => ({
      configMap: document.written.key,
      file: document.file,
      component: document.service.kind,
      type: document.type.name,
      policy: document.written.controls.policy,
      ...(planned.hash === undefined ? {} : { hash: planned.hash }),
      ...planToJson(planned.plan),
      conflicts,
      invalid: planned.document.invalid,
    })),
    counts: addCounts(plans.map(({ planned }) => countPlan(planned.plan))),
  })
}
