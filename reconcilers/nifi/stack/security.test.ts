import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { stackPlaces } from '../../../src/stack/settings.ts'
import { makeSecurity, noSecurity } from './security.ts'

describe('the users of a NiFi node', () => {
  const { path } = stackPlaces()
  let secrets: string
  before(async () => {
    secrets = await mkdtemp(join(tmpdir(), 'infometis-nifi-security-'))
  })
  after(async () => rm(secrets, { recursive: true }))

  it('are nobody, over plain HTTP, unless somebody asks for them', async () => {
    assert.equal(await makeSecurity({}, { secrets, path }), noSecurity)
    assert.equal(noSecurity.users.size, 0)
    assert.deepEqual(noSecurity.settings, {})
  })

  it('are those asked for and the admin, each with a password and a certificate of the same name', async () => {
    const made = await makeSecurity({ users: { reader: ['read /flow'], admin: [] } }, { secrets, path })
    assert.deepEqual([...made.users.keys()].sort(), ['admin', 'reader'])
    assert.ok(made.ca !== undefined)
    const authority = new X509Certificate(await readFile(made.ca))
    for (const user of made.users.values()) {
      assert.equal(await readFile(user.passwordFile, 'utf8'), user.password)
      assert.equal((await stat(user.passwordFile)).mode & 0o777, 0o600)
      const certificate = new X509Certificate(await readFile(user.certificate.certificate))
      assert.equal(certificate.subject, `CN=${user.username}`)
      assert.ok(certificate.verify(authority.publicKey))
    }
  })

  it('are told to the node without their passwords', async () => {
    const made = await makeSecurity({ tls: true, tokenLifetimeMs: 60_000 }, { secrets, path })
    const admin = made.users.get('admin')
    assert.ok(admin)
    const files = [...made.files.values()].join('\n')
    assert.ok(!files.includes(admin.password))
    const hash = createHash('sha256').update(admin.password).digest('hex')
    assert.equal(made.files.get('passwords'), `admin:${hash}\n`)
    const providers = made.files.get('login-identity-providers.xml')
    assert.match(providers ?? '', /<property name="Token Lifetime Milliseconds">60000</)
  })
})
