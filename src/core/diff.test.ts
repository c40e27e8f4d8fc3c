import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { field, found, made, wanted } from '../../test/support/resources.ts'
import { diff, ignoring, retained } from './diff.ts'
import type { InventoryEntry } from './inventory.ts'
import type { FieldChange, Resource } from './resource.ts'

const never = ignoring([])

interface Case {
  readonly says: string
  readonly desired: Resource
  readonly observed: Resource
  readonly entry?: InventoryEntry
  readonly ignore?: readonly string[]
  readonly changes: readonly FieldChange[]
}

const inherited: Resource = { ...found('a', { x: 1, y: 2 }), explicit: new Set(['x']) }
const cases: readonly Case[] = [
  {
    says: 'finds nothing between equals',
    desired: wanted('a', { x: 1 }),
    observed: found('a', { x: 1 }),
    changes: [],
  },
  {
    says: 'does not compare what is not written',
    desired: wanted('a', { x: 1 }),
    observed: found('a', { x: 1, y: 'the service’s default' }),
    changes: [],
  },
  {
    says: 'sorts its changes by path',
    desired: wanted('a', { z: 1, b: 1, m: 1 }),
    observed: found('a'),
    changes: [
      field('b', undefined, 1, 'adoption'),
      field('m', undefined, 1, 'adoption'),
      field('z', undefined, 1, 'adoption'),
    ],
  },
  {
    says: 'calls a difference of something we never owned an adoption',
    desired: wanted('a', { x: 1 }),
    observed: found('a', { x: 2 }),
    changes: [field('x', 2, 1, 'adoption')],
  },
  {
    says: 'calls it drift where the very value was applied before',
    desired: wanted('a', { x: 1 }),
    observed: found('a', { x: 2 }),
    entry: made('a', { x: 1 }),
    changes: [field('x', 2, 1, 'drift')],
  },
  {
    says: 'calls it written where Git says something new',
    desired: wanted('a', { x: 3 }),
    observed: found('a', { x: 1 }),
    entry: made('a', { x: 1 }),
    changes: [field('x', 1, 3)],
  },
  {
    says: 'calls it written where Git says something new and somebody drifted besides',
    desired: wanted('a', { x: 3 }),
    observed: found('a', { x: 2 }),
    entry: made('a', { x: 1 }),
    changes: [field('x', 2, 3)],
  },
  {
    says: 'does not take for drift what a crashed pass of ours may have set before Git went back',
    desired: wanted('a', { x: 1 }),
    observed: found('a', { x: 2 }),
    entry: made('a', { x: 1 }, { intended: { x: 2 } }),
    changes: [field('x', 2, 1)],
  },
  {
    says: 'removes a key that this ConfigMap set before and that is set on the resource',
    desired: wanted('a'),
    observed: found('a', { x: 1 }),
    entry: made('a', { x: 1 }),
    changes: [field('x', 1)],
  },
  {
    says: 'removes a key that a crashed pass may have set',
    desired: wanted('a'),
    observed: found('a', { x: 1 }),
    entry: made('a', {}, { intended: { x: 1 } }),
    changes: [field('x', 1)],
  },
  {
    says: 'removes no key that somebody else set',
    desired: wanted('a'),
    observed: found('a', { x: 1 }),
    entry: made('a', { y: 1 }),
    changes: [],
  },
  {
    says: 'removes no key of something that is not ours',
    desired: wanted('a'),
    observed: found('a', { x: 1 }),
    changes: [],
  },
  {
    says: 'removes no key that is only inherited by now',
    desired: wanted('a'),
    observed: inherited,
    entry: made('a', { y: 2 }),
    changes: [],
  },
  {
    says: 'removes no key that the service cannot remove',
    desired: wanted('a', { x: 1 }),
    observed: { ...found('a', { x: 1, y: 2 }), permanent: new Set(['y']) },
    entry: made('a', { x: 1, y: 2 }),
    changes: [],
  },
  {
    says: 'sets a key that the service could not remove',
    desired: wanted('a', { y: 3 }),
    observed: { ...found('a', { y: 2 }), permanent: new Set(['y']) },
    entry: made('a', { y: 2 }),
    changes: [field('y', 2, 3)],
  },
  {
    says: 'removes every key that a whole document does not name: ours as written, another’s as drift',
    desired: { ...wanted('a', { x: 1 }), whole: true },
    observed: found('a', { x: 1, y: 2, z: 3 }),
    entry: made('a', { x: 1, y: 2 }),
    changes: [field('y', 2), field('z', 3, undefined, 'drift')],
  },
  {
    says: 'removes for a whole document no inherited, no permanent and no ignored key',
    desired: { ...wanted('a'), whole: true },
    observed: {
      ...found('a', { inherited: 1, permanent: 1, ignored: 1, extra: 1 }),
      explicit: new Set(['permanent', 'ignored', 'extra']),
      permanent: new Set(['permanent']),
    },
    entry: made('a'),
    ignore: ['ignored'],
    changes: [field('extra', 1, undefined, 'drift')],
  },
  {
    says: 'takes every key for explicit where the service makes no difference',
    desired: { ...wanted('a'), whole: true },
    observed: { type: 'topics', name: 'a', fields: new Map([['x', 1]]) },
    entry: made('a'),
    changes: [field('x', 1, undefined, 'drift')],
  },
  {
    says: 'calls it an adoption where a whole document takes a key from what was there before us',
    desired: { ...wanted('a'), whole: true },
    observed: found('a', { x: 1 }),
    changes: [field('x', 1, undefined, 'adoption')],
  },
  {
    says: 'never compares an ignored path',
    desired: wanted('a', { x: 1 }),
    observed: found('a', { x: 2, y: 2 }),
    entry: made('a', { x: 1, y: 2 }),
    ignore: ['x', 'y'],
    changes: [],
  },
  {
    says: 'compares values, not spellings of objects',
    desired: wanted('a', { x: { b: 1, a: 2 } }),
    observed: found('a', { x: { a: 2, b: 1 } }),
    changes: [],
  },
  {
    says: 'treats a path named "__proto__" like any other',
    desired: { ...wanted('a'), fields: new Map([['__proto__', 1]]) },
    observed: found('a'),
    entry: made('a'),
    changes: [field('__proto__', undefined, 1)],
  },
]

