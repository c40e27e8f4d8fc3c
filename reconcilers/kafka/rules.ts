import type { Change, FieldChange, Json } from '../../src/core/resource.ts'
import type { Finding, Rule, RuleContext } from '../../src/core/rules.ts'
import { isInternal } from './normalize.ts'
import type { Topic } from './normalize.ts'

type Judge = (change: Change<Topic>, context: RuleContext<Topic>) => Finding | undefined

/** Configs whose smaller value lets the broker remove records sooner; a negative value is "no limit". */
const retentions = [
  'retention.ms',
  'retention.bytes',
  'local.retention.ms',
  'local.retention.bytes',
  'delete.retention.ms',
]

/** What Kafka is told of a topic is never changed behind its owner's back: every rule that stands between a plan and a broker. */
export const topicRules: readonly Rule<Topic>[] = [
  {
    code: 'InternalTopic',
    severity: 'refused',
    says: 'A topic whose name starts with "__" is Kafka’s own and is never created, changed or deleted.',
    wayOut: 'Remove the entry; Kafka and its tools keep this topic themselves.',
    judge: ({ action, name }) =>
      isInternal(name)
        ? { message: `${name} is an internal topic and cannot be ${past[action]} here` }
        : undefined,
  },
  {
    code: 'PartitionsDecrease',
    severity: 'refused',
    says: 'Partitions cannot be removed from a topic.',
    wayOut: 'Write the number the topic has, or make a new topic and move the records.',
    judge: onUpdate('partitions', ({ before, after }) =>
      typeof before === 'number' && typeof after === 'number' && after < before
        ? `the topic has ${before} partitions and Kafka cannot reduce them to ${after}`
        : undefined,
    ),
  },
  {
    code: 'ReplicationFactorChange',
    severity: 'refused',
    says: 'The replication factor of an existing topic is not changed yet.',
    wayOut: 'Write the replication factor the topic has; a later version of InfoMetis moves replicas.',
    judge: onUpdate('replication-factor', ({ before, after }) =>
      after === undefined
        ? undefined
        : `the topic has replication factor ${show(before)}; changing it to ${show(after)} means moving replicas, which this version does not do (while a reassignment runs, the number may be off for a time)`,
    ),
  },
  {
    code: 'NameCollision',
    severity: 'refused',
    says: 'Two topics whose names differ only in "." and "_" cannot exist side by side.',
    wayOut: 'Rename the topic: its metrics could not be told from the other’s.',
    judge: judgeCollision,
  },
  {
    code: 'MinInsyncReplicas',
    severity: 'refused',
    says: 'min.insync.replicas must not be greater than the replication factor.',
    wayOut: 'Lower min.insync.replicas; producers with acks=all could never write.',
    judge: judgeMinInsyncReplicas,
  },
  {
    code: 'CompactToDelete',
    severity: 'held',
    says: 'Adding "delete" to the cleanup.policy of a compacted topic waits for approval.',
    wayOut: 'Approve it if the records may go once they are older than retention.ms.',
    judge: onUpdate('config.cleanup.policy', ({ before, after }) =>
      has(before, 'compact') && !has(before, 'delete') && (after === undefined || has(after, 'delete'))
        ? `the topic keeps the latest record of every key; with cleanup.policy ${show(after)} it would remove records by age and size`
        : undefined,
    ),
  },
  {
    code: 'CompactionAdded',
    severity: 'held',
    says: 'Adding "compact" to the cleanup.policy of a topic that is not compacted waits for approval.',
    wayOut: 'Approve it if only the latest record of each key is needed and every record has a key.',
    judge: onUpdate('config.cleanup.policy', ({ before, after }) =>
      before !== undefined && !has(before, 'compact') && has(after, 'compact')
        ? `the topic keeps every record; with cleanup.policy ${show(after)} it would remove all but the latest of each key`
        : undefined,
    ),
  },
  {
    code: 'RetentionShortened',
    severity: 'held',
    onlyCause: 'drift',
    says: 'Retention that somebody lengthened on the broker is shortened again only with approval.',
    wayOut: 'Write the longer retention, or approve: records that are older go at once.',
    judge: (change) =>
      firstOf(
        retentions.map((key) => judgeRetention(key)),
        change,
      ),
  },
  {
    code: 'UncleanElection',
    severity: 'held',
    says: 'Enabling unclean.leader.election.enable on an existing topic waits for approval.',
    wayOut: 'Approve it if an available topic is worth more than its latest records.',
    judge: onUpdate('config.unclean.leader.election.enable', ({ before, after }) =>
      before !== 'true' && after === 'true'
        ? 'a replica that is behind could become leader at once, and acknowledged records would be lost'
        : undefined,
    ),
  },
  {
    code: 'RemoteStorageDisabled',
    severity: 'held',
    says: 'Turning off remote.storage.enable waits for approval.',
    wayOut: 'Approve it if the records in remote storage may be deleted.',
    judge: onUpdate('config.remote.storage.enable', ({ before, after }) =>
      before === 'true' && after !== 'true'
        ? 'Kafka deletes what it keeps in remote storage for this topic'
        : undefined,
    ),
  },
  {
    code: 'DeletesData',
    severity: 'held',
    says: 'A topic that holds records is deleted only with approval.',
    wayOut: 'Approve the deletion, or let the records expire first.',
  },
  {
    code: 'TopicInUse',
    severity: 'held',
    says: 'A topic that an active consumer group reads is deleted only with approval.',
    wayOut: 'Stop the consumers, or approve the deletion.',
  },
  {
    code: 'DeletesDataInUse',
    severity: 'held',
    says: 'A topic that holds records and has active readers is deleted only with an approval for both.',
    wayOut: 'Stop the consumers, or approve the deletion.',
  },
]

