import { own, withMembers, type JsonObject } from '../../src/core/json.ts'
import { listAt } from '../../src/core/members.ts'
import { type Answer, type Call, type Handler, type Members, bodyOf, named, ok, zeroed } from './fake-call.ts'
import { checkGroupProvenance, provenanceOf } from './fake-provenance.ts'
import { badData, identified } from './fake-refusal.ts'
import { givenRule, keptRule, ruleBody } from './fake-rule-body.ts'
import { checkInterval, checkRule, checkRuleTitle, checkRuleUid } from './fake-rule-checks.ts'
import { dropRule, keepRule, newRule, nextRule, rulesOfGroup, sameRule } from './fake-rule-store.ts'
import type { StoredRule } from './fake-state.ts'

function asked(call: Call): readonly StoredRule[] {
  const rules = rulesOfGroup(call.state, named(call), named(call, 1))
  // A group is nothing but its rules.
  if (rules.length === 0) throw identified(404, 'alerting.alert-rule.notFound', 'Not found')
  return rules
}

export const getGroup: Handler = (call) => {
  const rules = asked(call)
  return ok({
    ...{ title: named(call, 1), folderUid: named(call), interval: rules[0]?.interval },
    rules: rules.map((rule) => ruleBody(rule, rule.members, '')),
  })
}

export const deleteGroup: Handler = (call) => {
  const rules = asked(call)
  for (const rule of rules) checkGroupProvenance(call, rule.provenance, 'delete')
  for (const rule of rules) dropRule(call.state, rule)
  return { status: 204, body: undefined }
}

/** ngalert/provisioning/alert_rules.go@89a35504. Without rules in it, or with an empty list, only the interval is set. */
export const putGroup: Handler = (call) => {
  const body = bodyOf(call)
  const interval = zeroed(body, 'interval', 0)
  if (!Number.isInteger(interval)) throw badData()
  checkInterval(interval)
  const [folderUid, title] = [named(call), named(call, 1)]
  const before = rulesOfGroup(call.state, folderUid, title)
  const given = listAt(body, 'rules')
  const provenance = provenanceOf(call)
  if (given.length === 0)
    write(
      call,
      before.map((rule) => ({ rule, next: { ...rule, interval, provenance } })),
    )
  else replace(call, before, given, interval)
  return answered(body, title, folderUid)
}

/** What was sent; the group's name and its folder are those of the path. */
function answered(body: Members, title: string, folderUid: string): Answer {
  return ok({ ...body, title, folderUid })
}

interface Write {
  /** Undefined: it is new. */
  readonly rule: StoredRule | undefined
  readonly next: StoredRule
}

function replace(
  call: Call,
  before: readonly StoredRule[],
  given: readonly unknown[],
  interval: number,
): void {
  const writes = given.map((each, at) => written(call, each, interval, at + 1))
  const kept = new Set(writes.map(({ next }) => next.uid))
  write(
    call,
    writes,
    before.filter(({ uid }) => !kept.has(uid)),
  )
}

function written(call: Call, given: unknown, interval: number, index: number): Write {
  const uid = zeroed(given, 'uid', '')
  const rule = call.state.data.rules.get(uid)
  if (rule === undefined) checkRuleUid(uid)
  const members = patched(givenRule(given as Members), rule)
  const [folderUID, ruleGroup] = [named(call), named(call, 1)]
  checkRule(call, { folderUID, ruleGroup, members })
  const place = { folderUID, ruleGroup, interval, index, provenance: provenanceOf(call) }
  const content = { ...place, members: keptRule(members) }
  const next = rule === undefined ? newRule(call.state, uid, content, call.identity) : { ...rule, ...content }
  checkRuleTitle(call, next)
  return { rule, next }
}

/** What is empty is filled from the rule of before; `isPaused` is not. */
function patched(members: JsonObject, rule: StoredRule | undefined): JsonObject {
  if (rule === undefined) return members
  const empty = ['title', 'condition', 'data', 'noDataState', 'execErrState'].filter((name) => {
    const value = own(members, name)
    return value === '' || (Array.isArray(value) && value.length === 0)
  })
  return withMembers(members, Object.fromEntries(empty.map((name) => [name, rule.members[name] ?? ''])))
}

/**
 * Nothing, and whoever's they are, where nothing is different; else every rule of the group has a new version and the provenance of the
 * request (store/deltas.go@0a935ced; persistDelta of provisioning/alert_rules.go@89a35504).
 */
function write(call: Call, writes: readonly Write[], gone: readonly StoredRule[] = []): void {
  const differs = writes.some(({ rule, next }) => rule === undefined || !sameRule(rule, next))
  if (!differs && gone.length === 0) return
  for (const rule of gone) checkGroupProvenance(call, rule.provenance, 'delete')
  for (const { rule } of writes) if (rule !== undefined) checkGroupProvenance(call, rule.provenance, 'update')
  for (const rule of gone) dropRule(call.state, rule)
  for (const { rule, next } of writes)
    keepRule(call.state, rule === undefined ? next : nextRule(call.state, rule, next, call.identity))
}
