import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { downOf, upOf } from '../../test/support/cluster-facts.ts'
import type { DownChoice, UpChoice } from './choice.ts'
import { missingPrograms, neededPrograms } from './prerequisites.ts'

describe('what a cluster needs on the PATH', () => {
  const image = { name: 'a/infometis', tag: '1' }
  const cases: readonly (readonly [string, UpChoice | DownChoice, readonly string[]])[] = [
    ['up --on kind', upOf(), ['docker', 'kind', 'kubectl']],
    ['up --on kind, image there', upOf({ skipImage: true }), ['docker', 'kind', 'kubectl']],
    ['up --on k0s', upOf({ on: 'k0s' }), ['docker', 'k0s']],
    ['up --on k0s, image there', upOf({ on: 'k0s', skipImage: true }), ['k0s']],
    ['up --on current, image there', upOf({ on: 'current', skipImage: true }), ['kubectl']],
    ['up --on current, image in a registry', upOf({ on: 'current', image }), ['kubectl']],
    ['up --on current, image to push', upOf({ on: 'current', image, push: true }), ['docker', 'kubectl']],
    ['down --on kind', downOf(), ['docker', 'kind']],
    ['down --on k0s', downOf({ on: 'k0s' }), ['k0s']],
    ['down --on current', downOf({ on: 'current' }), ['kubectl']],
  ]
  for (const [what, choice, names] of cases)
    it(what, () => assert.deepEqual([...neededPrograms(choice).keys()].sort(), names))

  let empty: string
  before(async () => {
    empty = await mkdtemp(join(tmpdir(), 'infometis-path-'))
  })
  after(async () => rm(empty, { recursive: true }))

  it('is told all at once, each with why and the way to it', async () => {
    const missing = await missingPrograms(upOf(), { env: { PATH: empty } })
    assert.deepEqual(
      missing.map((each) => each.replace(/:.*/, '')),
      [
        'docker is missing (for the nodes of kind)',
        'kind is missing (to make the cluster)',
        'kubectl is missing (to speak with the cluster)',
      ],
    )
    assert.ok(missing.every((each) => /: install /.test(each)))
  })
})
