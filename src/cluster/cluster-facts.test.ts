import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { projectFile } from '../stack/project.ts'
import { contextOf, hostPorts } from './cluster-facts.ts'

const config = {
  'current-context': 'b',
  contexts: [
    { name: 'a', context: { cluster: 'one', user: 'u' } },
    { name: 'b', context: { cluster: 'two', user: 'u' } },
  ],
  clusters: [
    { name: 'one', cluster: { server: 'https://one' } },
    { name: 'two', cluster: { server: 'https://two' } },
  ],
}

describe('the context of a kubeconfig', () => {
  it('is the current one unless another is named', () => {
    assert.deepEqual(contextOf(config, undefined), { name: 'b', cluster: 'two', server: 'https://two' })
    assert.deepEqual(contextOf(config, 'a'), { name: 'a', cluster: 'one', server: 'https://one' })
  })

  const wrong: readonly (readonly [unknown, string | undefined, RegExp])[] = [
    [config, 'c', /no context "c"; there are a, b/],
    [{ ...config, 'current-context': '' }, undefined, /no current context; there are a, b/],
    [{ contexts: null }, undefined, /no current context; there is none: set KUBECONFIG/],
  ]
  for (const [given, wanted, words] of wrong)
    it(`is asked for: ${words.source}`, () => assert.throws(() => contextOf(given, wanted), words))
})

describe('the ports of a kind configuration', () => {
  it('are read from ours: 80 and 443', () => {
    const text = readFileSync(projectFile('deploy', 'clusters', 'kind.yaml'), 'utf8')
    assert.deepEqual(hostPorts(text), [80, 443])
  })
  it('are none where none are mapped', () => assert.deepEqual(hostPorts('nodes: [{role: worker}]'), []))
})
