import { equal } from '../../src/core/canonical.ts'
import type { Identity } from './fake-identity.ts'
import type { FakeState, StoredRule } from './fake-state.ts'

/** In the order in which Grafana lists them. */
export function rulesInOrder({ data }: FakeState): readonly StoredRule[] {
  return [...data.rules.values()].toSorted(
    (a, b) =>
      compare(a.folderUID, b.folderUID) ||
      compare(a.ruleGroup, b.ruleGroup) ||
      a.index - b.index ||
      a.id - b.id,
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

export function rulesOfGroup(state: FakeState, folder: string, group: string): readonly StoredRule[] {
  return rulesInOrder(state).filter((each) => each.folderUID === folder && each.ruleGroup === group)
}

type Place = Pick<StoredRule, 'folderUID' | 'ruleGroup' | 'interval' | 'index' | 'members' | 'provenance'>

export function newRule(state: FakeState, uid: string, place: Place, by: Identity): StoredRule {
  return {
    ...{ id: state.newId(), uid: uid === '' ? state.newName('rule') : uid, guid: state.newUuid() },
    ...{ ...place, version: 1, updated: state.moment(), updatedBy: authorOf(by) },
  }
}

/** The next version, also where nothing is different. */
export function nextRule(
  state: FakeState,
  rule: StoredRule,
  change: Partial<Place>,
  by: Identity,
): StoredRule {
  return {
    ...{ ...rule, ...change, version: rule.version + 1 },
    ...{ updated: state.moment(), updatedBy: authorOf(by) },
  }
}

function authorOf({ uid, login }: Identity): StoredRule['updatedBy'] {
  return { uid: uid.split(':')[1] ?? uid, name: login }
}

/** What was before is remembered, but not twice the same (ngalert/store: rule versions). */
export function keepRule({ data }: FakeState, rule: StoredRule): void {
  data.rules.set(rule.uid, rule)
  const versions = data.ruleVersions.get(rule.uid) ?? []
  if (versions.some((last, at) => at === versions.length - 1 && sameRule(last, rule))) return
  data.ruleVersions.set(rule.uid, [...versions, rule])
}

export function sameRule(a: StoredRule, b: StoredRule): boolean {
  const places = ['folderUID', 'ruleGroup', 'interval', 'index'] as const
  return places.every((name) => a[name] === b[name]) && equal(a.members, b.members)
}

export function dropRule({ data }: FakeState, { uid }: StoredRule): void {
  data.rules.delete(uid)
  data.ruleVersions.delete(uid)
}
