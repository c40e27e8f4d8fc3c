import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { objection } from './guard.ts'

type Case = readonly [name: string, server: string, isAsked: boolean]

describe('which clusters are touched without asking', () => {
  const cases: readonly Case[] = [
    ['kind-infometis', 'https://127.0.0.1:41233', false],
    ['minikube', 'https://192.168.49.2:8443', false],
    ['k3d-a', 'https://0.0.0.0:6550', false],
    ['Default', 'https://localhost:6443', false],
    ['anything', 'https://[::1]:6443', false],
    ['staging', 'https://10.0.0.5:6443', true],
    ['kindness', 'https://k8s.example:6443', true],
    ['a', 'https://127.0.0.1.example:6443', true],
    ['a', '', true],
  ]
  for (const [name, server, isAsked] of cases)
    it(`${isAsked ? 'asks for --yes for' : 'goes on with'} ${name} at ${server}`, () => {
      const context = { name, cluster: 'a', server }
      assert.equal(objection(context, { yes: false }) !== undefined, isAsked)
      assert.equal(objection(context, { yes: true }), undefined)
    })

  it('says which cluster it means, and both ways out', () => {
    const words = objection({ name: 'staging', cluster: 'a', server: 'https://10.0.0.5' }, { yes: false })
    assert.match(words ?? '', /the context staging \(https:\/\/10\.0\.0\.5\).*--yes.*--context/)
  })

  const production: readonly Case[] = [
    ['prod', 'https://10.0.0.5', true],
    ['eu-prod-1', 'https://127.0.0.1:6443', true],
    ['acme_production', 'https://localhost:6443', true],
    ['kind-prod', 'https://127.0.0.1:6443', true],
    ['a', 'https://api.live.example', true],
    ['products', 'https://127.0.0.1:6443', false],
    ['delivery', 'https://127.0.0.1:6443', false],
  ]
  for (const [name, server, isProduction] of production)
    it(`${isProduction ? 'takes' : 'does not take'} ${name} at ${server} for production`, () => {
      const context = { name, cluster: 'a', server }
      assert.equal(objection(context, { yes: true }) !== undefined, isProduction)
      assert.equal(objection(context, { yes: false, context: name }) !== undefined, isProduction)
      assert.equal(objection(context, { yes: true, context: name }), undefined)
    })
})
