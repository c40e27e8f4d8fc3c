import type { Lease, LeaseRecord } from '../../src/reconcile/lease.ts'

export type LeaseVerb = 'read' | 'take' | 'renew' | 'release'

/** The one lease, as an API server keeps it: a write goes through only over the version that was read. */
export class LeaseBoard {
  record: LeaseRecord | undefined
  /** What was asked, as `VERB IDENTITY`. */
  readonly asked: string[] = []
  /** Fails a request, before or after it was done. */
  fault: (verb: LeaseVerb, identity: string, moment: 'before' | 'after') => void = () => undefined
  #versions = 0

  put(holder: string, transitions = this.record?.transitions ?? 0, durationMs = 15_000): LeaseRecord {
    this.#versions += 1
    this.record = { holder, durationMs, transitions, version: String(this.#versions), object: {} }
    return this.record
  }

  lease(identity: string): Lease & { closed: boolean } {
    const ask = async (verb: LeaseVerb, work: () => LeaseRecord | undefined, signal: AbortSignal) => {
      signal.throwIfAborted()
      this.asked.push(`${verb} ${identity}`)
      this.fault(verb, identity, 'before')
      const answer = work()
      this.fault(verb, identity, 'after')
      return answer
    }
    const write = (
      verb: LeaseVerb,
      over: LeaseRecord | undefined,
      work: () => LeaseRecord,
      signal: AbortSignal,
    ) => ask(verb, () => (over?.version === this.record?.version ? work() : undefined), signal)
    return {
      name: 'infometis-kafka',
      identity,
      closed: false,
      read: (signal) => ask('read', () => this.record, signal),
      take: (record, signal) =>
        write(
          'take',
          record,
          () => this.put(identity, record === undefined ? 0 : record.transitions + 1),
          signal,
        ),
      renew: (record, signal) => write('renew', record, () => this.put(identity), signal),
      release: (record, signal) => write('release', record, () => this.put('', undefined, 1_000), signal),
      close() {
        this.closed = true
      },
    }
  }
}
