import { ReconcileError } from '../../../src/errors.ts'
import type { TopicUse, Unknown } from '../delete-guard.ts'
import { pause } from '../../../src/client/abort.ts'
import { apis } from './apis.ts'
import type { Broker } from './broker.ts'
import type { Cluster } from './cluster.ts'
import { codes, wordsOf } from './failures.ts'
import { activeGroups, findBlindness } from './groups.ts'
import type { ActiveGroup } from './groups.ts'
import type { TopicMetadata } from './observe.ts'

/** Timestamps with a meaning of their own: the first offset that is kept, and the one after the last. */
const earliest = -2n
const latest = -1n
/** Reads as an ordinary consumer, and what is not committed too. */
const consumer = -1
const uncommitted = 0

/** A leader that was just named has still to open its log, the slower the more were made with it: 0.05 + 0.1 + … + 3.2 s. */
const firstPauseMs = 50
const lastPauseMs = 3_200

interface Findings {
  readonly records: Map<string, bigint | Unknown>
  readonly groups: ActiveGroup[]
  /** Why groups may be missing from `groups`. */
  blind: string | undefined
}

/** What each topic holds and who reads it: each leader is asked for offsets, each broker for the groups it coordinates. */
export async function findUse(
  cluster: Cluster,
  topics: readonly TopicMetadata[],
  signal: AbortSignal,
): Promise<(topic: string) => TopicUse> {
  const findings: Findings = { records: new Map(), groups: [], blind: undefined }
  for (const { name, partitions } of topics) {
    const leaderless = partitions.find(({ leader }) => leader < 0)
    findings.records.set(
      name,
      leaderless === undefined ? 0n : { why: `partition ${leaderless.index} has no leader` },
    )
  }
  const { brokers } = await cluster.call(apis.metadata, [[], false, false], signal)
  const known = new Set(brokers.map(({ nodeId }) => nodeId))
  for (const broker of brokers) await askBroker(cluster, broker, topics, findings, signal)
  const lost = topics.flatMap(({ name, partitions }) =>
    partitions.filter(({ leader }) => leader >= 0 && !known.has(leader)).map(() => name),
  )
  for (const name of lost) findings.records.set(name, { why: 'a leader is not among the brokers' })
  return (topic) => ({ records: findings.records.get(topic) ?? 0n, groups: readersOf(topic, findings) })
}

/** A broker that cannot be asked leaves questions open; it does not end the reconcile. */
async function askBroker(
  cluster: Cluster,
  { nodeId, host, port }: { readonly nodeId: number; readonly host: string; readonly port: number },
  topics: readonly TopicMetadata[],
  findings: Findings,
  signal: AbortSignal,
): Promise<void> {
  const led = topics
    .map(({ name, partitions }) => ({
      name,
      partitions: partitions.filter(({ leader }) => leader === nodeId),
    }))
    .filter(({ partitions }) => partitions.length > 0)
  try {
    await cluster.withBroker({ host, port }, signal, async (broker) => {
      await countRecords(broker, led, findings.records, signal)
      findings.blind ??= await findBlindness(broker, signal)
      findings.groups.push(...(await activeGroups(broker, signal)))
    })
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof ReconcileError)) throw error
    findings.blind ??= error.message
    for (const { name } of led) findings.records.set(name, { why: error.message })
  }
}

type Led = readonly { readonly name: string; readonly partitions: TopicMetadata['partitions'] }[]

async function countRecords(
  broker: Broker,
  led: Led,
  records: Map<string, bigint | Unknown>,
  signal: AbortSignal,
): Promise<void> {
  if (led.length === 0) return
  const ask = async (timestamp: bigint) => {
    const topics = led.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ index }) => ({
        partitionIndex: index,
        currentLeaderEpoch: -1,
        timestamp,
      })),
    }))
    for (let ms = firstPauseMs; ; ms *= 2) {
      const answer = await broker.call(apis.listOffsets, [consumer, uncommitted, topics], signal)
      const isNew = answer.topics.some(({ partitions }) =>
        partitions.some(({ errorCode }) => errorCode === codes.notLeader),
      )
      if (!isNew || ms > lastPauseMs) return answer.topics
      await pause(ms, signal)
    }
  }
  const answers = [
    { sign: 1n, topics: await ask(latest) },
    { sign: -1n, topics: await ask(earliest) },
  ]
  const offsets = answers.flatMap(({ sign, topics }) =>
    topics.flatMap(({ name, partitions }) => partitions.map((partition) => ({ name, sign, partition }))),
  )
  for (const { name, sign, partition } of offsets) {
    const sum = records.get(name) ?? 0n
    if (typeof sum !== 'bigint') continue
    const failed = partition.errorCode !== codes.none
    records.set(name, failed ? { why: wordsOf(partition) } : sum + sign * partition.offset)
  }
}

function readersOf(topic: string, { groups, blind }: Findings): readonly string[] | Unknown {
  const readers = groups
    .filter(({ topics }) => topics instanceof Set && topics.has(topic))
    .map(({ id }) => id)
  if (readers.length > 0) return readers
  const unclear = groups
    .map(({ topics }) => ('why' in topics ? topics.why : undefined))
    .find((why) => why !== undefined)
  const why = blind ?? unclear
  return why === undefined ? [] : { why }
}
