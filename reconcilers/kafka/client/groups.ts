import { apis } from './apis.ts'
import type { Broker } from './broker.ts'
import { assignedTopics, subscribedTopics } from './consumer-protocol.ts'
import { codes, wordsOf } from './failures.ts'

/** An active consumer group and the topics it reads; a sentence where they cannot be found out. */
export interface ActiveGroup {
  readonly id: string
  readonly topics: ReadonlySet<string> | { readonly why: string }
}

/** States of a group without members. */
const inactive = new Set(['empty', 'dead'])
/** Groups described per request. */
const chunk = 100

/**
 * ListGroups leaves out, in silence, the groups this principal may not describe. So a group that cannot exist is asked
 * for: the broker refuses before it looks. Undefined: every group can be seen.
 */
export async function findBlindness(broker: Broker, signal: AbortSignal): Promise<string | undefined> {
  const { groups } = await broker.call(
    apis.describeGroups,
    [[`infometis-${crypto.randomUUID()}`], false],
    signal,
  )
  const denied = groups.find(({ errorCode }) => errorCode === codes.groupAuthorizationFailed)
  return denied && `grant Describe on every consumer group: ${wordsOf(denied)}`
}

/** The active groups whose coordinator this broker is. */
export async function activeGroups(broker: Broker, signal: AbortSignal): Promise<readonly ActiveGroup[]> {
  const { groups } = await broker.call(apis.listGroups, [[], []], signal)
  const active = groups.filter(({ groupState }) => !inactive.has(groupState.toLowerCase()))
  const byType = Map.groupBy(active, ({ groupType }) => groupType.toLowerCase())
  const found: ActiveGroup[] = []
  for (const [type, of] of byType) {
    const ids = of.map(({ groupId }) => groupId)
    for (let from = 0; from < ids.length; from += chunk) {
      found.push(...(await describe(type, ids.slice(from, from + chunk), broker, signal)))
    }
  }
  return found
}

async function describe(
  type: string,
  ids: readonly string[],
  broker: Broker,
  signal: AbortSignal,
): Promise<readonly ActiveGroup[]> {
  if (type === 'classic' || type === '') return describeClassic(ids, broker, signal)
  if (type === 'consumer') return describeConsumers(ids, broker, signal)
  return ids.map((id) => ({
    id,
    topics: { why: `group ${id} is a ${type} group, and their topics are not read yet` },
  }))
}

async function describeClassic(
  ids: readonly string[],
  broker: Broker,
  signal: AbortSignal,
): Promise<readonly ActiveGroup[]> {
  const { groups } = await broker.call(apis.describeGroups, [[...ids], false], signal)
  return groups.map((group) => {
    if (group.errorCode !== codes.none) return unknown(group.groupId, wordsOf(group))
    const members = [...group.members.values()]
    const topics = members.flatMap((member) => [
      ...subscribedTopics(member.memberMetadata),
      ...assignedTopics(member.memberAssignment),
    ])
    return { id: group.groupId, topics: new Set(topics) }
  })
}

async function describeConsumers(
  ids: readonly string[],
  broker: Broker,
  signal: AbortSignal,
): Promise<readonly ActiveGroup[]> {
  const { groups } = await broker.call(apis.describeConsumerGroups, [[...ids], false], signal)
  return groups.map((group) => {
    if (group.errorCode !== codes.none) return unknown(group.groupId, wordsOf(group))
    const topics = group.members.flatMap((member) => [
      ...member.subscribedTopicNames,
      ...member.assignment.topicPartitions.map(({ topicName }) => topicName),
      ...member.targetAssignment.topicPartitions.map(({ topicName }) => topicName),
    ])
    return { id: group.groupId, topics: new Set(topics) }
  })
}

function unknown(id: string, why: string): ActiveGroup {
  return { id, topics: { why: `group ${id}: ${why}` } }
}
