import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  applying,
  changeOf,
  field,
  glance,
  holding,
  planWith,
  refusing,
} from '../../test/support/resources.ts'
import { approvable, approvalFor, approvalHash, approved, digestOf, spend } from './approval.ts'
import { canonicalJson, sha256 } from './canonical.ts'
import type { Change } from './resource.ts'

const gone = changeOf('delete', 'gone')
const short = changeOf('update', 'short', [field('config.retention.ms', '9', '1')])
const both = [holding(gone), holding(short)]
const hash = approvalHash(both) ?? ''

describe('the approval hash', () => {
  it('is the first 12 hex of sha256 over kind, name, id, before and after', () => {
    const text = canonicalJson({ kind: 'topics/delete', name: 'gone', id: 'id-of-gone', fields: [] })
    assert.equal(approvalHash([holding(gone)]), sha256(text).slice(0, 12))
  })
  it('is absent when nothing is held', () => {
    assert.equal(approvalHash([applying(gone), refusing(short)]), undefined)
  })

  const same: readonly (readonly [string, Parameters<typeof approvalHash>[0]])[] = [
    ['the order of changes', both.toReversed()],
    [
      'what is let through or refused besides',
      [applying(changeOf('create', 'n')), refusing(changeOf('update', 'r')), ...both],
    ],
    ['the code and the words of the rule', both.map(({ change }) => holding(change, 'DeletionBrake'))],
    ['the cause of the change', [holding({ ...gone, cause: 'drift' }), holding(short)]],
    [
      'the cause of a field',
      [holding(gone), holding({ ...short, fields: [field('config.retention.ms', '9', '1', 'drift')] })],
    ],
    [
      'whatever else is desired or observed',
      [
        holding({ ...gone, observed: { type: 'topics', name: 'gone', fields: new Map([['records', 5]]) } }),
        holding(short),
      ],
    ],
  ]
  for (const [what, changes] of same) {
    it(`does not depend on ${what}`, () => assert.equal(approvalHash(changes), hash))
  }

  const others: readonly (readonly [string, Change])[] = [
    ['the action', { ...short, action: 'replace' }],
    ['the type', { ...short, type: 'indices' }],
    ['the name', { ...short, name: 'other' }],
    ['the server-side id', { ...short, id: 'another' }],
    ['an absent id', changeOf('create', 'short', short.fields)],
    ['a path', { ...short, fields: [field('config.retention.bytes', '9', '1')] }],
    ['a value before', { ...short, fields: [field('config.retention.ms', '8', '1')] }],
    ['a value after', { ...short, fields: [field('config.retention.ms', '9', '2')] }],
    ['a field reset instead of set', { ...short, fields: [field('config.retention.ms', '9')] }],
    ['a field more', { ...short, fields: [...short.fields, field('x', 1, 2)] }],
  ]
  for (const [what, change] of others) {
    it(`depends on ${what}`, () => {
      assert.notEqual(approvalHash([holding(gone), holding(change)]), hash)
      assert.notEqual(digestOf(change), digestOf(short))
    })
  }
  it('carries neither counts nor times', () => {
    assert.deepEqual(Object.keys(approvable(short)).sort(), ['fields', 'id', 'kind', 'name'])
  })
})

describe('an approval', () => {
  it('is in force when it names exactly what is held', () => {
    assert.deepEqual(approvalFor(both, hash, undefined), {
      hash,
      remaining: [digestOf(gone), digestOf(short)],
    })
  })
  it('is void when what is held has changed since', () => {
    assert.equal(approvalFor([holding(gone)], hash, undefined), undefined)
    assert.equal(approvalFor([...both, holding(changeOf('delete', 'more'))], hash, undefined), undefined)
  })
  it('ends when the annotation is taken away', () => {
    assert.equal(approvalFor(both, undefined, { hash, remaining: [digestOf(gone)] }), undefined)
  })
  it('stays in force over passes, whatever else comes to be held', () => {
    const inUse = { hash, remaining: [digestOf(gone)] }
    assert.equal(approvalFor([holding(gone), holding(changeOf('delete', 'more'))], hash, inUse), inUse)
  })
  it('is not given anew by the same annotation once it is spent', () => {
    const spent = { hash, remaining: [] }
    assert.equal(approvalFor(both, hash, spent), spent)
    assert.deepEqual(approved(planWith(...both), spent), planWith(...both))
  })
  it('lets through what it names and nothing else', () => {
    const more = holding(changeOf('delete', 'more'))
    const given = approvalFor(both, hash, undefined)
    assert.deepEqual(glance(approved(planWith(...both, more), given)), [
      'delete gone [] apply',
      'update short [config.retention.ms/written] apply',
      'delete more [] held (DeletesData)',
    ])
  })
  it('never reaches the same name with another id, or other values', () => {
    const given = approvalFor(both, hash, undefined)
    const again = holding({ ...gone, id: 'made-again' })
    const other = holding({ ...short, fields: [field('config.retention.ms', '9', '0')] })
    assert.deepEqual(approved(planWith(again, other), given), planWith(again, other))
  })
  it('never lets a refused change through', () => {
    const given = { hash, remaining: [digestOf(gone)] }
    assert.deepEqual(approved(planWith(refusing(gone)), given), planWith(refusing(gone)))
  })
  it('survives a partial failure: what is not done remains', () => {
    const given = approvalFor(both, hash, undefined)
    assert.deepEqual(spend(given, [gone]), { hash, remaining: [digestOf(short)] })
    assert.deepEqual(spend(spend(given, [gone]), [short]), { hash, remaining: [] })
  })
  it('is not spent by other changes', () => {
    const given = approvalFor(both, hash, undefined)
    assert.deepEqual(spend(given, [changeOf('create', 'gone')]), given)
    assert.equal(spend(undefined, [gone]), undefined)
  })
})
