import type { ServiceDescription } from '../src/reconcile/service-description.ts'
import type { ServiceReconciler } from '../src/reconcile/service-reconciler.ts'
import type { StackService } from '../src/stack/services.ts'
import { elasticsearchDescription } from './elasticsearch/description.ts'
import { grafanaDescription } from './grafana/description.ts'
import { kafkaDescription } from './kafka/description.ts'
import { nifiDescription } from './nifi/description.ts'

/** A service as the commands see it. What is not description is loaded only by the process that runs it. */
export interface Service extends ServiceDescription {
  readonly reconciler: () => Promise<ServiceReconciler>
  readonly stack: () => Promise<StackService>
}

/** Every service there is, by the name of its folder. */
export const services: Readonly<Record<string, Service>> = {
  kafka: {
    ...kafkaDescription,
    reconciler: async () => new (await import('./kafka/reconciler.ts')).KafkaReconciler(),
    stack: async () => (await import('./kafka/stack/service.ts')).kafkaService,
  },
  elasticsearch: {
    ...elasticsearchDescription,
    reconciler: async () => new (await import('./elasticsearch/reconciler.ts')).ElasticsearchReconciler(),
    stack: async () => (await import('./elasticsearch/stack/service.ts')).elasticsearchService,
  },
  nifi: {
    ...nifiDescription,
    reconciler: async () => new (await import('./nifi/reconciler.ts')).NifiReconciler(),
    stack: async () => (await import('./nifi/stack/service.ts')).nifiService,
  },
  grafana: {
    ...grafanaDescription,
    reconciler: async () => new (await import('./grafana/reconciler.ts')).GrafanaReconciler(),
    stack: async () => (await import('./grafana/stack/service.ts')).grafanaService,
  },
}
