import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KafkaReconciler } from '../../reconcilers/kafka/reconciler.ts'
import type { State } from '../reconcile/state.ts'
import type { Status } from './cluster.ts'
import { select } from './select.ts'
import { age } from './status.ts'
import { detailLines, wayOuts } from './status-details.ts'

const ways = wayOuts([new KafkaReconciler()])

function statusOf(key: string, state: Partial<State> = {}): Status {
  const [namespace = '', name = ''] = key.split('/')
  return {
    key,
    namespace,
    name,
    object: `${name}-status`,
    resourceVersion: '1',
    component: 'kafka',
    instance: '',
    type: 'topics',
    state: {
      ready: 'False',
      reason: 'ChangesRefused',
      message: '1 refused',
      observedHash: '',
      clusterId: undefined,
      reconciledAt: undefined,
      conditions: [],
      summary: '1 refused',
      resources: [],
      plan: undefined,
      history: [],
      approval: undefined,
      inventory: new Map(),
      ...state,
    },
  }
}

describe('the time since Ready changed', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0s'],
    [119_000, '119s'],
    [120_000, '2m'],
    [7_199_000, '119m'],
    [7_200_000, '2h'],
    [172_800_000, '2d'],
    [-5_000, '0s'],
  ]
  for (const [ms, expected] of cases) {
    it(`is ${expected} after ${ms} ms`, () => assert.equal(age('1970-01-01T00:00:00.000Z', ms), expected))
  }

  it('is not known for what is no time', () => assert.equal(age('', 0), '<unknown>'))
})

describe('the details of a ConfigMap', () => {
  it('are none when it is Ready', () => {
    assert.deepEqual(detailLines(statusOf('a/b', { ready: 'True', reason: 'Succeeded' }), ways), [])
  })

  it('name each entry, the withheld changes, every way out once, and the command that approves', () => {
    const resources = [
      {
        type: 'topics',
        name: 'x',
        state: 'invalid',
        reason: 'InvalidDocument',
        message: 'x.partitions:\nwrong',
      },
      { type: 'topics', name: 'y', state: 'refused', reason: 'PartitionsDecrease', message: 'no' },
      { type: 'topics', name: 'z', state: 'held', reason: 'AdoptionDiffers', message: 'wait' },
      { type: 'topics', name: 'w', state: 'held', reason: 'AdoptionDiffers', message: 'wait' },
    ] as const
    const plan = {
      hash: '0123456789ab',
      text: '! topics/y  update refused (PartitionsDecrease): no',
      changes: [],
    }
    const lines = detailLines(statusOf('team/a', { resources, plan }), ways)
    assert.deepEqual(lines.slice(0, 2), [
      '  topics/x  invalid (InvalidDocument): x.partitions: wrong',
      '  ! topics/y  update refused (PartitionsDecrease): no',
    ])
    const advice = lines.slice(2, -1).map((text) => /^ {2}→ (\w+): \S/.exec(text)?.[1])
    assert.deepEqual(advice, ['ChangesRefused', 'InvalidDocument', 'PartitionsDecrease', 'AdoptionDiffers'])
    assert.equal(
      lines.at(-1),
      '  To let the held changes through: infometis approve team/a --hash 0123456789ab',
    )
  })

  it('carry the way out of what concerns the whole, such as a service that cannot be reached', () => {
    const lines = detailLines(statusOf('team/a', { ready: 'Unknown', reason: 'ServiceUnreachable' }), ways)
    assert.deepEqual(lines, [
      '  → ServiceUnreachable: Check that the service runs and that its address is right.',
    ])
  })

  it('name the entries that a plan would show when the plan is not kept', () => {
    const held = {
      type: 'topics',
      name: 'z',
      state: 'held',
      reason: 'AdoptionDiffers',
      message: 'wait',
    } as const
    const [first] = detailLines(statusOf('team/a', { resources: [held] }), ways)
    assert.equal(first, '  topics/z  held (AdoptionDiffers): wait')
  })
})

describe('the ConfigMap a person means', () => {
  const all = [
    statusOf('team/a'),
    statusOf('other/a'),
    statusOf('other/only'),
    statusOf('third/twice'),
    statusOf('x/twice'),
  ]
  const cases: readonly (readonly [string, string])[] = [
    ['other/a', 'other/a'],
    ['a', 'team/a'],
    ['only', 'other/only'],
    ['only-status', 'other/only'],
  ]
  for (const [wanted, expected] of cases) {
    it(`by ${wanted} is ${expected}`, () => assert.equal(select(all, wanted, 'team').key, expected))
  }

  it('must be said with its namespace when several have it and none is the reconciler’s', () => {
    assert.throws(() => select(all, 'twice', 'team'), {
      code: 1,
      message: /say which: third\/twice, x\/twice/,
    })
  })

  it('is unknown with the nearest known one', () => {
    assert.throws(() => select(all, 'onyl', 'team'), {
      code: 1,
      message: /unknown ConfigMap "onyl"; did you mean "only"\?/,
    })
  })
})
