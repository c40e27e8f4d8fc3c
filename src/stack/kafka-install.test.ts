import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { installKafka, mavenFailure, parseChecksums, verifyJars } from './kafka-install.ts'
import { projectFile } from './project.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

describe('the installation of Kafka', () => {
  let directory: string
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'infometis-jars-'))
    await writeFile(join(directory, 'a.jar'), 'a')
    await writeFile(join(directory, 'b.jar'), 'b')
  })
  after(async () => rm(directory, { recursive: true }))

  const good = (): Map<string, string> => new Map(['a', 'b'].map((name) => [`${name}.jar`, sha256(name)]))

  it('accepts exactly the jars that are locked', async () => {
    await verifyJars(directory, good())
  })

  const cases: readonly {
    readonly says: string
    readonly expected: () => Map<string, string>
    readonly message: RegExp
  }[] = [
    {
      says: 'another checksum',
      expected: () => good().set('a.jar', sha256('x')),
      message: /a\.jar has another checksum/,
    },
    { says: 'a jar too few', expected: () => good().set('c.jar', sha256('c')), message: /c\.jar is missing/ },
    {
      says: 'a jar too many',
      expected: () => new Map([...good()].slice(1)),
      message: /a\.jar is not expected/,
    },
  ]
  for (const { says, expected, message } of cases) {
    it(`refuses ${says}`, async () => assert.rejects(verifyJars(directory, expected()), message))
  }

  for (const version of ['4.3.1', '3.9.2']) {
    it(`locks every jar of version ${version}, Kafka and its tools among them`, async () => {
      const text = await readFile(projectFile('src', 'stack', 'kafka', version, 'jars.sha256'), 'utf8')
      const locked = parseChecksums(text)
      assert.ok([...locked.values()].every((checksum) => /^[0-9a-f]{64}$/.test(checksum)))
      for (const name of [`kafka_2.13-${version}.jar`, `kafka-tools-${version}.jar`])
        assert.ok(locked.has(name), name)
    })
  }

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
    await assert.rejects(
      installKafka('4.3.1', { places, launch: { env: {} } }),
      /Kafka is fetched with Maven and there is no mvn: install it \(Debian, Ubuntu: apt-get install maven\)/,
    )
  })
})
