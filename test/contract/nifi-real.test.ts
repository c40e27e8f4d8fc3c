import { after } from 'node:test'
import { NifiReconciler } from '../../reconcilers/nifi/reconciler.ts'
import { readSettings } from '../../src/config.ts'
import { startNifi } from '../support/nifi.ts'
import { type AskNifi, clearCanvas, contextBystander, flowBystander } from '../support/nifi-bystander.ts'
import { contextExamples, drifting, flowExamples } from './nifi-examples.ts'
import { describeReconciler } from './reconciler.contract.ts'
import type { Hands, Subject } from './subject.ts'

const reconciler = new NifiReconciler()
const nifi = await startNifi()
after(() => nifi.stop())

/** The bystander is plain HTTP and the process itself. */
function describeReal(
  type: string,
  examples: Subject['examples'],
  bystanderOf: (ask: AskNifi) => Hands,
): void {
  const ask: AskNifi = async (method, path, body) => nifi.ask(method, path, body)
  describeReconciler({
    name: `nifi ${nifi.version} ${type}`,
    reconciler,
    type,
    examples,
    secrets: [],
    skip: [],
    open: async () => ({
      newClient: () => reconciler.connect(readSettings(reconciler.settings, { NIFI_URL: nifi.url })),
      bystander: {
        ...bystanderOf(ask),
        down: async () => nifi.kill(),
        up: async () => nifi.start(),
        freeze: async () => nifi.pause(),
        thaw: async () => nifi.resume(),
      },
      close: async () => clearCanvas(ask),
    }),
  })
}

describeReal('flows', flowExamples, (ask) => flowBystander(ask, drifting))
describeReal('parameter-contexts', contextExamples, contextBystander)
