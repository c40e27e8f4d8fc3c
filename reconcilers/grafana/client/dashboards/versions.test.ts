import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isFaithful, objectionTo, plainVersion, versionFor } from './versions.ts'

const releases = {
  '12.0': ['v1beta1', 'v0alpha1', 'v2alpha1'],
  '12.4': ['v1beta1', 'v0alpha1', 'v2beta1', 'v2alpha1'],
  '13.2': ['v2', 'v2beta1', 'v2alpha1', 'v0alpha1', 'v1', 'v1beta1'],
}

describe('the version at which a dashboard is written', () => {
  const cases = [
    ['classic', undefined, ['v0alpha1', 'v0alpha1', 'v0alpha1']],
    ['classic', 'v0alpha1', ['v0alpha1', 'v0alpha1', 'v0alpha1']],
    ['classic', 'v1', ['v1beta1', 'v1beta1', 'v1']],
    ['classic', 'v1beta1', ['v1beta1', 'v1beta1', 'v1beta1']],
    ['v2', undefined, [undefined, 'v2beta1', 'v2']],
    ['v2', 'v2', [undefined, 'v2beta1', 'v2']],
    ['v2', 'v2beta1', [undefined, 'v2beta1', 'v2beta1']],
    ['v2', 'v2alpha1', ['v2alpha1', 'v2alpha1', 'v2alpha1']],
  ] as const
  for (const [model, version, expected] of cases) {
    it(`of a ${model} one written as ${version ?? 'it is'}`, () => {
      const content = { model, ...(version !== undefined && { version }) }
      const found = Object.values(releases).map((served) => versionFor(content, served))
      assert.deepEqual(found, expected)
      const objections = Object.values(releases).map((served) => objectionTo(content, served) === undefined)
      assert.deepEqual(
        objections,
        expected.map((each) => each !== undefined),
      )
    })
  }

  it('is told where there is none', () => {
    const v2 = { model: 'v2' } as const
    assert.match(
      objectionTo(v2, releases['12.0']) ?? '',
      /^does not serve v2 or v2beta1 of dashboards, but v1beta1, v0alpha1, v2alpha1: write it as a classic/,
    )
    assert.match(objectionTo(v2, []) ?? '', /^takes classic dashboards only/)
    assert.equal(objectionTo({ model: 'classic', version: 'v1' }, []), undefined)
  })
})

describe('the version at which a dashboard is read', () => {
  it('converts nothing where it can', () => {
    assert.equal(plainVersion(releases['13.2']), 'v0alpha1')
    assert.equal(plainVersion(['v1beta1']), 'v1beta1')
    assert.equal(plainVersion(['v3']), 'v3')
  })

  it('is faithful for its own and for the beta of the same', () => {
    assert.deepEqual(
      [isFaithful('v1', 'v1beta1'), isFaithful('v2beta1', 'v2'), isFaithful('v2', 'v2')],
      [true, true, true],
    )
    assert.deepEqual([isFaithful('v1', 'v0alpha1'), isFaithful('v2', 'v2alpha1')], [false, false])
  })
})
