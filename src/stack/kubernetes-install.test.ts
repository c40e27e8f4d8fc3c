import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { elapsed, goFailure } from './go-program.ts'
import { installKubernetes, sameMinor } from './kubernetes-install.ts'
import type { StackPlaces } from './settings.ts'

describe('the installation of Kubernetes', () => {
  let directory: string
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'infometis-kubernetes-'))
  })
  after(async () => rm(directory, { recursive: true }))

  const places = (more: Partial<StackPlaces> = {}): StackPlaces => {
    const cache = join(directory, 'cache')
    return {
      cache,
      runDirectory: cache,
      kubebuilderAssets: undefined,
      javaHome: undefined,
      path: '',
      ...more,
    }
  }

  for (const { words, version, same } of [
    { words: 'Kubernetes v1.34.4', version: '1.34.4', same: true },
    { words: 'Kubernetes v1.34.9+k3s1', version: '1.34.4', same: true },
    {
      words: 'Client Version: v1.32.4-dispatcher\nKustomize Version: v5.5.0',
      version: '1.34.4',
      same: false,
    },
    { words: 'etcd Version: 3.6.8\nGit SHA: x\nGo Version: go1.24', version: '3.6.8', same: true },
    { words: 'etcd Version: 3.5.21', version: '3.6.8', same: false },
    { words: '', version: '3.6.8', same: false },
  ]) {
    it(`${same ? 'takes' : 'leaves'} a program that says ${JSON.stringify(words)} for ${version}`, () => {
      assert.equal(sameMinor(words, version), same)
    })
  }

  it('takes what KUBEBUILDER_ASSETS has, whatever its version', async () => {
    for (const name of ['etcd', 'kube-apiserver', 'kubectl']) await writeFile(join(directory, name), '')
    const found = await installKubernetes({
      places: places({ kubebuilderAssets: directory }),
      launch: { env: {} },
    })
    assert.deepEqual(found, {
      etcd: join(directory, 'etcd'),
      kubeApiserver: join(directory, 'kube-apiserver'),
      kubectl: join(directory, 'kubectl'),
    })
  })

  it('takes programs of the wanted version from the PATH', async () => {
    const bin = await mkdtemp(join(directory, 'bin-'))
    for (const [name, words] of [
      ['etcd', 'etcd Version: 3.6.8'],
      ['kube-apiserver', 'Kubernetes v1.34.1'],
      ['kubectl', 'Client Version: v1.34.2'],
    ] as const) {
      await writeFile(join(bin, name), `#!/bin/sh\necho '${words}'\n`)
      await chmod(join(bin, name), 0o755)
    }
    const found = await installKubernetes({ places: places({ path: bin }), launch: { env: {} } })
    assert.equal(found.kubectl, join(bin, 'kubectl'))
  })

  it('says how to do without Go where there is none', async () => {
    await assert.rejects(
      installKubernetes({ places: places({ path: join(directory, 'nothing') }), launch: { env: {} } }),
      /etcd is built with Go and there is no go: install Go 1\.25 or newer, or set KUBEBUILDER_ASSETS/,
    )
  })

  it('tells a network that is not there from the rest', () => {
    const network =
      'go: k8s.io/api@v0.34.4: Get "https://proxy.example/k8s.io": dial tcp: lookup proxy.example: no such host'
    assert.match(
      goFailure('etcd', network).message,
      /could not reach its module proxy to build etcd: check the network and GOPROXY/,
    )
    assert.match(goFailure('etcd', 'main.go:1: syntax error').message, /^building etcd failed: main\.go:1/)
  })

  it('writes times as people say them', () => {
    assert.deepEqual([0, 59_400, 60_000, 130_000].map(elapsed), ['0s', '59s', '1m00s', '2m10s'])
  })
})
