import {
  alertRuleBystander,
  dashboardBystander,
  datasourceBystander,
  folderBystander,
  type AskGrafana,
} from '../support/grafana-bystander.ts'
import {
  alertRuleExamples,
  aroundGrafana,
  dashboardExamples,
  datasourceExamples,
  folderExamples,
} from './grafana-examples.ts'
import type { Hands, Subject } from './subject.ts'

/** One config type of Grafana under the contract: what is written, and who else has a hand in it. */
export interface GrafanaSubject {
  readonly type: string
  readonly examples: Subject['examples']
  readonly hands: (ask: AskGrafana) => Hands
}

export const grafanaSubjects: readonly GrafanaSubject[] = [
  { type: 'folders', examples: folderExamples, hands: folderBystander },
  { type: 'datasources', examples: datasourceExamples, hands: datasourceBystander },
  { type: 'dashboards', examples: dashboardExamples, hands: dashboardBystander },
  { type: 'alert-rules', examples: alertRuleExamples, hands: alertRuleBystander },
]

/** What stands around the examples and is nobody's of ours. */
export async function surround(ask: AskGrafana): Promise<void> {
  const { folder, datasource } = aroundGrafana
  await folderBystander(ask).make(folder, { title: 'Alerts' })
  await datasourceBystander(ask).make(datasource, { type: 'testdata' })
}

/** Every name that a test of the contract can leave behind, the outer ones first. */
export const grafanaNames: readonly string[] = [
  aroundGrafana.folder,
  aroundGrafana.datasource,
  ...grafanaSubjects.flatMap(({ examples }) => Object.keys(examples.written)),
]
