import { withMembers } from '../../src/core/json.ts'
import { type Call, type Handler, bodyOf, named, ok, zeroed } from './fake-call.ts'
import { isAtLeast } from './fake-identity.ts'
import { checkProvenance, provenanceOf } from './fake-provenance.ts'
import { failed, identified } from './fake-refusal.ts'
import { givenRule, keptRule, ruleBody } from './fake-rule-body.ts'
import { askedRule, checkRule, checkRuleFolder, checkRuleTitle, checkRuleUid } from './fake-rule-checks.ts'
import {
  dropRule,
  keepRule,
  newRule,
  nextRule,
  rulesInOrder,
  rulesOfGroup,
  sameRule,
} from './fake-rule-store.ts'
import type { StoredRule } from './fake-state.ts'

/** Of a group that its first rule makes. */
const defaultInterval = 60

export const listRules: Handler = ({ state }) => ok(rulesInOrder(state).map((rule) => ruleBody(rule)))

export const getRule: Handler = (call) => ok(ruleBody(askedRule(call)))

/** Whether the token has `alert.provisioning:write`; another one is bound to the rights on folders. */
function mayProvision({ identity }: Call): boolean {
  return isAtLeast('Admin', identity)
}

/** ngalert/api/api_provisioning.go@49f3fa91; the answer is made of what was sent, not of what is kept. */
export const postRule: Handler = (call) => {
  const { state, identity } = call
  const body = bodyOf(call)
  const uid = zeroed(body, 'uid', '')
  const members = givenRule(body)
  const [folderUID, ruleGroup] = [zeroed(body, 'folderUID', ''), zeroed(body, 'ruleGroup', '')]
  checkRuleUid(uid)
  checkRule(call, { folderUID, ruleGroup, members })
  checkRuleFolder(state, folderUID)
  if (state.data.rules.has(uid)) throw uidTaken(call, uid)
  const interval = rulesOfGroup(state, folderUID, ruleGroup)[0]?.interval ?? defaultInterval
  const place = { folderUID, ruleGroup, interval, index: 0, provenance: provenanceOf(call) }
  const rule = newRule(state, uid, { ...place, members: keptRule(members) }, identity)
  checkRuleTitle(call, rule)
  keepRule(state, rule)
  return ok(ruleBody(rule, members), 201)
}

function uidTaken({ profile }: Call, uid: string): Error {
  if (profile.uniqueRuleTitles)
    return failed(
      400,
      `[alerting.alert-rule.conflict] conflicting alert rule found [rule_uid: '${uid}']: rule UID under the same organisation should be unique`,
    )
  return identified(
    409,
    'alerting.alert-rule.conflict',
    `Failed to save alert rule '${uid}' in organization 1 due to conflict: UNIQUE constraint failed: alert_rule.org_id, alert_rule.uid`,
  )
}

/** The whole rule; in another group it keeps its interval (provisioning/alert_rules.go@89a35504). */
export const putRule: Handler = (call) => {
  const { state, identity } = call
  const body = bodyOf(call)
  const stored = askedRule(call)
  const given = givenRule(body)
  // A token with rights on folders only: `isPaused` is that of before (seen on 13.3 by others).
  const members = mayProvision(call)
    ? given
    : withMembers(given, { isPaused: stored.members['isPaused'] ?? false })
  const [folderUID, ruleGroup] = [zeroed(body, 'folderUID', ''), zeroed(body, 'ruleGroup', '')]
  checkRule(call, { folderUID, ruleGroup, members })
  checkRuleFolder(state, folderUID)
  checkProvenance(call, stored.provenance, 'update')
  const change = {
    folderUID,
    ruleGroup,
    members: keptRule(members),
    index: 0,
    provenance: provenanceOf(call),
  }
  const rule = nextRule(state, stored, change, identity)
  checkRuleTitle(call, rule)
  if (mayProvision(call) || !sameRule(rule, stored)) keepRule(state, rule)
  return ok(ruleBody(rule, given))
}

/** 204 also where there is none. */
export const deleteRule: Handler = (call) => {
  const stored: StoredRule | undefined = call.state.data.rules.get(named(call))
  if (stored === undefined && !mayProvision(call)) throw failed(500, 'Internal Server Error')
  if (stored !== undefined) {
    checkProvenance(call, stored.provenance, 'delete')
    dropRule(call.state, stored)
  }
  return { status: 204, body: undefined }
}
