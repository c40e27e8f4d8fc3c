import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { markerOf, readMarker, withMarker } from './marker.ts'

describe('the mark in a description', () => {
  it('is its last line, and comes off again', () => {
    assert.equal(markerOf('flows', 'orders'), '[infometis flows/orders]')
    assert.equal(
      withMarker('Mine.\nAll mine.', 'flows', 'a/b ]'),
      'Mine.\nAll mine.\n[infometis flows/a/b ]]',
    )
    assert.deepEqual(readMarker('Mine.\nAll mine.\n[infometis flows/a/b ]]'), {
      text: 'Mine.\nAll mine.',
      marker: { type: 'flows', name: 'a/b ]' },
    })
  })

  it('stands alone where nothing else is said', () => {
    assert.equal(withMarker('', 'parameter-contexts', 'orders'), '[infometis parameter-contexts/orders]')
    assert.deepEqual(readMarker('[infometis parameter-contexts/orders]').text, '')
  })

  it('takes the place of an older one', () => {
    assert.equal(withMarker(withMarker('x', 'flows', 'old'), 'flows', 'new'), 'x\n[infometis flows/new]')
  })

  it('is read whatever text and name there are', () => {
    const names = fc.string({ minLength: 1 }).filter((name) => /^[^\n]+$/.test(name) && name.trim() === name)
    fc.assert(
      fc.property(fc.string(), names, (text, name) => {
        const plain = readMarker(text).text
        assert.deepEqual(readMarker(withMarker(text, 'flows', name)), {
          text: plain,
          marker: { type: 'flows', name },
        })
      }),
    )
  })

  for (const text of [
    '',
    undefined,
    null,
    'x',
    '[infometis topics/x]',
    '[infometis flows/]',
    '[infometis flows/a]\nbelow',
  ]) {
    it(`is not in ${JSON.stringify(text)}`, () =>
      assert.deepEqual(readMarker(text), { text: text ?? '', marker: undefined }))
  }
})
