import type { Change } from '../../../../src/core/resource.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import { editsUnder, isProvisionedElsewhere } from '../../alert-rule/provenance.ts'
import type { AlertRule, Edits } from '../../resource.ts'
import { messageIdOf, wordsOf } from '../failures.ts'
import type { WireAnswer } from '../wire.ts'
import type { LiveRule } from './live-rule.ts'

/** Without this header a rule is locked in Grafana's pages from then on. */
export function provenanceHeader(edits: Edits): Readonly<Record<string, string>> {
  return edits === 'allowed' ? { 'X-Disable-Provenance': 'true' } : {}
}

/** Whether people may change the rule afterwards: as the change says, else as it is. Throws where Grafana would not let us. */
export function editsAfter(change: Change<AlertRule>, live: LiveRule): Edits {
  const { provenance } = live
  if (isProvisionedElsewhere(provenance)) throw elsewhere(live)
  const there = editsUnder(provenance)
  const wanted = change.fields.find(({ path }) => path === 'edits')?.after ?? there
  if (wanted === 'allowed' && there === 'locked') throw locked(change.name)
  return wanted === 'locked' ? 'locked' : 'allowed'
}

/** Grafana's word for it is a code; releases before 13 say "Internal Server Error" to a change. */
export function isProvenanceMismatch(answer: WireAnswer): boolean {
  if (answer.status < 400) return false
  return (
    messageIdOf(answer.body) === 'alerting.provenanceMismatch' || /provenance/i.test(wordsOf(answer.body))
  )
}

function elsewhere({ uid, provenance }: LiveRule): ReconcileError {
  return new ReconcileError(
    'RejectedByServer',
    `alert rule "${uid}" is provisioned elsewhere (provenance "${provenance}"): change or remove it there`,
  )
}

function locked(name: string): ReconcileError {
  return new ReconcileError(
    'RejectedByServer',
    `alert rule "${name}" is locked, and Grafana does not unlock a rule in place: write "edits": "locked", or delete the rule so that it is made anew`,
  )
}
