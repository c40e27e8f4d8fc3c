import { z } from 'zod'
import { quote } from '../../src/core/quote.ts'

/** KRaft makes a topic in one operation of at most 10,000 records, and the topic itself is one of them. */
const maxPartitions = 9_999
/** The wire's int16. */
const maxReplicationFactor = 32_767

function lengthOf(value: unknown): number {
  return typeof value === 'string' ? value.length : 0
}

/** One entry's key: what Kafka itself accepts as a topic name (`org.apache.kafka.common.internals.Topic`). */
export const topicName = z
  .string()
  .min(1, 'a topic name must not be empty')
  .max(249, {
    error: ({ input }) => `a topic name has at most 249 characters, this one has ${lengthOf(input)}`,
  })
  .refine((name) => name !== '.' && name !== '..', 'a topic cannot be named "." or ".."')
  .regex(/^[a-zA-Z0-9._-]*$/, {
    error: ({ input }) =>
      `a topic name consists of a-z, A-Z, 0-9, ".", "_" and "-"; ${quote(input)} does not`,
  })
  .describe('The topic’s name: 1 to 249 characters of a-z, A-Z, 0-9, ".", "_" and "-".')

function wholeNumber(what: string, max: number) {
  const error = ({ input }: { readonly input?: unknown }) =>
    `${what} must be a whole number from 1 to ${max}, written without quotes; ${quote(input)} is not`
  return z.int({ error }).min(1, { error }).max(max, { error })
}

const configKey = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/, {
    error: ({ input }) =>
      `${quote(input)} is not a config key: keys are lower-case words joined by dots, without spaces`,
  })
  .refine((key) => !key.endsWith('.replication.throttled.replicas'), {
    error:
      'throttles belong to the tool that moves replicas, which sets and removes them; leave this key out',
  })

const configValue = z.preprocess(
  (value) => (typeof value === 'bigint' ? value.toString() : value),
  z.union([z.string(), z.number(), z.boolean()], {
    error: ({ input }) =>
      input === null
        ? 'a config value must not be null; to return to the default, leave the key out'
        : `a config value is a string, a number or a boolean; ${quote(input)} is not`,
  }),
)

/** Zod leaves a key `__proto__` out of a record in silence; a document that has one must hear of it. */
function refuseProto(value: unknown, context: z.RefinementCtx): unknown {
  if (value !== null && typeof value === 'object' && Object.hasOwn(value, '__proto__')) {
    context.addIssue({ code: 'custom', path: ['__proto__'], message: '"__proto__" is not a config key' })
  }
  return value
}

const config = z.preprocess(
  refuseProto,
  z.record(configKey, configValue, {
    error: (issue) =>
      issue.code === 'invalid_key'
        ? issue.issues.map(({ message }) => message).join('; ')
        : 'config must be a map from config key to value',
  }),
)

/** One entry of `topics.yaml`. What is left out is not compared; at creation the broker's default fills it. */
export const topicSchema = z.strictObject(
  {
    partitions: wholeNumber('partitions', maxPartitions)
      .optional()
      .describe(
        'Number of partitions. It can grow, never shrink. Left out: the broker’s default, then not compared.',
      ),
    'replication-factor': wholeNumber('replication-factor', maxReplicationFactor)
      .optional()
      .describe('Replicas of each partition, at most the number of brokers. Left out: the broker’s default.'),
    config: config
      .optional()
      .describe(
        'Topic configs by key, e.g. "retention.ms": "86400000". Keys that are left out are not compared.',
      ),
  },
  {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys')
        return 'a topic is a map of partitions, replication-factor and config'
      return `${issue.keys.map((key) => quote(key)).join(', ')} is not known here; a topic has partitions, replication-factor and config`
    },
  },
)

/** One topic as people write it; integers of any size have become text by then. */
export type WrittenTopic = z.output<typeof topicSchema>
