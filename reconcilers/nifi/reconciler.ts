import type { Fence } from '../../src/reconcile/fence.ts'
import type { ResourceType } from '../../src/reconcile/resource-type.ts'
import type { ServiceClient } from '../../src/reconcile/service-client.ts'
import { ServiceReconciler } from '../../src/reconcile/service-reconciler.ts'
import { classifyFlow } from './classify.ts'
import { AxiosWire } from './client/axios-wire.ts'
import { NifiClient } from './client/nifi-client.ts'
import { normalizeContext, normalizeFlow, secretsOf, toWrittenContext, toWrittenFlow } from './normalize.ts'
import { requirements } from './requires.ts'
import { isFlow, isOfFlow } from './resource.ts'
import type { NifiResource } from './resource.ts'
import { respells } from './respells.ts'
import { contextRules, flowRules } from './rules.ts'
import { contextName, contextSchema, flowName, flowSchema } from './schema.ts'
import type { WrittenContext, WrittenFlow } from './schema.ts'
import { nifiSettings } from './settings.ts'
import type { NifiSettings } from './settings.ts'

/** `parameter-contexts.yaml`: context name → what it inherits, and its parameters; sensitive ones from Secrets. */
export const parameterContexts: ResourceType<NifiResource, WrittenContext> = {
  name: 'parameter-contexts',
  entryName: contextName,
  schema: contextSchema,
  normalize: normalizeContext,
  toWritten: (observed) => (isFlow(observed) ? undefined : toWrittenContext(observed)),
  rules: contextRules,
  requires: requirements,
  secrets: (desired) => (isFlow(desired) ? [] : secretsOf(desired)),
}

/** `flows.json`: a name → a flow definition, where it stands, whether it runs, and what becomes of queues. */
export const flows: ResourceType<NifiResource, WrittenFlow> = {
  name: 'flows',
  definition: 'definition',
  entryName: flowName,
  schema: flowSchema,
  normalize: normalizeFlow,
  toWritten: (observed) => (isFlow(observed) ? toWrittenFlow(observed) : undefined),
  rules: flowRules,
  classify: (change) => (isOfFlow(change) ? classifyFlow(change) : [change]),
  requires: requirements,
  respells,
}

/** Keeps flows and parameter contexts of NiFi as Git says. */
export class NifiReconciler extends ServiceReconciler<NifiResource, NifiSettings> {
  readonly kind = 'nifi'
  readonly types = [parameterContexts, flows]
  readonly settings = nifiSettings

  connect(settings: NifiSettings, fence?: Fence): ServiceClient<NifiResource> {
    return new NifiClient(new AxiosWire(settings, fence), { allowedCode: settings.NIFI_ALLOWED_CODE })
  }
}
