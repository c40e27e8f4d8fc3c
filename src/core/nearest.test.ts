import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nearest } from './nearest.ts'

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
})
