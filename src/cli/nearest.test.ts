import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nearest, unknown } from './nearest.ts'

const known = ['elasticsearch', 'grafana', 'kafka', 'nifi']

describe('the nearest known word', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['kafak', 'kafka'],
    ['Kafka', 'kafka'],
    ['elasticserach', 'elasticsearch'],
    ['nify', 'nifi'],
    ['postgres', undefined],
    ['', undefined],
    ['x'.repeat(1_000), undefined],
  ]
  for (const [word, expected] of cases) {
    it(`for "${word.slice(0, 20)}" is ${expected ?? 'none'}`, () =>
      assert.equal(nearest(word, known), expected))
  }

  it('stands in the sentence together with every known word', () => {
    const sentence =
      'unknown service "kafak"; did you mean "kafka"? Known: elasticsearch, grafana, kafka, nifi'
    assert.equal(unknown('service', 'kafak', known), sentence)
  })

  it('is left out of the sentence when nothing is near', () => {
    assert.equal(unknown('type', 'x', ['topics']), 'unknown type "x". Known: topics')
  })
})
