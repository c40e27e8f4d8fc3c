import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { inCluster } from './connection.ts'

async function account(
  t: TestContext,
): Promise<{ readonly directory: string; readonly write: (file: string, text: string) => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'infometis-account-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const write = async (file: string, text: string): Promise<void> => writeFile(join(directory, file), text)
  for (const [file, text] of [
    ['token', 'one\n'],
    ['ca.crt', 'ca one'],
    ['namespace', 'team\n'],
  ] as const)
    await write(file, text)
  return { directory, write }
}

const settings = (directory: string, host: string | undefined) => ({
  KUBERNETES_SERVICE_HOST: host,
  KUBERNETES_SERVICE_PORT: '443',
  SERVICE_ACCOUNT_DIR: directory,
  INFOMETIS_NAMESPACE: undefined,
})

test('a pod is told its API server, its namespace and its token by its environment and its service account', async (t) => {
  const { directory } = await account(t)
  const connection = await inCluster(settings(directory, '10.96.0.1'))
  assert.equal(connection.server.href, 'https://10.96.0.1/')
  assert.equal(connection.namespace, 'team')
  assert.equal(connection.ca, 'ca one')
  assert.equal(await connection.token(), 'one')
  const six = await inCluster(settings(directory, 'fd00::1'))
  assert.equal(six.server.href, 'https://[fd00::1]/')
})

test('token and CA are read again after a minute, and at once when they are doubted', async (t) => {
  const { directory, write } = await account(t)
  const clock = new ManualClock()
  const connection = await inCluster(settings(directory, '10.96.0.1'), clock)
  await write('token', 'two')
  await write('ca.crt', 'ca two')
  await clock.advance(59_999)
  assert.equal(await connection.token(), 'one')
  await clock.advance(1)
  assert.equal(await connection.token(), 'two')
  assert.equal(connection.ca, 'ca two')
  await write('token', 'three')
  assert.equal(await connection.token(true), 'three')
})

test('outside a pod, and without a service account, the setting to correct is named', async (t) => {
  const { directory } = await account(t)
  await assert.rejects(inCluster(settings(directory, undefined)), /KUBERNETES_SERVICE_HOST/)
  await assert.rejects(inCluster(settings(join(directory, 'nowhere'), '10.96.0.1')), {
    reason: 'InvalidConfiguration',
    message: /SERVICE_ACCOUNT_DIR/,
  })
})
