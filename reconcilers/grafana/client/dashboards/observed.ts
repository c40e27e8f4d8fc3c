import { equal } from '../../../../src/core/canonical.ts'
import { withMembers } from '../../../../src/core/json.ts'
import type { Change, Original } from '../../../../src/core/resource.ts'
import { dashboardFields, explicitIn } from '../../dashboard/fields.ts'
import { contentOf } from '../../dashboard/model.ts'
import type { Dashboard, Edits } from '../../resource.ts'
import type { LiveDashboard } from './store.ts'
import { identity, isOurs } from '../object-metadata.ts'

/** What of an observed dashboard is not in it. */
export interface Surroundings {
  /** Grafana's release. */
  readonly spelledBy: string
  /** As it was when it was last seen. */
  readonly id: string | undefined
  /** In place of what the older API cannot tell. */
  readonly edits: Edits | undefined
}

/** Live → observed. */
export function observedOf(live: LiveDashboard, { spelledBy, id, edits }: Surroundings): Dashboard {
  const { name, ids, folder, edition, facts } = live
  const content = contentOf(live.content)
  const told = dashboardFields(content, { folder, edits: live.edits ?? edits })
  return {
    ...{ type: 'dashboards', name, ...identity(ids, id), edition, spelledBy },
    ...{ ...told, explicit: explicitIn(told.fields), content, facts },
    original: originalOf(live),
    // Whatever Grafana made of the rest: nobody else says so of a dashboard.
    ...(isOurs(facts.manager) && { marked: true as const }),
  }
}

/** Whether it is already as a change would make it. */
export function isAsMeant({ fields }: Dashboard, change: Change<Dashboard>): boolean {
  return change.fields.every(({ path, after }) => equal(fields.get(path), after))
}

/** What Grafana's import takes: the JSON of a classic dashboard, with its uid; of another the whole object. */
function originalOf({ name, content, folder, by, at }: LiveDashboard): Original {
  const { model, version, spec } = content
  const annotations = folder === '' ? {} : { annotations: { 'grafana.app/folder': folder } }
  const apiVersion = `dashboard.grafana.app/${version ?? 'v2'}`
  const whole =
    model === 'classic'
      ? withMembers(spec, { uid: name })
      : { apiVersion, kind: 'Dashboard', metadata: { name, ...annotations }, spec }
  return {
    text: JSON.stringify(whole),
    ...(by !== undefined && { by }),
    ...(at !== undefined && { at }),
  }
}
