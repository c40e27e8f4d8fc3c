import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { z } from 'zod'
import type { Resource } from '../core/resource.ts'
import { boards } from '../../test/support/boards.ts'
import { writtenOf } from '../../test/support/written.ts'
import { definitionKey, describeIssue, readDocument } from './document.ts'
import type { ResourceType } from './resource-type.ts'
import type { Definition, Written } from './written.ts'

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

/** Entry n stands in line n of the document. */
function boardsOf(
  entries: Readonly<Record<string, unknown>>,
  definitions: Readonly<Record<string, Definition>> = {},
): Written {
  const lineOf = ([name = '']: readonly string[]): number => Object.keys(entries).indexOf(name) + 1
  const missing: Definition = { ok: false, message: 'is no data key' }
  return {
    ...writtenOf('doc', 'boards', entries),
    lineOf,
    definition: (key) => definitions[key] ?? missing,
  }
}

function issuesOf(written: Written): readonly string[] {
  return readDocument(boards, written).invalid.flatMap(({ issues }) => issues.map(describeIssue))
}

const named = (key: unknown) => ({ size: 1, content: { key } })

describe('reading a document with definitions', () => {
  it('takes one under a further key for one that stands in the entry', () => {
    const content = { title: 'Orders' }
    const { desired, invalid } = readDocument(
      boards,
      boardsOf(
        { inline: { size: 1, content }, named: named('a.json') },
        { 'a.json': { ok: true, value: content } },
      ),
    )
    assert.deepEqual(invalid, [])
    assert.deepEqual(
      desired.map(({ name, fields }) => [name, fields.get('content')]),
      [
        ['inline', '{"title":"Orders"}'],
        ['named', '{"title":"Orders"}'],
      ],
    )
  })
  it('leaves every other map in its place alone, and every other member', () => {
    const others = [
      { key: 1 },
      { key: 'a.json', more: 1 },
      {},
      [],
      null,
      'key',
      { __proto__: { key: 'a.json' } },
    ]
    for (const content of others) assert.equal(definitionKey(boards, { size: 1, content }), undefined)
    assert.equal(definitionKey(boards, { other: { key: 'a.json' } }), undefined)
    assert.equal(definitionKey({}, named('a.json')), undefined)
    assert.equal(definitionKey(boards, named('a.json')), 'a.json')
  })
  it('does not need one where the schema does not', () => {
    assert.deepEqual(issuesOf(boardsOf({ bare: { size: 1 } })), [])
  })
  it('leaves an entry alone whose definition is not there, and takes the others', () => {
    const { desired, invalid } = readDocument(
      boards,
      boardsOf({ good: { size: 1 }, bad: named('a.json'), empty: named('') }),
    )
    assert.deepEqual(
      desired.map(({ name }) => name),
      ['good'],
    )
    assert.deepEqual(
      invalid.flatMap(({ issues }) => issues),
      [
        { path: 'bad.content.key', line: 2, message: 'a.json is no data key' },
        { path: 'empty.content.key', line: 3, message: 'must name a data key of the ConfigMap' },
      ],
    )
  })
  it('says so where there are no further keys at all', () => {
    const written = { ...writtenOf('doc', 'boards', { a: named('a.json') }), lineOf: () => 1 }
    assert.deepEqual(issuesOf(written), [
      'a.content.key (line 1): a.json is no data key: there is only the document',
    ])
  })
  it('tells what is wrong with a definition in its own lines', () => {
    const wrong: Definition = { ok: false, message: 'b is written twice', line: 7, at: { key: 'a.json.gz' } }
    const [issue] =
      readDocument(boards, boardsOf({ a: named('a.json') }, { 'a.json': wrong })).invalid[0]?.issues ?? []
    assert.deepEqual(issue, {
      path: '',
      line: 7,
      message: 'b is written twice',
      definition: { key: 'a.json.gz' },
    })
    assert.equal(describeIssue(issue), 'a.json.gz (line 7): b is written twice')
  })
  it('tells a fault inside a definition with its key and line, and one beside it with the line of the document', () => {
    const found: Definition = {
      ok: true,
      value: { title: 5 },
      lineOf: ([name]) => (name === 'title' ? 12 : 1),
    }
    const written = boardsOf(
      { a: { size: 1 }, b: { size: 'x', content: { key: 'a.json' } } },
      { 'a.json': found },
    )
    assert.deepEqual(issuesOf(written), [
      'b.size (line 2): must be a whole number',
      'a.json (line 12): title: must be a text',
    ])
  })
  it('names the base that a definition is inherited from', () => {
    const found: Definition = { ok: true, value: {}, at: { key: 'a.json', base: 'common' } }
    assert.deepEqual(issuesOf(boardsOf({ a: named('a.json') }, { 'a.json': found })), [
      'base common: a.json: title: must be a text',
    ])
  })
  it('tells a fault inside a definition of the entry by the line of the document', () => {
    assert.deepEqual(issuesOf(boardsOf({ a: { size: 1, content: { title: 5 } } })), [
      'a.content.title (line 1): must be a text',
    ])
  })
  it('does not guess which is meant where a base has a definition and its child a key, or the other way round', () => {
    const entries = {
      a: { size: 1, content: { title: 'Orders', key: 'a.json' } },
      b: { content: { title: 'B' } },
    }
    const written = boardsOf(entries, { 'a.json': { ok: true, value: { title: 'A' } } })
    const over = { ...written, controls: { ...written.controls, extends: 'common' } }
    assert.deepEqual(readDocument(boards, written).invalid, [])
    const [issue, ...others] = issuesOf(over)
    assert.match(issue ?? '', /^a\.content \(line 1\): has a key beside what the base has there/)
    assert.deepEqual(others, [])
  })
  it('finds fault with the name and the definition at once', () => {
    const strict = { ...boards, entryName: z.string().regex(/^[a-z]+$/, 'is not a name') }
    const [invalid] = readDocument(strict, boardsOf({ BAD: named('a.json') })).invalid
    assert.deepEqual(invalid?.issues.map(describeIssue), [
      'BAD (line 1): is not a name',
      'BAD.content.key (line 1): a.json is no data key',
    ])
  })
})
