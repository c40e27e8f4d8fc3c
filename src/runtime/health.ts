/** One thing that was looked at, with a sentence for whoever reads it. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  readonly says: string
}

export interface Report {
  readonly ok: boolean
  readonly checks: readonly Check[]
}

/** The answer to the last ping; undefined: none has come yet. */
export interface PingOutcome {
  readonly ok: boolean
  readonly says: string
}

/** What the process knows of the lease, where replicas elect one leader. */
export interface LeaseFacts {
  readonly leading: boolean
  /** The API server has let it be read, and taken where it was free. */
  readonly known: boolean
  /** Milliseconds since it last did, or since it was first asked. */
  readonly age: number
  /** Who leads, or what stands in the way of knowing. */
  readonly says: string
}

/** What the process knows of itself, in milliseconds. */
export interface Facts {
  /** Undefined: there is no election, this process leads. */
  readonly lease: LeaseFacts | undefined
  readonly synced: boolean
  /** Age of the last sign of life on the quietest watch. */
  readonly watchAge: number
  /** Age of the oldest reconcile in flight. */
  readonly longestReconcile: number
  /** What a reconcile may take. */
  readonly deadline: number
  readonly ping: PingOutcome | undefined
}

/** API servers send a bookmark about every minute: 70 s of silence is one missed. */
const heartbeat = 70_000
/** The reflector mends a silent watch by itself after one heartbeat, so these are two that it could not and five in a row. */
const staleAfter = 2 * heartbeat
const deadAfter = 5 * heartbeat
/** A standby looks every two seconds. After as long as a lease is good it no longer knows who leads. */
const unknownAfter = 15_000
/** A reconcile that its signal has not ended long after its deadline will not end at all. */
const stuckAfterDeadlines = 3

/** Whether a restart would help. The state of the service is not in it: no restart mends that. */
export function healthOf(facts: Facts): Report {
  const { lease } = facts
  if (lease?.leading === false)
    return report([{ name: 'lease', ok: lease.age < deadAfter, says: lastWord(lease, deadAfter) }])
  const stuckAfter = stuckAfterDeadlines * facts.deadline
  return report([
    { name: 'watch', ok: facts.watchAge < deadAfter, says: silence(facts.watchAge, deadAfter) },
    {
      name: 'reconcile',
      ok: facts.longestReconcile < stuckAfter,
      says: `the longest reconcile in flight has run for ${seconds(facts.longestReconcile)}, allowed are ${seconds(stuckAfter)}`,
    },
  ])
}

/** Whether it can do its work now. The work of a standby is to know who leads; it has read nothing else yet. */
export function readinessOf(facts: Facts): Report {
  const lease = facts.lease === undefined ? [] : [leaseCheck(facts.lease)]
  if (facts.lease?.leading === false) return report([...lease, serviceCheck(facts)])
  return report([
    ...lease,
    {
      name: 'sources',
      ok: facts.synced,
      says: facts.synced
        ? 'the desired ConfigMaps have been read'
        : 'the desired ConfigMaps are being read for the first time',
    },
    { name: 'watch', ok: facts.watchAge < staleAfter, says: silence(facts.watchAge, staleAfter) },
    serviceCheck(facts),
  ])
}

/** Its age is no question for a leader: when its lease is in doubt it ends. */
function leaseCheck(lease: LeaseFacts): Check {
  if (lease.leading) return { name: 'lease', ok: true, says: lease.says }
  const ok = lease.known && lease.age < unknownAfter
  return { name: 'lease', ok, says: lastWord(lease, unknownAfter) }
}

function lastWord({ known, age, says }: LeaseFacts, allowed: number): string {
  const since = known ? `read ${seconds(age)} ago` : `asked for since ${seconds(age)}`
  return `${says}; ${since}, allowed are ${seconds(allowed)}`
}

function serviceCheck({ ping }: Facts): Check {
  return { name: 'service', ok: ping?.ok === true, says: ping?.says ?? 'the service has not answered yet' }
}

function report(checks: readonly Check[]): Report {
  return { ok: checks.every((check) => check.ok), checks }
}

function silence(age: number, allowed: number): string {
  return `the watch last spoke ${seconds(age)} ago, allowed are ${seconds(allowed)}`
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`
}
