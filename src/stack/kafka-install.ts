import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { ReconcileError } from '../errors.ts'
import { buildEnvironment, installed, type InstallOptions } from './cache.ts'
import { runCommand } from './command.ts'
import { projectFile } from './project.ts'

export type KafkaVersion = '4.3.1' | '3.9.2'

/** Installs a Kafka with its command-line tools; returns the directory of its jars, every one checked against jars.sha256. */
export async function installKafka(version: KafkaVersion, options: InstallOptions): Promise<string> {
  const { places, signal, say } = options
  const source = projectFile('src', 'stack', 'kafka', version)
  const lock = await readFile(join(source, 'jars.sha256'), 'utf8')
  const name = `kafka-${version}-${createHash('sha256').update(lock).digest('hex').slice(0, 8)}`
  return installed({ cache: places.cache, name, signal, say }, async (directory) => {
    say?.(`downloading Kafka ${version} with Maven, about 45 MB`)
    await copyJars(source, directory, options)
    await verifyJars(directory, parseChecksums(lock))
  })
}

async function copyJars(source: string, directory: string, install: InstallOptions): Promise<void> {
  const { signal } = install
  // A pom of its own in a directory of its own: Maven may write beside the pom it reads.
  const work = join(directory, 'maven')
  await mkdir(work)
  await copyFile(join(source, 'pom.xml'), join(work, 'pom.xml'))
  const args = [
    '-B',
    '-ntp',
    '-q',
    'dependency:copy-dependencies',
    '-DincludeScope=runtime',
    `-DoutputDirectory=${directory}`,
  ]
  const options = { env: buildEnvironment(install), cwd: work, deadlineMs: 15 * 60_000, signal }
  const result = await runCommand('mvn', args, options).catch((error: unknown) => {
    signal?.throwIfAborted()
    if (!(error instanceof ReconcileError) || error.reason !== 'MissingPrerequisite') throw error
    throw new ReconcileError(
      'MissingPrerequisite',
      'Kafka is fetched with Maven and there is no mvn: install it (Debian, Ubuntu: apt-get install maven)',
      { cause: error },
    )
  })
  if (result.code !== 0) throw mavenFailure(result.stdout + result.stderr)
  await rm(work, { recursive: true })
}

/** Maven's failure as a sentence that tells the network from the rest. */
export function mavenFailure(output: string): ReconcileError {
  const lines = output
    .split('\n')
    .filter((line) => line.includes('ERROR'))
    .slice(0, 5)
    .join('\n')
  const words = lines || output.slice(-2_000)
  const network =
    /Could not transfer|Unknown host|Connection (refused|timed out|reset)|Network is unreachable|Temporary failure/i.test(
      output,
    )
  return network
    ? new ReconcileError(
        'MissingPrerequisite',
        `Maven could not reach its repository: check the network, and the proxy or mirror in Maven’s settings.xml\n${words}`,
      )
    : new ReconcileError('StackFailed', `Maven failed: ${words}`)
}

/** The lines of sha256sum: file name → lower-case hex. */
export function parseChecksums(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').filter((line) => line !== '')
  return new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]))
}

/** Throws StackFailed unless the directory holds exactly the files named, each with the checksum named. */
export async function verifyJars(directory: string, expected: ReadonlyMap<string, string>): Promise<void> {
  const present = new Set(await readdir(directory))
  const unknown = [...present].filter((name) => !expected.has(name))
  const missing = [...expected.keys()].filter((name) => !present.has(name))
  const wrong: string[] = []
  for (const [name, checksum] of expected) {
    if (present.has(name) && (await sha256OfFile(join(directory, name))) !== checksum) wrong.push(name)
  }
  const faults = [
    ...unknown.map((name) => `${name} is not expected`),
    ...missing.map((name) => `${name} is missing`),
    ...wrong.map((name) => `${name} has another checksum`),
  ]
  if (faults.length === 0) return
  throw new ReconcileError(
    'StackFailed',
    `what Maven brought is not what jars.sha256 locks: ${faults.join('; ')}`,
  )
}

async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
