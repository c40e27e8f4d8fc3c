import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { podCases } from '../../test/support/pod-security-cases.ts'
import { showPath } from './manifest.ts'
import { restrictedFaults } from './pod-security.ts'
import { podTemplate } from './pods.ts'

describe('the check of Pod Security restricted', () => {
  for (const { name, allowed, pod } of podCases) {
    it(`${allowed ? 'lets in' : 'refuses'} ${name}`, () => {
      const template = podTemplate(pod)
      assert.ok(template !== undefined)
      const faults = restrictedFaults(template)
      assert.equal(faults.length === 0, allowed, faults.map(({ message }) => message).join())
      for (const { path, message } of faults) {
        assert.match(showPath(pod, path), /^(spec|metadata)\./)
        assert.ok(message.length > 8)
      }
    })
  }

  it('looks into the templates of every kind that makes pods', () => {
    const spec = { hostNetwork: true }
    const template = { spec }
    const kinds = {
      Pod: spec,
      Deployment: { template },
      StatefulSet: { template },
      DaemonSet: { template },
      ReplicaSet: { template },
      Job: { template },
      CronJob: { jobTemplate: { spec: { template } } },
    }
    for (const [kind, content] of Object.entries(kinds)) {
      const manifest = { apiVersion: 'x', kind, metadata: { name: 'a' }, spec: content }
      const found = podTemplate(manifest)
      assert.ok(found !== undefined, kind)
      const [fault] = restrictedFaults(found)
      assert.match(showPath(manifest, fault?.path ?? []), /hostNetwork$/, kind)
    }
    assert.equal(podTemplate({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' } }), undefined)
  })
})
