import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Facts, LeaseFacts } from './health.ts'
import { healthOf, readinessOf } from './health.ts'

const well: Facts = {
  synced: true,
  watchAge: 60_000,
  longestReconcile: 1_000,
  deadline: 120_000,
  ping: { ok: true, says: 'version 4.3, cluster abc' },
  lease: undefined,
}

const standby: LeaseFacts = { leading: false, known: true, age: 2_000, says: 'pod-a_1 leads' }
/** Nothing but the lease has been looked at. */
const unread = { synced: false, watchAge: 86_400_000 }

interface Case {
  readonly says: string
  readonly facts: Partial<Facts>
  readonly healthy: boolean
  readonly ready: boolean
  /** The check that fails, if one does. */
  readonly culprit?: string
}

const cases: readonly Case[] = [
  { says: 'all is well', facts: {}, healthy: true, ready: true },
  {
    says: 'the first list is not read',
    facts: { synced: false },
    healthy: true,
    ready: false,
    culprit: 'sources',
  },
  { says: 'one heartbeat is late', facts: { watchAge: 139_999 }, healthy: true, ready: true },
  {
    says: 'two heartbeats are missed',
    facts: { watchAge: 140_000 },
    healthy: true,
    ready: false,
    culprit: 'watch',
  },
  {
    says: 'five heartbeats are missed',
    facts: { watchAge: 350_000 },
    healthy: false,
    ready: false,
    culprit: 'watch',
  },
  {
    says: 'a reconcile is past its deadline',
    facts: { longestReconcile: 300_000 },
    healthy: true,
    ready: true,
  },
  {
    says: 'a reconcile has run for three deadlines',
    facts: { longestReconcile: 360_000 },
    healthy: false,
    ready: true,
    culprit: 'reconcile',
  },
  {
    says: 'nobody has pinged the service',
    facts: { ping: undefined },
    healthy: true,
    ready: false,
    culprit: 'service',
  },
  {
    says: 'the service does not answer',
    facts: { ping: { ok: false, says: 'ServiceUnreachable: refused' } },
    healthy: true,
    ready: false,
    culprit: 'service',
  },
  { says: 'it stands by', facts: { ...unread, lease: standby }, healthy: true, ready: true },
  {
    says: 'it leads and has not read the first list',
    facts: { synced: false, lease: { ...standby, leading: true } },
    healthy: true,
    ready: false,
    culprit: 'sources',
  },
  {
    says: 'it leads, its lease being good without being looked at',
    facts: { lease: { ...standby, leading: true, age: 900_000 } },
    healthy: true,
    ready: true,
  },
  {
    says: 'it has not read the lease yet',
    facts: { ...unread, lease: { ...standby, known: false } },
    healthy: true,
    ready: false,
    culprit: 'lease',
  },
  {
    says: 'it stands by and the lease was last read 14 s ago',
    facts: { ...unread, lease: { ...standby, age: 14_999 } },
    healthy: true,
    ready: true,
  },
  {
    says: 'it stands by and no longer knows who leads',
    facts: { ...unread, lease: { ...standby, age: 15_000 } },
    healthy: true,
    ready: false,
    culprit: 'lease',
  },
  {
    says: 'it has not been able to read the lease for six minutes',
    facts: { ...unread, lease: { ...standby, age: 350_000 } },
    healthy: false,
    ready: false,
    culprit: 'lease',
  },
  {
    says: 'it stands by beside a service that does not answer',
    facts: { ...unread, lease: standby, ping: { ok: false, says: 'ServiceUnreachable: refused' } },
    healthy: true,
    ready: false,
    culprit: 'service',
  },
]

for (const { says, facts, healthy, ready, culprit } of cases) {
  test(`when ${says} it is ${healthy ? '' : 'not '}healthy and ${ready ? '' : 'not '}ready`, () => {
    const reports = [healthOf({ ...well, ...facts }), readinessOf({ ...well, ...facts })]
    assert.deepEqual(
      reports.map((report) => report.ok),
      [healthy, ready],
    )
    const failing = reports.flatMap((report) =>
      report.checks.filter((check) => !check.ok).map((check) => check.name),
    )
    assert.deepEqual([...new Set(failing)], culprit === undefined ? [] : [culprit])
  })
}

test('every check is a sentence with the age and what is allowed', () => {
  const { checks } = readinessOf({ ...well, watchAge: 141_000 })
  assert.deepEqual(
    checks.map((check) => check.says),
    [
      'the desired ConfigMaps have been read',
      'the watch last spoke 141 s ago, allowed are 140 s',
      'version 4.3, cluster abc',
    ],
  )
})

test('a standby says who leads and how old that is', () => {
  const { checks } = readinessOf({ ...well, ...unread, lease: standby })
  assert.deepEqual(
    checks.map((check) => check.says),
    ['pod-a_1 leads; read 2 s ago, allowed are 15 s', 'version 4.3, cluster abc'],
  )
  const unknown = { ...standby, known: false, age: 20_000, says: 'the lease has not been read yet' }
  assert.equal(
    healthOf({ ...well, ...unread, lease: unknown }).checks[0]?.says,
    'the lease has not been read yet; asked for since 20 s, allowed are 350 s',
  )
})
