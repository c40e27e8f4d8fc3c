import { type FakeServer, createFake } from '../../reconcilers/kafka/fake.ts'
import type { Topic } from '../../reconcilers/kafka/normalize.ts'
import { KafkaReconciler } from '../../reconcilers/kafka/reconciler.ts'
import type { Controls } from '../../src/reconcile/written.ts'
import { Desk } from './desk.ts'

/** The Kafka reconciler at a desk of its own, with a fake broker beside it. */
export class KafkaDesk extends Desk<Topic> {
  readonly server: FakeServer

  constructor(server: FakeServer = createFake().server) {
    super(new KafkaReconciler(), () => createFake({ server }).client)
    this.server = server
  }

  /** Writes the ConfigMap `name` with topics. */
  topics(
    name: string,
    entries: Parameters<Desk<Topic>['write']>[2],
    controls: Partial<Controls> = {},
    createdAt = 0,
  ): void {
    this.write(name, 'topics', entries, { controls, createdAt })
  }

  /** The names of the topics there are, in order. */
  names(): readonly string[] {
    return [...this.server.names()].sort()
  }

  /** What was asked of the service so far: method → number of calls. */
  calls(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {}
    for (const { what } of this.steps) counts[what] = (counts[what] ?? 0) + 1
    return counts
  }

  /** Fails the next call of apply as if its answer were lost after everything was done. */
  loseAnswer(): void {
    this.server.inject({ method: 'apply', kind: 'fail', after: Infinity })
  }
}

/** n topics named t0, t1, …, without any field written. */
export function many(n: number, from = 0): Readonly<Record<string, object>> {
  return Object.fromEntries(Array.from({ length: n }, (_, index) => [`t${from + index}`, {}]))
}
