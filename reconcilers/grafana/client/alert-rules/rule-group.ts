import { figureAt } from '../../../../src/core/members.ts'
import { listed } from '../../../../src/core/text.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import { editsUnder, isProvisionedElsewhere } from '../../alert-rule/provenance.ts'
import { accepted, isMissing } from '../failures.ts'
import type { Wire } from '../wire.ts'
import { listRules } from './live-rule.ts'
import { provenanceHeader } from './provenance.ts'

/** Where a rule stands. A group is nothing but what its rules say of it: it comes and goes with them. */
export interface RuleGroup {
  readonly folder: string
  readonly group: string
}

/** The group's interval in seconds; a rule does not tell its own. Undefined: there is no such group. */
export async function readInterval(
  wire: Wire,
  where: RuleGroup,
  signal: AbortSignal,
): Promise<number | undefined> {
  const answer = await wire.send({ method: 'GET', path: groupPath(where) }, signal)
  if (isMissing(answer)) return undefined
  return figureAt(accepted(answer, `reading ${nameOf(where)}`), 'interval')
}

/** The same of a group that has rules: where it is gone, it is being changed in this moment. */
export async function intervalOf(wire: Wire, where: RuleGroup, signal: AbortSignal): Promise<number> {
  const interval = await readInterval(wire, where, signal)
  if (interval !== undefined) return interval
  throw new ReconcileError(
    'ServiceBusy',
    `${nameOf(where)} is being changed in this moment; it is looked at again`,
  )
}

/**
 * Sets the interval of the whole group. The request has no rules: with some of them it would delete the others. It gives all rules one
 * provenance, so that it is not sent where that would lock or unlock any.
 */
export async function putInterval(
  wire: Wire,
  where: RuleGroup,
  seconds: number,
  signal: AbortSignal,
): Promise<void> {
  const rules = [...(await listRules(wire, signal)).values()].filter(
    (each) => each.folder === where.folder && each.group === where.group,
  )
  const provenances = new Set(rules.map(({ provenance }) => provenance))
  const [provenance = '', ...others] = [...provenances].sort()
  if (others.length > 0 || isProvisionedElsewhere(provenance)) throw mixed(where, seconds, rules)
  const body = { title: where.group, folderUid: where.folder, interval: seconds }
  const headers = provenanceHeader(editsUnder(provenance))
  const answer = await wire.send({ method: 'PUT', path: groupPath(where), body, headers }, signal)
  accepted(answer, `setting the interval of ${nameOf(where)}`)
  const now = await intervalOf(wire, where, signal)
  if (now === seconds) return
  const message = `Grafana took ${seconds} s as the interval of ${nameOf(where)}, and still shows ${now} s`
  throw new ReconcileError('NotVerified', message)
}

function mixed(
  where: RuleGroup,
  seconds: number,
  rules: readonly { readonly uid: string; readonly provenance: string }[],
): ReconcileError {
  const names = rules.filter(({ provenance }) => provenance !== '').map(({ uid }) => uid)
  return new ReconcileError(
    'ChangesFailed',
    `the interval of ${nameOf(where)} cannot become ${seconds} s: Grafana would lock or unlock all its rules with that, and ${listed(names)} are locked (provenance) unlike others; give them one and the same "edits", or another group`,
  )
}

function groupPath({ folder, group }: RuleGroup): string {
  return `/api/v1/provisioning/folder/${encodeURIComponent(folder)}/rule-groups/${encodeURIComponent(group)}`
}

export function nameOf({ folder, group }: RuleGroup): string {
  return `rule group "${group}" in folder "${folder}"`
}
