import { type AcrossFinding, acrossRules } from './across-rules.ts'
import { borderRules } from './border-rules.ts'
import type { Environment, EnvironmentObject, EnvironmentRule, Finding } from './environment.ts'
import { fluxRules } from './flux-rules.ts'
import { podRules } from './pod-rules.ts'
import { referenceRules } from './reference-rules.ts'
import type { Schemas } from './schemas.ts'
import { scopeRules } from './scope-rules.ts'

/** Every sentence that holds for each environment, in the order in which they are told. */
export const environmentRules: readonly EnvironmentRule[] = [
  ...scopeRules,
  ...podRules,
  ...referenceRules,
  ...borderRules,
  ...fluxRules,
]

/** A finding with the rule that makes it one. */
export interface Verdict {
  readonly code: string
  readonly finding: Finding
}

export interface Examination {
  readonly verdicts: readonly Verdict[]
  /** The objects of kinds that there is no schema for. */
  readonly unchecked: readonly EnvironmentObject[]
}

/** What schemas and rules have against an environment. */
export function examine(environment: Environment, schemas: Schemas): Examination {
  const all = [...environment.objects, ...environment.flux]
  const bySchema = all.map((object) => ({ object, faults: schemas.check(object.manifest) }))
  return {
    verdicts: [
      ...bySchema.flatMap(({ object, faults = [] }) =>
        faults.map((fault) => ({ code: 'Schema', finding: { object, ...fault } })),
      ),
      ...environmentRules.flatMap(({ code, judge }) =>
        judge(environment, schemas).map((finding) => ({ code, finding })),
      ),
    ],
    unchecked: bySchema.filter(({ faults }) => faults === undefined).map(({ object }) => object),
  }
}

/** What is wrong with environments side by side. */
export function compareEnvironments(
  environments: readonly Environment[],
): readonly (AcrossFinding & { readonly code: string })[] {
  return acrossRules.flatMap(({ code, judge }) => judge(environments).map((each) => ({ code, ...each })))
}