const past = { create: 'created', update: 'changed', replace: 'replaced', delete: 'deleted' } as const

function show(value: Json | undefined): string {
  if (value === undefined) return 'the default'
  return typeof value === 'string' ? `"${value}"` : JSON.stringify(value)
}

function has(policy: Json | undefined, word: string): boolean {
  return typeof policy === 'string' && policy.split(',').includes(word)
}

/** A rule over one field of an update: the finding withholds that field, the rest of the entry goes on. */
function onUpdate(path: string, sentence: (field: FieldChange) => string | undefined): Judge {
  return ({ action, fields }) => {
    const field = action === 'update' ? fields.find((each) => each.path === path) : undefined
    const message = field === undefined ? undefined : sentence(field)
    return message === undefined ? undefined : { fields: [path], message }
  }
}

function judgeRetention(
  key: string,
): (field: readonly FieldChange[]) => { path: string; message: string } | undefined {
  const path = `config.${key}`
  return (fields) => {
    const field = fields.find((each) => each.path === path)
    if (field?.cause !== 'drift' || !isShorter(field.before, field.after)) return undefined
    return {
      path,
      message: `${key} is ${show(field.before)} on the broker, and ${show(field.after)} would shorten it`,
    }
  }
}

/** Several fields can be shortened in one change; the finding names them all. */
function firstOf(
  judges: readonly ReturnType<typeof judgeRetention>[],
  { action, fields }: Change<Topic>,
): Finding | undefined {
  if (action !== 'update') return undefined
  const found = judges.map((judge) => judge(fields)).filter((each) => each !== undefined)
  if (found.length === 0) return undefined
  return { fields: found.map(({ path }) => path), message: found.map(({ message }) => message).join('; ') }
}

function isShorter(before: Json | undefined, after: Json | undefined): boolean {
  const from = limit(before)
  const to = limit(after)
  if (to === undefined || to < 0n) return false
  return from !== undefined && (from < 0n || to < from)
}

function limit(value: Json | undefined): bigint | undefined {
  return typeof value === 'string' && /^-?\d+$/.test(value) ? BigInt(value) : undefined
}

function judgeMinInsyncReplicas({ action, desired, observed, fields }: Change<Topic>): Finding | undefined {
  const path = 'config.min.insync.replicas'
  const wanted = limit(fields.find((field) => field.path === path)?.after)
  const replicas = (observed ?? desired)?.fields.get('replication-factor')
  if (
    action === 'delete' ||
    wanted === undefined ||
    typeof replicas !== 'number' ||
    wanted <= BigInt(replicas)
  )
    return undefined
  const message = `min.insync.replicas ${wanted} is greater than the replication factor ${replicas}`
  return action === 'create' ? { message } : { fields: [path], message }
}

/** Names by the spelling that metrics use for them. Kept per list, so that a thousand creates do not index it a thousand times. */
const spellings = new WeakMap<readonly unknown[], ReadonlyMap<string, readonly string[]>>()

function bySpelling(names: readonly (string | Topic)[]): ReadonlyMap<string, readonly string[]> {
  const known = spellings.get(names)
  if (known !== undefined) return known
  const index = Map.groupBy(
    names.map((each) => (typeof each === 'string' ? each : each.name)),
    (name) => name.replaceAll('.', '_'),
  )
  spellings.set(names, index)
  return index
}

function judgeCollision(
  { action, name }: Change<Topic>,
  { desired, names }: RuleContext<Topic>,
): Finding | undefined {
  if (action !== 'create') return undefined
  const spelling = name.replaceAll('.', '_')
  const other = (list: readonly (string | Topic)[]) =>
    bySpelling(list)
      .get(spelling)
      ?.find((each) => each !== name)
  const written = other(desired)
  if (written !== undefined)
    return { message: `${name} and ${written} are both written and differ only in "." and "_"` }
  const existing = other(names)
  return existing === undefined
    ? undefined
    : { message: `${name} differs only in "." and "_" from ${existing}, which exists` }
}
