import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Change, Resource } from '../../src/core/resource.ts'
import type { Finding, Rule, RuleContext } from '../../src/core/rules.ts'

/** One thing that a rule withholds, or lets through. */
export interface RuleCase<R extends Resource> {
  /** What is judged, in words. */
  readonly when: string
  readonly change: Change<R>
  readonly context?: Partial<RuleContext<R>>
  /** The fields withheld, `all` for the whole change; undefined: the rule has nothing against it. */
  readonly withholds: readonly string[] | 'all' | undefined
  readonly message?: RegExp
}

/** A test for each case, named as what the rule does there. */
export function showCases<R extends Resource>(rule: Rule<R>, cases: readonly RuleCase<R>[]): void {
  const empty: RuleContext<R> = { desired: [], names: [], emptyDocument: false }
  for (const { when, change, context, withholds, message } of cases) {
    it(`${withholds === undefined ? 'lets through' : rule.severity}: ${when}`, () => {
      const finding = rule.judge?.(change, { ...empty, ...context })
      assert.deepEqual(withheld(finding), withholds)
      if (message !== undefined) assert.match(finding?.message ?? '', message)
    })
  }
}

/** A test for each case, and for what holds of every rule. `byClient`: codes of the rules that only a client can judge. */
export function showRule<R extends Resource>(
  rule: Rule<R>,
  byClient: readonly string[],
  cases: readonly RuleCase<R>[] = [],
): void {
  it(`has a way out: ${rule.wayOut}`, () => {
    assert.match(rule.wayOut, /\.$/)
    assert.equal(rule.judge === undefined, byClient.includes(rule.code))
  })
  it('is judged in every case that is told here, or by the client', () => {
    assert.equal(cases.length > 0, rule.judge !== undefined)
  })
  showCases(rule, cases)
}

function withheld(finding: Finding | undefined): readonly string[] | 'all' | undefined {
  return finding === undefined ? undefined : (finding.fields ?? 'all')
}
