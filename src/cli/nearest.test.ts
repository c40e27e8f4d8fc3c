import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { unknown } from './nearest.ts'

const known = ['elasticsearch', 'grafana', 'kafka', 'nifi']

describe('the nearest known word', () => {
  it('stands in the sentence together with every known word', () => {
    const sentence =
      'unknown service "kafak"; did you mean "kafka"? Known: elasticsearch, grafana, kafka, nifi'
    assert.equal(unknown('service', 'kafak', known), sentence)
  })

  it('is left out of the sentence when nothing is near', () => {
    assert.equal(unknown('type', 'x', ['topics']), 'unknown type "x". Known: topics')
  })
})
