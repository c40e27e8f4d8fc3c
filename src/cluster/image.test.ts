import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { imageText, parseImage } from './image.ts'

const digest = `sha256:${'0a'.repeat(32)}`

describe('the name of an image', () => {
  const good = [
    ['registry.example/infometis:0.1.0', { name: 'registry.example/infometis', tag: '0.1.0' }],
    ['localhost:5000/team/infometis:a-b', { name: 'localhost:5000/team/infometis', tag: 'a-b' }],
    [`ghcr.example/infometis@${digest}`, { name: 'ghcr.example/infometis', digest }],
    [`ghcr.example/infometis:1@${digest}`, { name: 'ghcr.example/infometis', tag: '1', digest }],
  ] as const
  for (const [text, image] of good)
    it(`reads ${text} and writes it the same`, () => {
      assert.deepEqual(parseImage(text), image)
      assert.equal(imageText(image), text)
    })

  for (const text of ['', 'A/b:1', 'a b:1', '-a:1', 'a:1;rm', `a@sha256:00`, 'a:'])
    it(`refuses ${JSON.stringify(text)}`, () =>
      assert.throws(() => parseImage(text), /is not an image: write REGISTRY\/infometis:TAG/))

  for (const text of ['registry.example/infometis', 'localhost:5000/infometis'])
    it(`wants a tag of ${text}`, () => assert.throws(() => parseImage(text), /has no tag: write .*:TAG/))
})
