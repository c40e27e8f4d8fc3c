import type { Resource } from '../core/resource.ts'
import { type Reason, toReconcileError } from '../errors.ts'
import type { ServiceClient } from '../reconcile/service-client.ts'

/** What is told of each call to a service. */
export interface CallMeter {
  /** `reason`: why the whole call failed, where it did. */
  called(call: string, seconds: number, reason: Reason | undefined): void
}

/** The same client with each call measured. What it does not offer is not offered here either. */
export function meteredClient<R extends Resource>(
  client: ServiceClient<R>,
  meter: CallMeter,
): ServiceClient<R> {
  const timed = async <T>(call: string, run: () => Promise<T>): Promise<T> => {
    const start = performance.now()
    const seconds = (): number => (performance.now() - start) / 1_000
    try {
      const result = await run()
      meter.called(call, seconds(), undefined)
      return result
    } catch (thrown) {
      meter.called(call, seconds(), toReconcileError(thrown).reason)
      throw thrown
    }
  }
  const canonical = client.canonical?.bind(client)
  const validate = client.validate?.bind(client)
  return {
    ping: (signal) => timed('ping', () => client.ping(signal)),
    list: (type, signal) => timed('list', () => client.list(type, signal)),
    observe: (type, names, signal, sought) =>
      timed('observe', () => client.observe(type, names, signal, sought)),
    ...(canonical && {
      canonical: (desired, signal) => timed('canonical', () => canonical(desired, signal)),
    }),
    ...(validate && { validate: (changes, signal) => timed('validate', () => validate(changes, signal)) }),
    apply: (changes, signal) => timed('apply', () => client.apply(changes, signal)),
    close: () => client.close(),
  }
}
