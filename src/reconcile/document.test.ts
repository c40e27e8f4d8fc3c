import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { z } from 'zod'
import type { Resource } from '../core/resource.ts'
import { writtenOf } from '../../test/support/written.ts'
import { describeIssue, readDocument } from './document.ts'
import type { ResourceType } from './resource-type.ts'

const type: ResourceType<Resource, { size: number }> = {
  name: 'things',
  entryName: z.string().regex(/^[a-z]+$/, 'is not a name'),
  schema: z.strictObject({ size: z.int('must be a whole number') }),
  normalize: (name, { size }) => ({ type: 'things', name, fields: new Map([['size', size]]) }),
  toWritten: () => undefined,
  rules: [],
}

describe('reading a document', () => {
  it('takes each entry by itself: a bad one does not stop the others', () => {
    const document = readDocument(type, writtenOf('doc', 'things', { good: { size: 1 }, bad: { size: 'x' } }))
    assert.deepEqual(document.desired, [{ type: 'things', name: 'good', fields: new Map([['size', 1]]) }])
    assert.deepEqual(document.invalid, [
      { name: 'bad', issues: [{ path: 'bad.size', message: 'must be a whole number' }] },
    ])
  })
  it('finds fault with the name and the value at once', () => {
    const [invalid] = readDocument(type, writtenOf('doc', 'things', { BAD: { size: 'x' } })).invalid
    assert.deepEqual(invalid?.issues.map(describeIssue), [
      'BAD: is not a name',
      'BAD.size: must be a whole number',
    ])
  })
  it('names the line where it is known', () => {
    const written = { ...writtenOf('doc', 'things', { bad: { size: 'x' } }), lineOf: () => 3 }
    const [invalid] = readDocument(type, written).invalid
    assert.deepEqual(invalid?.issues.map(describeIssue), ['bad.size (line 3): must be a whole number'])
  })
  it('has nothing in it when it cannot be read', () => {
    assert.deepEqual(readDocument(type, writtenOf('doc', 'things', undefined)), { desired: [], invalid: [] })
  })
})
