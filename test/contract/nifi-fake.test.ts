import { FakeNifi } from '../../reconcilers/nifi/fake.ts'
import { NifiClient } from '../../reconcilers/nifi/client/nifi-client.ts'
import { NifiReconciler } from '../../reconcilers/nifi/reconciler.ts'
import { type AskNifi, contextBystander, flowBystander } from '../support/nifi-bystander.ts'
import { contextExamples, drifting, flowExamples } from './nifi-examples.ts'
import { powerOf } from '../support/fake-power.ts'
import { describeReconciler } from './reconciler.contract.ts'
import type { Hands, Subject } from './subject.ts'

const reconciler = new NifiReconciler()

function describeFake(
  type: string,
  examples: Subject['examples'],
  bystanderOf: (ask: AskNifi) => Hands,
): void {
  describeReconciler({
    name: `nifi ${type} (fake)`,
    reconciler,
    type,
    examples,
    secrets: [],
    skip: [],
    open: async () => {
      const nifi = new FakeNifi()
      return {
        newClient: () => new NifiClient(nifi.wire()),
        close: async () => undefined,
        bystander: {
          ...bystanderOf(async (method, path, body) => nifi.ask(method, path, body)),
          ...powerOf(nifi),
        },
      }
    },
  })
}

describeFake('flows', flowExamples, (ask) => flowBystander(ask, drifting))
describeFake('parameter-contexts', contextExamples, contextBystander)
