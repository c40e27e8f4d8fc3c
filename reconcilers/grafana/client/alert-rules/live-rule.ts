import { equal } from '../../../../src/core/canonical.ts'
import { type JsonObject, objectOf, toJsonObject } from '../../../../src/core/json.ts'
import { figureAt, textAt } from '../../../../src/core/members.ts'
import { ruleFields } from '../../alert-rule/fields.ts'
import { editsUnder } from '../../alert-rule/provenance.ts'
import type { AlertRule } from '../../resource.ts'
import { accepted, isMissing } from '../failures.ts'
import type { Wire } from '../wire.ts'

/** An alert rule as the server shows it. */
export interface LiveRule {
  readonly uid: string
  readonly id: string
  readonly folder: string
  readonly group: string
  /** `''`: people may change it; `api`; `file`; … */
  readonly provenance: string
  /** When it was saved, by whomever; Grafana counts in seconds. */
  readonly updated: string
  /** All that was answered. */
  readonly shown: JsonObject
}

const collection = '/api/v1/provisioning/alert-rules'

export function pathOf(uid?: string): string {
  return uid === undefined ? collection : `${collection}/${encodeURIComponent(uid)}`
}

/** Every rule that this token may see, by uid: alert rules, recording rules, those of files too. */
export async function listRules(wire: Wire, signal: AbortSignal): Promise<ReadonlyMap<string, LiveRule>> {
  const answer = await wire.send({ method: 'GET', path: pathOf() }, signal)
  const rules = accepted(answer, 'listing alert rules')
  return new Map((Array.isArray(rules) ? rules : []).map(liveOf).map((live) => [live.uid, live]))
}

/** Undefined: there is none of this uid. */
export async function readRule(wire: Wire, uid: string, signal: AbortSignal): Promise<LiveRule | undefined> {
  const answer = await wire.send({ method: 'GET', path: pathOf(uid) }, signal)
  return isMissing(answer) ? undefined : liveOf(accepted(answer, `reading alert rule "${uid}"`))
}

/** Of the server alone. */
const ownWords: ReadonlySet<string> = new Set(['id', 'orgID', 'updated', 'provenance', 'guid', 'version'])

/** What can be sent back. */
export function sendableOf({ shown }: LiveRule): JsonObject {
  return objectOf(Object.entries(shown).filter(([name, value]) => value !== null && !ownWords.has(name)))
}

function liveOf(answered: unknown): LiveRule {
  const shown = toJsonObject(answered)
  return {
    uid: textAt(shown, 'uid'),
    id: String(figureAt(shown, 'id') ?? ''),
    folder: textAt(shown, 'folderUID'),
    group: textAt(shown, 'ruleGroup'),
    provenance: textAt(shown, 'provenance'),
    updated: textAt(shown, 'updated'),
    shown,
  }
}

/** All that is written is there; the interval is the group's, and comes after the rule. */
export function isAsMeant(desired: AlertRule, shown: AlertRule): boolean {
  return [...desired.fields].every(
    ([path, value]) => path === 'interval' || equal(shown.fields.get(path), value),
  )
}

/** Within this time of a save there can be another one with the same stamp. */
const blurredMs = 5_000

/** What tells one state from another, however long ago it was saved. The interval is the group's, and no rule is saved with it. */
export function stampOf({ updated, provenance }: LiveRule, intervalSeconds: number | undefined): string {
  return [updated, `${intervalSeconds ?? 0}s`, provenance].join(' ')
}

/** Live → observed. `intervalSeconds`: where that was read. `now`: by our own clock. */
export function showRule(
  live: LiveRule,
  intervalSeconds: number | undefined,
  { now, by }: { readonly now: number; readonly by?: string | undefined },
): AlertRule {
  const { uid, id, folder, group, provenance, updated, shown } = live
  const rule = sendableOf(live)
  const edits = editsUnder(provenance)
  const isSettled = now - Date.parse(updated) >= blurredMs
  return {
    type: 'alert-rules',
    name: uid,
    id,
    ...ruleFields(shown, { folder, group, intervalSeconds, edits }),
    ...(isSettled && { edition: stampOf(live, intervalSeconds) }),
    original: {
      text: JSON.stringify(rule),
      ...(by === undefined ? {} : { by }),
      ...(updated === '' ? {} : { at: updated }),
    },
    rule,
    facts: { provenance },
  }
}
