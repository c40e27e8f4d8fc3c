import type { Change } from '../../src/core/resource.ts'
import type { Finding, Rule } from '../../src/core/rules.ts'
import { isColleagues, isForeign, isProvisioned } from './manager.ts'
import { type GrafanaResource, type ObjectFacts, isChangeOf } from './resource.ts'

/** What stands between a plan and a folder or a dashboard that is somebody else’s. */
export function ownershipRules(
  type: 'folders' | 'dashboards',
  what: string,
): readonly Rule<GrafanaResource>[] {
  const onFacts =
    (say: (facts: ObjectFacts) => string | undefined) =>
    (change: Change<GrafanaResource>): Finding | undefined => {
      const facts = isChangeOf(type, change) ? change.observed?.facts : undefined
      const message = facts === undefined ? undefined : say(facts)
      return message === undefined ? undefined : { message }
    }
  return [
    {
      code: 'ForeignManager',
      severity: 'refused',
      says: `A ${what} that another tool keeps is neither changed nor deleted.`,
      wayOut: 'Take it out of that tool first, or remove the entry here and leave it to the tool.',
      judge: onFacts((facts) => (isForeign(facts) ? `it is kept by ${managerOf(facts)}` : undefined)),
    },
    {
      code: 'ProvisionedElsewhere',
      severity: 'refused',
      says: `A ${what} that Grafana reads from its own files is neither changed nor deleted.`,
      wayOut:
        'Remove the file from Grafana’s provisioning (or the sidecar’s ConfigMap), or write another key.',
      judge: onFacts((facts) =>
        isProvisioned(facts) ? 'Grafana reads it from a file, and would do so again' : undefined,
      ),
    },
    {
      code: 'ManagedByAnother',
      severity: 'held',
      says: `A ${what} that another installation keeps is not taken over unasked.`,
      wayOut: 'Approve the plan if it is ours from now on, or remove the entry here.',
      judge: onFacts((facts) => (isColleagues(facts) ? `it is kept by ${managerOf(facts)}` : undefined)),
    },
  ]
}

function managerOf({ manager }: ObjectFacts): string {
  const { kind, id } = manager ?? { kind: '', id: '' }
  return id === '' ? kind : `${kind} (${id})`
}
