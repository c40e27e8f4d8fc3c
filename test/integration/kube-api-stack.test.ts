import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { startKubeApi, type TestKubeApi } from '../support/kube-api.ts'

describe('the Kubernetes API of the local stack', () => {
  let api: TestKubeApi
  before(async () => {
    api = await startKubeApi()
    await api.namespace('team')
  })
  after(async () => api.stop())

  /** kubectl with nothing but the service account's token. */
  const as = async (directory: string, ...args: readonly string[]): Promise<string> => {
    const token = await readFile(join(directory, 'token'), 'utf8')
    const login = [
      '--kubeconfig=/dev/null',
      `--server=${api.url}`,
      `--certificate-authority=${join(directory, 'ca.crt')}`,
      `--token=${token}`,
    ]
    return api.kubectl([...login, ...args])
  }

  it('gives a service account no more than the Role bound to it', async () => {
    const directory = await api.serviceAccountDir('team', 'reader')
    assert.equal(await readFile(join(directory, 'namespace'), 'utf8'), 'team')
    await assert.rejects(as(directory, 'get', 'configmaps', '-n', 'team'), /forbidden/)
    await api.kubectl(['create', 'role', 'reader', '-n', 'team', '--verb=list', '--resource=configmaps'])
    await api.kubectl([
      'create',
      'rolebinding',
      'reader',
      '-n',
      'team',
      '--role=reader',
      '--serviceaccount=team:reader',
    ])
    await as(directory, 'get', 'configmaps', '-n', 'team')
    await assert.rejects(as(directory, 'create', 'configmap', 'mine', '-n', 'team'), /forbidden/)
  })

  it('renews a token in place', async () => {
    const directory = await api.serviceAccountDir('team', 'renewed', '10m')
    const first = await readFile(join(directory, 'token'), 'utf8')
    await api.serviceAccountDir('team', 'renewed', '20m')
    assert.notEqual(await readFile(join(directory, 'token'), 'utf8'), first)
  })

  it('keeps its objects over the kill of both of its processes', async () => {
    await api.kubectl(['create', 'configmap', 'kept', '-n', 'team', '--from-literal=a=b'])
    await api.apiserver.kill()
    await api.etcd.kill()
    await api.etcd.start()
    await api.apiserver.start()
    assert.equal(await api.kubectl(['get', 'cm', 'kept', '-n', 'team', '-o', 'jsonpath={.data.a}']), 'b')
  })
})
