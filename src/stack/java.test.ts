import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { findJava, type JavaNeed, javaVersion } from './java.ts'
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

  const kafka = { what: 'Kafka', oldest: 17 }
  const find = async (need: JavaNeed, home?: string, installed = join(directory, 'none')): Promise<string> =>
    findJava(need, places(home), undefined, installed)

  it('takes the one in JAVA_HOME', async () => {
    const home = await javaHome('openjdk version "21.0.1"')
    assert.equal(await find(kafka, home), join(home, 'bin', 'java'))
  })

  it('takes the oldest that suits of those installed beside one that does not', async () => {
    const installed = await mkdtemp(join(directory, 'jvm-'))
    for (const version of [25, 17, 21, 11]) {
      await rename(await javaHome(`openjdk version "${version}.0.1"`), join(installed, `java-${version}`))
    }
    const java = (version: number): string => join(installed, `java-${version}`, 'bin', 'java')
    const home = await javaHome('java version "1.8.0_402"')
    assert.equal(await find(kafka, home, installed), java(17))
    assert.equal(await find({ what: 'Elasticsearch', oldest: 25 }, home, installed), java(25))
    assert.equal(await find({ what: 'NiFi', oldest: 18, newest: 24 }, home, installed), java(21))
    await assert.rejects(
      find({ what: 'NiFi', oldest: 18, newest: 20 }, home, installed),
      /NiFi needs a Java from 18 to 20 and \S+ is 8: install it/,
    )
  })

  it('says what to install where there is none', async () => {
    await assert.rejects(
      find(kafka),
      /Kafka needs Java 17 or newer and java is not there: install it .*openjdk-17.*JAVA_HOME/,
    )
  })

  it('says that one is too old', async () => {
    await assert.rejects(
      find(kafka, await javaHome('java version "1.8.0_402"')),
      /needs Java 17 or newer and \S+ is 8: install it/,
    )
  })
})
