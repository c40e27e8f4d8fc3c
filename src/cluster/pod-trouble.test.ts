import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { podTroubles } from './pod-trouble.ts'

const pod = (status: object) => ({ items: [{ metadata: { name: 'kafka-0' }, status }] })
const waiting = (reason: string, more: object = {}) =>
  pod({ containerStatuses: [{ name: 'kafka', state: { waiting: { reason, message: 'why' } }, ...more }] })

describe('why a pod does not run', () => {
  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    ['is nothing while it starts', waiting('ContainerCreating'), []],
    ['is nothing when it runs', pod({ containerStatuses: [{ name: 'kafka', state: { running: {} } }] }), []],
    ['is an image', waiting('ImagePullBackOff'), ['kafka-0: container kafka: ImagePullBackOff: why']],
    [
      'is how it ended before',
      waiting('CrashLoopBackOff', { lastState: { terminated: { exitCode: 137 } } }),
      ['kafka-0: container kafka: CrashLoopBackOff: why (it ended with exit code 137 before)'],
    ],
    [
      'is an init container',
      pod({ initContainerStatuses: [{ name: 'a', state: { waiting: { reason: 'ErrImagePull' } } }] }),
      ['kafka-0: container a: ErrImagePull'],
    ],
    [
      'is the scheduler’s word',
      pod({ conditions: [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes are available' }] }),
      ['kafka-0: not scheduled: 0/1 nodes are available'],
    ],
    ['is nothing where there is no pod', { items: [] }, []],
  ]
  for (const [what, list, lines] of cases) it(what, () => assert.deepEqual(podTroubles(list), lines))
})
