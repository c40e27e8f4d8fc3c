import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  downOf,
  environmentOf,
  factsOf,
  liveFacts,
  localContext,
  newK0s,
  newKind,
  ourK0s,
  renderedEnvironment,
  upOf,
} from '../../test/support/cluster-facts.ts'
import type { UpChoice } from './choice.ts'
import type { Facts } from './facts.ts'
import { refusalsOfDown, refusalsOfUp } from './refusals.ts'

const here = upOf({ on: 'current', skipImage: true })
const current = (more: Partial<Facts> = {}) => factsOf({ cluster: localContext, live: liveFacts(), ...more })
const given = environmentOf(
  renderedEnvironment.replace(/apiVersion: v1\nkind: Namespace[^-]*-dev\}\n---/, ''),
)
const slow = environmentOf(
  renderedEnvironment.replace(
    '1Gi}}}\n---\napiVersion: apps',
    '1Gi}}, storageClassName: fast}\n---\napiVersion: apps',
  ),
)
const remote = { on: 'current', context: { name: 'a', cluster: 'a', server: 'https://10.0.0.1' } } as const

describe('what stands in the way of up', () => {
  const cases: readonly (readonly [string, UpChoice, Facts, RegExp | undefined])[] = [
    ['nothing, for a new kind cluster', upOf(), factsOf(), undefined],
    ['nothing, for a cluster of this machine', here, current(), undefined],
    ['nothing, for a new k0s', upOf({ on: 'k0s' }), factsOf({ cluster: newK0s }), undefined],
    [
      'a port that somebody listens on',
      upOf(),
      factsOf({ cluster: { ...newKind, takenPorts: [80] } }),
      /port 80 of this machine is taken: .*kind\.yaml/,
    ],
    [
      'k0s without root',
      upOf({ on: 'k0s' }),
      factsOf({ cluster: { ...newK0s, isRoot: false } }),
      /run by root: .*sudo/,
    ],
    ['a cluster elsewhere', here, current({ cluster: remote }), /does not look like.*--yes/],
    ['an image from nowhere', { ...here, skipImage: false }, current(), /--image .*--push.*--skip-image/],
    [
      'a cluster that does not answer',
      here,
      current({ live: 'refused' }),
      /does not answer: refused; start it/,
    ],
    [
      'a namespace that others make, and have not made',
      here,
      current({ environment: given }),
      /namespace infometis-dev does not exist/,
    ],
    [
      'Flux',
      here,
      current({ live: liveFacts({ flux: ['StatefulSet/kafka'] }) }),
      /Flux keeps StatefulSet\/kafka .*commit to Git/,
    ],
    ['a cluster without nodes', here, current({ live: liveFacts({ nodes: 0 }) }), /no nodes.*--no-wait/],
    [
      'no storage class',
      here,
      current({ live: liveFacts({ storageClasses: [{ name: 'a', isDefault: false }] }) }),
      /no default StorageClass.*is-default-class=true/,
    ],
    ['no storage class of the name', here, current({ environment: slow }), /no StorageClass fast/],
  ]
  for (const [what, choice, facts, words] of cases)
    it(what, () => {
      const found = refusalsOfUp(choice, facts)
      assert.equal(found.length, words === undefined ? 0 : 1, found.join('\n'))
      if (words !== undefined) assert.match(found[0] ?? '', words)
    })

  it('is told all at once', () => {
    const facts = current({ cluster: remote, live: liveFacts({ nodes: 0, flux: ['Service/kafka'] }) })
    assert.equal(refusalsOfUp({ ...here, skipImage: false }, facts).length, 4)
  })

  it('is not what nobody may read', () => {
    const live = liveFacts({ nodes: undefined, storageClasses: undefined })
    assert.deepEqual(refusalsOfUp(here, current({ live })), [])
  })

  it('is no node for whoever does not wait', () => {
    const live = liveFacts({ nodes: 0 })
    assert.deepEqual(refusalsOfUp({ ...here, wait: false }, current({ live })), [])
  })
})

describe('what stands in the way of down', () => {
  const k0s = downOf({ on: 'k0s' })
  it('is nobody’s word for k0s', () => {
    assert.match(refusalsOfDown(k0s, factsOf({ cluster: ourK0s }))[0] ?? '', /removes k0s .*--yes/)
    assert.deepEqual(refusalsOfDown({ ...k0s, yes: true }, factsOf({ cluster: ourK0s })), [])
  })
  it('is a k0s of somebody else, whatever is said', () => {
    const facts = factsOf({ cluster: { ...ourK0s, isOurs: false } })
    assert.match(refusalsOfDown({ ...k0s, yes: true }, facts)[0] ?? '', /not installed by .*--on current/)
  })
  it('is a cluster elsewhere, and Flux', () => {
    const facts = current({ cluster: remote, live: liveFacts({ flux: ['Service/kafka'] }) })
    assert.equal(refusalsOfDown(downOf({ on: 'current' }), facts).length, 2)
  })
  it('is nothing for kind', () => assert.deepEqual(refusalsOfDown(downOf(), factsOf()), []))
})
