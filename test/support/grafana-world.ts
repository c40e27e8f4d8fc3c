import { datasourceBystander } from './grafana-bystander.ts'
import {
  type GrafanaStage,
  alert,
  alerts,
  board,
  kafka,
  lag,
  logs,
  mark,
  metrics,
  nowhere,
  overview,
  panel,
  silent,
  users,
} from './grafana-stage.ts'

export const prometheus = {
  type: 'prometheus',
  url: nowhere,
  jsonData: { timeInterval: '30s', httpMethod: 'POST' },
}
export const twoPanels = [panel(1, 'In'), panel(2, 'Out')] as const
/** A bit of everything. */
export const written = {
  folders: {
    [kafka]: { title: 'Kafka', description: 'Topics' },
    [alerts]: { title: 'Alerts', parent: kafka },
  },
  datasources: { [metrics]: prometheus, [logs]: { type: 'loki', url: nowhere } },
  dashboards: {
    [overview]: { folder: kafka, definition: board('Overview', ...twoPanels), edits: 'allowed' },
    [users]: { definition: board('Users', panel(1, 'Logins')), edits: 'allowed' },
  },
  'alert-rules': { [lag]: alert('Lag'), [silent]: alert('Silent') },
} as const
/** In the order in which one can need another. */
export const types = ['folders', 'datasources', 'dashboards', 'alert-rules'] as const

/** All four documents are done. A person’s own datasource is the default, as in any Grafana that was not made a moment ago. */
export async function settled(stage: GrafanaStage): Promise<void> {
  const first = { name: 'Edge first', type: 'prometheus', url: nowhere }
  await datasourceBystander(stage.ask).make(`${mark}first`, first)
  for (const type of types) stage.put(type, written[type])
  await stage.settle(...types)
  await stage.rests()
}
