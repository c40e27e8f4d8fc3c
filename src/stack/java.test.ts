import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { findJava, javaVersion } from './java.ts'
import type { StackPlaces } from './settings.ts'

describe('the search for Java', () => {
  let directory: string
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'infometis-java-'))
  })
  after(async () => rm(directory, { recursive: true }))

  const places = (javaHome?: string): StackPlaces => ({
    cache: directory,
    runDirectory: directory,
    kubebuilderAssets: undefined,
    javaHome,
    path: directory,
  })
  const javaHome = async (words: string): Promise<string> => {
    const home = await mkdtemp(join(directory, 'home-'))
    await mkdir(join(home, 'bin'))
    await writeFile(join(home, 'bin', 'java'), `#!/bin/sh\necho '${words}' >&2\n`)
    await chmod(join(home, 'bin', 'java'), 0o755)
    return home
  }

  for (const [text, version] of [
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['java version "1.8.0_402"', 8],
    ['openjdk version "25" 2025-09-16', 25],
    ['', 0],
  ] as const) {
    it(`reads ${version} out of ${JSON.stringify(text)}`, () => assert.equal(javaVersion(text), version))
  }

  it('takes the one in JAVA_HOME', async () => {
    const home = await javaHome('openjdk version "21.0.1"')
    assert.equal(await findJava(places(home)), join(home, 'bin', 'java'))
  })

  it('says what to install where there is none', async () => {
    await assert.rejects(
      findJava(places()),
      /Kafka needs Java 17 or newer and java is not there: install it .*openjdk-17.*JAVA_HOME/,
    )
  })

  it('says that one is too old', async () => {
    await assert.rejects(
      findJava(places(await javaHome('java version "1.8.0_402"'))),
      /needs Java 17 or newer and \S+ is 8: install it/,
    )
  })
})
