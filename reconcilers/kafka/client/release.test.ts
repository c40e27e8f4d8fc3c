import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { releaseOf } from './release.ts'

const cases: readonly [number | undefined, string][] = [
  [undefined, 'unknown'],
  [14, 'before 3.7'],
  [19, '3.7'],
  [21, '3.9'],
  [25, '4.0'],
  [27, '4.1'],
  [29, '4.2'],
  [30, '4.3'],
  [31, 'later than 4.3'],
]

describe('the release of a broker', () => {
  for (const [level, release] of cases) {
    it(`with metadata level ${level ?? 'unknown'} is ${release}`, () =>
      assert.equal(releaseOf(level), release))
  }
})
