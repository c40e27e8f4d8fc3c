import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fetchWithMaven, lockKey, mavenFailure } from './maven.ts'

describe('what Maven brings', () => {
  let directory: string
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'infometis-maven-'))
    await writeFile(join(directory, 'pom.xml'), '<project/>')
    await writeFile(join(directory, 'files.sha256'), '')
  })
  after(async () => rm(directory, { recursive: true }))

  it('tells a network that is not there from the rest', () => {
    const network = '[ERROR] Could not transfer artifact org.example:a:jar:1 from/to central: Unknown host'
    assert.match(mavenFailure(network).message, /could not reach its repository: check the network/)
    assert.equal(mavenFailure(network).reason, 'MissingPrerequisite')
    assert.match(
      mavenFailure('[ERROR] Unknown lifecycle phase').message,
      /^Maven failed: \[ERROR\] Unknown lifecycle phase/,
    )
  })

  it('says how to get Maven where there is none', async () => {
    const cache = join(directory, 'cache')
    const places = {
      cache,
      runDirectory: cache,
      kubebuilderAssets: undefined,
      javaHome: undefined,
      path: directory,
    }
    const files = { what: 'Kafka', source: directory }
    await assert.rejects(
      fetchWithMaven(files, join(directory, 'target'), { places, launch: { env: {} } }),
      /Kafka is fetched with Maven and there is no mvn: install it \(Debian, Ubuntu: apt-get install maven\)/,
    )
  })

  it('has another name in the cache when something else is locked', async () => {
    const before = await lockKey(directory)
    await writeFile(join(directory, 'files.sha256'), `${'0'.repeat(64)}  a.jar\n`)
    assert.notEqual(await lockKey(directory), before)
    assert.match(before, /^[0-9a-f]{8}$/)
  })
})
