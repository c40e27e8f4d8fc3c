import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KafkaReconciler } from '../../reconcilers/kafka/reconciler.ts'
import { writtenOf } from '../../test/support/written.ts'
import { check } from './check.ts'
import type { DesiredDocument } from './desired.ts'
import type { Problem } from './manifests.ts'

const service = new KafkaReconciler()
const [type] = service.types

/** A document whose object begins in line 10 of its file and whose text begins in line 20; entry n stands in line n of it. */
function document(
  name: string,
  entries: Readonly<Record<string, unknown>> | undefined,
  more: Partial<DesiredDocument> = {},
): DesiredDocument {
  assert.ok(type !== undefined)
  const names = Object.keys(entries ?? {})
  const lineOf = (path: readonly string[]): number | undefined =>
    names.indexOf(path[0] ?? '') + 1 || undefined
  const written = { ...writtenOf(name, 'topics', entries), lineOf }
  return {
    service,
    type,
    written,
    instance: '',
    base: false,
    file: `${name}.yaml`,
    line: 10,
    firstLine: 20,
    ...more,
  }
}

function shown(problems: readonly Problem[]): readonly string[] {
  return problems.map(({ file, line, path, message }) => `${file}:${line ?? '?'}: ${path}: ${message}`)
}

describe('checking desired documents', () => {
  it('finds nothing wrong with what is right', () => {
    assert.deepEqual(check([document('a', { 'user-events': { partitions: 3 } })]), [])
  })

  it('names the file’s line of an entry that breaks its schema', () => {
    const found = shown(check([document('a', { good: { partitions: 1 }, bad: { partitions: 'three' } })]))
    assert.equal(found.length, 1)
    assert.match(found[0] ?? '', /^a\.yaml:21: bad\.partitions: .*whole number/)
  })

  it('names a document that cannot be read at the place in its text', () => {
    assert.deepEqual(shown(check([document('a', undefined)])), ['a.yaml:20: topics.yaml: is not YAML'])
  })

  it('names the object where the place in its text is not known', () => {
    const found = check([document('a', undefined, { firstLine: undefined })])
    assert.deepEqual(shown(found), ['a.yaml:10: topics.yaml: is not YAML'])
  })

  it('names an entry that two ConfigMaps write', () => {
    const found = check([document('a', { t: { partitions: 1 } }), document('b', { t: { partitions: 1 } })])
    assert.deepEqual(shown(found), ['b.yaml:20: t: is written in team/a too; one ConfigMap must name it'])
  })

  it('takes one name in two instances for two resources', () => {
    const two = [
      document('a', { t: { partitions: 1 } }),
      document('b', { t: { partitions: 1 } }, { instance: 'eu' }),
    ]
    assert.deepEqual(check(two), [])
  })

  it('leaves the entries of a base to the documents that extend it', () => {
    const base = document('base', { t: { partitions: 'many' } }, { base: true })
    assert.deepEqual(check([base]), [])
  })

  it('judges names that collide across ConfigMaps, without a server', () => {
    const found = shown(
      check([document('a', { 'a.b': { partitions: 1 } }), document('b', { a_b: { partitions: 1 } })]),
    )
    assert.ok(found.length > 0)
    assert.match(found.join('\n'), /a_b/)
  })

  it('finds every wrong entry of a document, not the first only', () => {
    const found = check([document('a', { x: { partitions: 0 }, 'y z': {}, w: { unknown: 1 } })])
    assert.deepEqual(
      found.map(({ line }) => line),
      [20, 21, 22],
    )
  })
})
