import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DesiredOrigin } from './desired-origin.ts'
import { desiredOrigin } from './desired-origin.ts'

interface Case {
  readonly says: string
  readonly host?: string
  readonly kubeconfig?: string
  readonly files: readonly string[]
  readonly origin: DesiredOrigin
}

const cases: readonly Case[] = [
  { says: 'a pod with a token', host: '10.0.0.1', files: ['/sa/token', '/config'], origin: 'pod' },
  {
    says: 'a pod with a token and a kubeconfig',
    host: '10.0.0.1',
    kubeconfig: '/k',
    files: ['/sa/token'],
    origin: 'pod',
  },
  { says: 'a pod without a token but with a volume', host: '10.0.0.1', files: ['/config'], origin: 'volume' },
  { says: 'a pod with neither', host: '10.0.0.1', files: [], origin: 'pod' },
  { says: 'a machine with a named kubeconfig', kubeconfig: '/k', files: ['/config'], origin: 'kubeconfig' },
  { says: 'a machine with a volume', files: ['/config'], origin: 'volume' },
  { says: 'a machine with nothing named', files: [], origin: 'kubeconfig' },
]

for (const { says, host, kubeconfig, files, origin } of cases) {
  test(`${says} reads desired state by ${origin}`, async () => {
    const settings = {
      KUBERNETES_SERVICE_HOST: host,
      KUBECONFIG: kubeconfig,
      SERVICE_ACCOUNT_DIR: '/sa',
      DESIRED_DIR: '/config',
    }
    assert.equal(await desiredOrigin(settings, async (path) => files.includes(path)), origin)
  })
}
