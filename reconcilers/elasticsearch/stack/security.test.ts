import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { makeSecurity, passwordHash } from './security.ts'

describe('who may do what on a node', () => {
  let config: string
  before(async () => {
    config = await mkdtemp(join(tmpdir(), 'infometis-security-'))
  })
  after(async () => rm(config, { recursive: true }))

  it('is not asked by default', async () => {
    const made = await makeSecurity({}, { config, secrets: join(config, 'none'), path: '' })
    assert.deepEqual(made.settings, { 'xpack.security.enabled': 'false' })
    assert.equal(made.users.size, 0)
  })

  it('is in the files of the realm, where no password stands, with admin among the users', async () => {
    const users = { one: ['reader', 'writer'], two: ['reader'] }
    const roles = { writer: { indices: [{ names: ['a*'], privileges: ['write'] }] } }
    const made = await makeSecurity({ users, roles }, { config, secrets: join(config, 'secrets'), path: '' })
    assert.deepEqual([...made.users.keys()].sort(), ['admin', 'one', 'two'])
    assert.equal(
      await readFile(join(config, 'users_roles'), 'utf8'),
      'reader:one,two\nwriter:one\nsuperuser:admin\n',
    )
    assert.equal(
      await readFile(join(config, 'roles.yml'), 'utf8'),
      `"writer": ${JSON.stringify(roles.writer)}\n`,
    )
    const realm = await readFile(join(config, 'users'), 'utf8')
    for (const { username, password, passwordFile } of made.users.values()) {
      assert.ok(realm.includes(`${username}:{PBKDF2}`))
      assert.ok(!realm.includes(password))
      assert.equal(await readFile(passwordFile, 'utf8'), password)
      assert.equal((await stat(passwordFile)).mode & 0o777, 0o600)
    }
  })

  it('is kept as the server reads it: PBKDF2 with its rounds, salt and 32 bytes', () => {
    // Made with OpenSSL: `openssl kdf -keylen 32 -kdfopt digest:SHA512 -kdfopt pass:secret -kdfopt hexsalt:00…00 -kdfopt iter:1000 PBKDF2`.
    assert.equal(
      passwordHash('secret', Buffer.alloc(32)),
      `{PBKDF2}1000$${'A'.repeat(43)}=$fzmX0vtR0F+P6CHSeMMrjYF2VYdNnG/oiILRNMQUaPQ=`,
    )
  })
})
