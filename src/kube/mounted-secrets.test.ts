import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { NotUsable, Secret } from '../reconcile/secrets.ts'
import { MountedSecrets } from './mounted-secrets.ts'

let directory: string

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'infometis-secrets-'))
})
after(async () => rm(directory, { recursive: true, force: true }))

function valuesOf(found: Secret | NotUsable): Readonly<Record<string, string>> {
  assert.ok('data' in found, JSON.stringify(found))
  return Object.fromEntries([...found.data].map(([key, value]) => [key, Buffer.from(value).toString()]))
}

describe('Secrets on a mounted volume', () => {
  it('are read as the kubelet lays them out, and again after it changed them', async () => {
    const secret = join(directory, 'bank')
    await mkdir(join(secret, '..first'), { recursive: true })
    await writeFile(join(secret, '..first', 'code'), 'hunter2')
    await symlink('..first', join(secret, '..data'))
    await symlink(join('..data', 'code'), join(secret, 'code'))
    const secrets = new MountedSecrets(directory, 'vault')
    const found = await secrets.read('team', 'bank')
    assert.deepEqual(valuesOf(found), { code: 'hunter2' })
    assert.ok('usableBy' in found && found.usableBy.has('vault'))
    await mkdir(join(secret, '..second'))
    await writeFile(join(secret, '..second', 'code'), 'hunter3')
    await symlink('..second', join(secret, '..data_tmp'))
    await rename(join(secret, '..data_tmp'), join(secret, '..data'))
    assert.deepEqual(valuesOf(await secrets.read('team', 'bank')), { code: 'hunter3' })
  })

  it('says where a Secret was looked for, and which setting is missing', async () => {
    assert.deepEqual(await new MountedSecrets(directory, 'vault').read('team', 'gone'), {
      problem: `there is no Secret gone: ${join(directory, 'gone')} does not exist`,
    })
    assert.deepEqual(await new MountedSecrets(undefined, 'vault').read('team', 'bank'), {
      problem: 'the Secret bank cannot be read: SECRETS_DIR names no directory of Secrets',
    })
  })

  it('have a key of fingerprints that lives as long as the process', async () => {
    const [one, other] = [new MountedSecrets(directory, 'vault'), new MountedSecrets(directory, 'vault')]
    const key = await one.fingerprintKey()
    assert.equal(key.length, 32)
    assert.deepEqual(await one.fingerprintKey(), key)
    assert.notDeepEqual(await other.fingerprintKey(), key)
  })
})
