import { it } from 'node:test'
import { GrafanaReconciler } from '../../reconcilers/grafana/reconciler.ts'
import { clearGrafana } from '../support/grafana-bystander.ts'
import { noGrafana, realGrafana, type RealGrafana } from '../support/grafana.ts'
import { TcpGate } from '../support/tcp-gate.ts'
import { grafanaNames, grafanaSubjects, surround, type GrafanaSubject } from './grafana-subjects.ts'
import { describeReconciler } from './reconciler.contract.ts'

const reconciler = new GrafanaReconciler()
const grafana = await realGrafana()

if (grafana === undefined)
  void it(`the reconciler contract on a real Grafana (skipped: ${noGrafana})`, { skip: noGrafana })
else for (const subject of grafanaSubjects) describeReal(subject, grafana)

/** Its own requests go through a gate: a Grafana that somebody lent is not stopped. */
function describeReal({ type, examples, hands }: GrafanaSubject, { settings, ask }: RealGrafana): void {
  describeReconciler({
    name: `grafana ${type} (real)`,
    reconciler,
    type,
    examples,
    secrets: [],
    skip: [],
    open: async () => {
      const gate = await TcpGate.open(new URL(settings.GRAFANA_URL))
      await clearGrafana(ask, grafanaNames)
      await surround(ask)
      return {
        newClient: () => reconciler.connect({ ...settings, GRAFANA_URL: gate.url }),
        bystander: {
          ...hands(ask),
          down: async () => gate.down(),
          up: async () => gate.up(),
          freeze: async () => gate.freeze(),
          thaw: async () => gate.thaw(),
        },
        close: async () => {
          await clearGrafana(ask, grafanaNames)
          await gate.close()
        },
      }
    },
  })
}
