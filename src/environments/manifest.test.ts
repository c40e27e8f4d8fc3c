import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { groupOf, parseManifests, readPath, showPath, titleOf, valueAt } from './manifest.ts'

describe('rendered YAML', () => {
  it('holds objects, and nothing for what is none', () => {
    const found = parseManifests(
      'a: 1\n---\n---\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}}\n---\n- x\n',
    )
    assert.deepEqual(found.map(titleOf), ['Deployment/a'])
    assert.deepEqual(found.map(groupOf), ['apps'])
  })
})

describe('a path', () => {
  const object = {
    spec: { list: [{ name: 'one' }, { name: 'two', deep: { 'a.b/c': [1, 2] } }], plain: [[3]] },
  }
  const paths = [
    ['spec.list[two].deep["a.b/c"][1]', ['spec', 'list', 1, 'deep', 'a.b/c', 1], 2],
    ['spec.plain[0][0]', ['spec', 'plain', 0, 0], 3],
    ['spec.list[one].absent', ['spec', 'list', 0, 'absent'], undefined],
    ['', [], object],
  ] as const
  for (const [shown, path, value] of paths) {
    it(`is shown as ${shown === '' ? 'nothing' : shown}, and read again`, () => {
      assert.equal(showPath(object, path), shown)
      assert.deepEqual(readPath(object, shown), path)
      assert.deepEqual(valueAt(object, path), value)
    })
  }
})
