import type { ServiceReconciler } from '../src/reconcile/service-reconciler.ts'

/** One lazy import per service: a process loads only what it runs. */
export const reconcilers: Readonly<Record<string, () => Promise<ServiceReconciler>>> = {
  kafka: async () => new (await import('./kafka/reconciler.ts')).KafkaReconciler(),
}