describe('the way from observed to desired', () => {
  for (const { says, desired, observed, entry, ignore, changes } of cases) {
    it(says, () => {
      assert.deepEqual(
        diff(desired, observed, entry, ignore === undefined ? never : ignoring(ignore)),
        changes,
      )
    })
  }
})

describe('what the service cannot remove', () => {
  const observed = { ...found('a', { p: 1, q: 1, r: 1 }), permanent: new Set(['p', 'q', 'gone']) }
  const entry = made('a', { q: 1, p: 1, r: 1, gone: 1 })

  it('is told of what we set and no longer write, in the order of paths', () => {
    assert.deepEqual(retained(wanted('a'), observed, entry, never), ['p', 'q'])
  })
  it('is told of what a crashed pass may have set', () => {
    const intended = made('a', {}, { intended: { p: 1, q: 2 } })
    assert.deepEqual(retained(wanted('a'), observed, intended, never), ['p'], 'q has another value')
  })
  it('is not told of what is written, ignored, another’s, or nobody’s', () => {
    assert.deepEqual(retained(wanted('a', { p: 2 }), observed, entry, never), ['q'])
    assert.deepEqual(retained(wanted('a'), observed, entry, ignoring(['q'])), ['p'])
    assert.deepEqual(retained(wanted('a'), observed, made('a', { q: 1 }), never), ['q'])
    assert.deepEqual(retained(wanted('a'), observed, undefined, never), [])
    assert.deepEqual(retained(wanted('a'), found('a', { p: 1 }), entry, never), [])
  })
})

describe('ignore rules', () => {
  const paths: readonly (readonly [string, string, string, boolean])[] = [
    ['config.retention.ms', 'user-events', 'config.retention.ms', true],
    ['config.retention.ms', 'user-events', 'config.retention.bytes', false],
    ['config.retention', 'user-events', 'config.retention.ms', false],
    ['config.*', 'user-events', 'config.retention.ms', true],
    ['config.*', 'user-events', 'partitions', false],
    ['*', 'user-events', 'partitions', true],
    ['user-events:config.retention.ms', 'user-events', 'config.retention.ms', true],
    ['user-events:config.retention.ms', 'orders', 'config.retention.ms', false],
    ['user-events:*', 'user-events', 'partitions', true],
    ['user-events:*', 'orders', 'partitions', false],
    ['user:partitions', 'user-events', 'partitions', false],
  ]
  for (const [rule, name, path, ignored] of paths) {
    it(`"${rule}" ${ignored ? 'covers' : 'leaves'} ${path} of ${name}`, () => {
      assert.equal(ignoring([rule])(name, path), ignored)
    })
  }

  it('ignores what any of several rules covers', () => {
    const ignore = ignoring(['a:x', 'y'])
    assert.deepEqual([ignore('a', 'x'), ignore('b', 'y'), ignore('b', 'x')], [true, true, false])
  })
})
