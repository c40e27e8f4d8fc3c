import { quote } from '../../src/core/quote.ts'
import type { Change } from '../../src/core/resource.ts'
import type { Finding, Rule, RuleContext } from '../../src/core/rules.ts'
import { spelledSeconds } from './alert-rule/durations.ts'
import { isProvisionedElsewhere } from './alert-rule/provenance.ts'
import { type AlertRule, type GrafanaResource, isChangeOf, isOfType } from './resource.ts'

export { dashboardRules } from './dashboard-rules.ts'
export { folderRules } from './folder-rules.ts'

type Context = RuleContext<GrafanaResource>

/** What stands between a plan and datasources. */
export const datasourceRules: readonly Rule<GrafanaResource>[] = [
  {
    code: 'TwoDefaults',
    severity: 'refused',
    says: 'No two datasources are the default.',
    wayOut: 'Write "isDefault": true in one of them only.',
    judge: judgeDefault,
  },
  {
    code: 'ProvisionedElsewhere',
    severity: 'refused',
    says: 'A datasource that Grafana reads from its own files is neither changed nor deleted.',
    wayOut: 'Remove it from Grafana’s provisioning files, or write another key.',
    judge: (change) =>
      isChangeOf('datasources', change) && change.observed?.facts?.readOnly === true
        ? { message: 'Grafana reads it from a file, and answers to nobody else' }
        : undefined,
  },
]

/** What stands between a plan and alert rules. */
export const alertRuleRules: readonly Rule<GrafanaResource>[] = [
  {
    code: 'IntervalsDiffer',
    severity: 'refused',
    says: 'The rules of one group have one interval.',
    wayOut: 'Write the same "interval" in all rules of the group, or give one of them another group.',
    judge: judgeInterval,
  },
  {
    code: 'ProvisionedElsewhere',
    severity: 'refused',
    says: 'An alert rule that something else than the API provisions is neither changed nor deleted.',
    wayOut: 'Remove it there (Grafana’s provisioning files, an import), or write another key.',
    judge: (change) => {
      const provenance = isChangeOf('alert-rules', change) ? change.observed?.facts?.provenance : undefined
      return provenance !== undefined && isProvisionedElsewhere(provenance)
        ? { message: `its provenance is ${quote(provenance)}` }
        : undefined
    },
  },
  {
    code: 'ProvenanceLocked',
    severity: 'refused',
    says: 'An alert rule that is locked in Grafana’s pages stays so.',
    wayOut:
      'Write "edits": "locked", or delete the rule in Grafana so that it is made anew: Grafana unlocks a rule only together with its whole group.',
    judge: (change) => {
      const edits = change.action === 'update' && change.type === 'alert-rules' ? 'edits' : undefined
      const unlocks = change.fields.some(({ path, before, after }) => {
        return path === edits && before === 'locked' && after === 'allowed'
      })
      return unlocks ? { fields: ['edits'], message: 'it is locked (its provenance is "api")' } : undefined
    },
  },
]

function judgeDefault(change: Change<GrafanaResource>, context: Context): Finding | undefined {
  if (!isChangeOf('datasources', change) || change.desired?.fields.get('isDefault') !== true) return undefined
  const other = othersThan(change, context).find(
    (each) => isOfType('datasources', each) && each.fields.get('isDefault') === true,
  )
  if (other === undefined) return undefined
  return { fields: ['isDefault'], message: `${quote(other.name)} is written as the default, too` }
}

/** Only the interval is withheld: the rule goes on with the one that the group has. */
function judgeInterval(change: Change<GrafanaResource>, context: Context): Finding | undefined {
  const mine = isChangeOf('alert-rules', change) ? change.desired : undefined
  if (mine === undefined) return undefined
  const others = othersThan(change, context)
    .filter((each) => isOfType('alert-rules', each))
    .filter((each) => isBeside(each, mine))
  const other = others.find(({ fields }) => fields.get('interval') !== mine.fields.get('interval'))
  if (other === undefined) return undefined
  const message = `it is written with ${intervalOf(mine)}, and ${quote(other.name)} of the same group with ${intervalOf(other)}`
  return { fields: ['interval'], message }
}

/** In this document and in all others. */
function othersThan({ name }: Change<GrafanaResource>, { desired, elsewhere }: Context) {
  return [...desired, ...(elsewhere?.() ?? [])].filter((each) => each.name !== name)
}

function isBeside({ fields }: AlertRule, { fields: mine }: AlertRule): boolean {
  return ['folder', 'group'].every((path) => fields.get(path) === mine.get(path))
}

function intervalOf({ fields }: AlertRule): string {
  return spelledSeconds(Number(fields.get('interval')))
}
