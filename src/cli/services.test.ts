import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { services } from '../../reconcilers/index.ts'
import { isGiven, serviceNames, usualServices } from './services.ts'

const simulated = Object.entries(services).filter(([, service]) => service.simulated === true)

describe('the services that the local stack has unasked', () => {
  it('are those that can be installed', () => {
    const names = simulated.map(([name]) => name)
    assert.ok(names.length > 0 && names.length < serviceNames.length)
    assert.deepEqual(
      usualServices({}),
      serviceNames.filter((name) => !names.includes(name)),
    )
  })

  for (const [name, { address }] of simulated) {
    it(`are ${name}, too, where ${address.setting} says where one is`, () => {
      const env = { [address.setting]: address.example }
      assert.ok(isGiven(name, env))
      assert.deepEqual(usualServices(env), serviceNames)
    })

    it(`are not ${name} where ${address.setting} is empty, or left of a stack that simulated it`, () => {
      const left = { [address.setting]: address.example, [`${address.setting}_SIMULATED`]: address.example }
      for (const env of [{ [address.setting]: '' }, left]) assert.ok(!usualServices(env).includes(name))
      assert.ok(usualServices({ ...left, [address.setting]: 'http://another:3000' }).includes(name))
    })
  }
})
