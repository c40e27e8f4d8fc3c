import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { jarsOf, narFile, unpackedNar } from './home.ts'
import { packStandardNar, writeStubs } from './nars.ts'

describe('the NARs of an installation', () => {
  let home: string
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'infometis-nars-'))
    for (const parent of ['nifi-standard-shared-nar', 'nifi-standard-services-api-nar']) {
      await mkdir(jarsOf(home, narFile(parent)), { recursive: true })
      await writeFile(join(jarsOf(home, narFile(parent)), `of-${parent}.jar`), '')
    }
  })
  after(async () => rm(home, { recursive: true }))

  it('leave out of the standard one what its parents bring', async () => {
    const jars = jarsOf(home, narFile('nifi-standard-nar'))
    const left: string[] = []
    await packStandardNar(home, async (directory) => {
      await mkdir(directory, { recursive: true })
      for (const name of [
        'own.jar',
        'of-nifi-standard-shared-nar.jar',
        'of-nifi-standard-services-api-nar.jar',
      ])
        await writeFile(join(directory, name), name)
    })
    for (const name of [
      'own.jar',
      'of-nifi-standard-shared-nar.jar',
      'of-nifi-standard-services-api-nar.jar',
    ])
      left.push(await readFile(join(jars, name), 'utf8').catch(() => 'gone'))
    assert.deepEqual(left, ['own.jar', 'gone', 'gone'])
    const manifest = join(unpackedNar(home, narFile('nifi-standard-nar')), 'META-INF', 'MANIFEST.MF')
    assert.match(await readFile(manifest, 'utf8'), /^Nar-Dependency-Id: nifi-standard-shared-nar$/m)
  })

  it('say how to get a JDK where Java has no programs beside it', async () => {
    const run = { java: join(home, 'bin', 'java'), path: '', signal: undefined }
    await assert.rejects(writeStubs(home, run), {
      reason: 'MissingPrerequisite',
      message:
        /there is no \S+bin\/jar: install it \(Debian, Ubuntu: apt-get install openjdk-21-jdk-headless\)/,
    })
  })
})
