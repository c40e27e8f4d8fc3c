import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseDuration } from './duration.ts'

describe('a duration', () => {
  const cases: readonly (readonly [string, number | undefined])[] = [
    ['30s', 30_000],
    ['500ms', 500],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    ['1m1ms', 60_001],
    ['0s', 0],
    ['', undefined],
    ['30', undefined],
    ['s', undefined],
    ['-5s', undefined],
    ['1.5h', undefined],
    ['5 m', undefined],
    [' 5m', undefined],
    ['5M', undefined],
    ['5m\n', undefined],
    ['5us', undefined],
    ['1234567890123s', undefined],
  ]
  for (const [text, ms] of cases) {
    it(`reads ${JSON.stringify(text)} as ${ms === undefined ? 'none' : `${ms} ms`}`, () => {
      assert.equal(parseDuration(text), ms)
    })
  }
})
