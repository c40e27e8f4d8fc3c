import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ReconcileError } from '../../src/errors.ts'
import { fromKubeconfig } from '../../src/kube/kubeconfig.ts'
import { KubeClient } from '../../src/kube/rest.ts'
import { startKubeApi, type TestKubeApi } from '../support/kube-api.ts'
import { podCases } from '../support/pod-security-cases.ts'

const signal = AbortSignal.timeout(120_000)
const namespace = 'restricted'

let api: TestKubeApi
let client: KubeClient

before(async () => {
  api = await startKubeApi({ signal })
  await api.namespace(namespace)
  await api.kubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted'])
  await api.serviceAccountDir(namespace, 'default')
  client = new KubeClient(await fromKubeconfig(api.kubeconfig))
})

after(async () => {
  client.close()
  await api.stop()
})

/** What the API server has against a pod; nothing is kept. */
async function verdictOf(pod: unknown): Promise<string | undefined> {
  const path = `/api/v1/namespaces/${namespace}/pods`
  try {
    await client.request({ method: 'POST', path, query: { dryRun: 'All' }, body: pod, signal })
    return undefined
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error
    return error.message
  }
}

/**
 * The same cases by which the check of `infometis validate` is tested: here the judge is Kubernetes itself. (This
 * API server was not told to allow privileged containers at all, so those it refuses before it asks for the namespace.)
 */
describe('a namespace that enforces restricted', () => {
  for (const { name, allowed, pod } of podCases) {
    it(`${allowed ? 'lets in' : 'refuses'} ${name}`, async () => {
      const words = await verdictOf(pod)
      if (allowed) assert.equal(words, undefined)
      else assert.match(words ?? '', /violates PodSecurity "restricted:latest"|disallowed by cluster policy/)
    })
  }
})
