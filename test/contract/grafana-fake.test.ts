import { GrafanaClient } from '../../reconcilers/grafana/client/grafana-client.ts'
import { FakeGrafana, type GrafanaProfile } from '../../reconcilers/grafana/fake.ts'
import { GrafanaReconciler } from '../../reconcilers/grafana/reconciler.ts'
import type { AskGrafana } from '../support/grafana-bystander.ts'
import { grafanaSubjects, surround } from './grafana-subjects.ts'
import { powerOf } from '../support/fake-power.ts'
import { describeReconciler } from './reconciler.contract.ts'

const reconciler = new GrafanaReconciler()

/** The oldest API that is served, and the newest. */
const profiles: readonly GrafanaProfile[] = ['api-only', '13.3']

for (const profile of profiles) {
  for (const { type, examples, hands } of grafanaSubjects) {
    describeReconciler({
      name: `grafana ${type} (fake ${profile})`,
      reconciler,
      type,
      examples,
      secrets: [],
      skip: [],
      open: async () => {
        const grafana = new FakeGrafana({ profile })
        const ask: AskGrafana = async (method, path, body, headers) =>
          grafana.ask(method, path, body, headers)
        await surround(ask)
        return {
          newClient: () => new GrafanaClient(grafana.wire()),
          close: async () => undefined,
          bystander: {
            ...hands(ask),
            ...powerOf(grafana),
          },
        }
      },
    })
  }
}
