import type { Subject } from './subject.ts'

const orders = {
  partitions: 3,
  'replication-factor': 1,
  config: { 'retention.ms': '86400000', 'cleanup.policy': 'delete' },
}
const users = { partitions: 1, 'replication-factor': 1, config: { 'cleanup.policy': 'compact' } }

/** What the contract writes into Kafka. Retention shortened behind our back is drift that is corrected unasked. */
export const kafkaExamples: Subject['examples'] = {
  written: { orders, users },
  respelled: {
    users: { config: { 'cleanup.policy': ' compact ' }, 'replication-factor': 1, partitions: 1 },
    orders: { partitions: 3, config: { 'cleanup.policy': 'delete', 'retention.ms': 86_400_000 } },
  },
  changed: { orders: { ...orders, config: { ...orders.config, 'retention.ms': 3_600_000 } }, users },
  shrunk: { orders },
  drift: { path: 'config.retention.ms', before: '60000', after: '86400000' },
  invalid: { entry: { partitions: 'three' }, path: 'partitions' },
  rejected: { entry: { config: { 'no.such.key': '1' } }, words: /no\.such\.key/ },
  refusals: [
    { code: 'PartitionsDecrease', before: { orders }, after: { orders: { ...orders, partitions: 2 } } },
    {
      code: 'ReplicationFactorChange',
      before: { orders },
      after: { orders: { ...orders, 'replication-factor': 2 } },
    },
    { code: 'InternalTopic', after: { __mine: { partitions: 1 } } },
    { code: 'NameCollision', before: { 'a.b': {} }, after: { 'a.b': {}, a_b: {} } },
    {
      code: 'MinInsyncReplicas',
      before: { orders },
      after: { orders: { ...orders, config: { ...orders.config, 'min.insync.replicas': 2 } } },
    },
    {
      code: 'CompactToDelete',
      before: { users },
      after: { users: { ...users, config: { 'cleanup.policy': 'compact, delete' } } },
    },
    { code: 'EmptyDocument', before: { orders }, after: {}, controls: { policy: 'sync' } },
  ],
}
