import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type EnvironmentProblem, merged, shownFrom } from './environment-problem.ts'
import { showProblem } from './problem.ts'

const problem = (
  file: string,
  environment: string,
  more: Partial<EnvironmentProblem> = {},
): EnvironmentProblem => ({
  file,
  line: 1,
  path: 'Service/a: spec',
  message: 'is wrong',
  code: 'Schema',
  environments: [environment],
  ...more,
})

describe('problems of several environments', () => {
  it('are told once where they share the file, with the names of all', () => {
    const found = merged([
      problem('deploy/a.yaml', 'uat'),
      problem('deploy/a.yaml', 'dev'),
      problem('deploy/a.yaml', 'uat'),
    ])
    assert.deepEqual(found.map(showProblem), ['deploy/a.yaml:1: Service/a: spec: is wrong (dev, uat)'])
    assert.deepEqual(found[0]?.environments, ['dev', 'uat'])
  })
  it('go without names where the folder says it', () => {
    const found = merged([problem('environments/dev/a.yaml', 'dev'), problem('environments/uat', 'uat')])
    assert.deepEqual(
      found.map(({ message }) => message),
      ['is wrong', 'is wrong'],
    )
  })
  it('are sorted by file and line', () => {
    const found = merged([
      problem('b/dev', 'dev', { line: 2 }),
      problem('b/dev', 'dev', { line: 1 }),
      problem('a/dev', 'dev', { line: 10 }),
    ])
    assert.deepEqual(
      found.map(({ file, line }) => `${file}:${line ?? ''}`),
      ['a/dev:10', 'b/dev:1', 'b/dev:2'],
    )
  })
})

describe('a place for people', () => {
  it('is as short as from where they stand', () => {
    assert.equal(shownFrom('/a/b', '/a/b/c/d'), 'c/d')
    assert.equal(shownFrom('/a/b', '/a/x'), '../x')
    assert.equal(shownFrom('/a/b', '/a/b'), '.')
    assert.equal(shownFrom('/a/b/c/d', '/x/y'), '/x/y')
  })
})
