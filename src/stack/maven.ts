import { copyFile, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256 } from '../core/canonical.ts'
import { ReconcileError } from '../errors.ts'
import { buildEnvironment, type InstallOptions } from './cache.ts'
import { parseChecksums, verifyFiles } from './checksums.ts'
import { runCommand } from './command.ts'

/** Files that Maven resolves from a pom.xml, each locked by a line of the files.sha256 beside it. */
export interface MavenFiles {
  /** For people: `Kafka`. */
  readonly what: string
  /** The directory with pom.xml and files.sha256. */
  readonly source: string
}

/** Eight hex digits that name what is locked: another content is another name in the cache. */
export async function lockKey(...sources: readonly string[]): Promise<string> {
  const locks = await Promise.all(sources.map(readLock))
  return sha256(locks.join('')).slice(0, 8)
}

/**
 * Copies what the pom names, with all that it needs, into a directory that is empty or not there yet, and checks every file.
 * Throws MissingPrerequisite with the way out (no Maven, no network), StackFailed when a file is not the one that is locked.
 */
export async function fetchWithMaven(
  files: MavenFiles,
  directory: string,
  install: InstallOptions,
): Promise<void> {
  await copyDependencies(files, directory, install)
  await verifyFiles(directory, parseChecksums(await readLock(files.source)))
}

async function readLock(source: string): Promise<string> {
  return readFile(join(source, 'files.sha256'), 'utf8')
}

async function copyDependencies(
  { what, source }: MavenFiles,
  directory: string,
  install: InstallOptions,
): Promise<void> {
  const { signal } = install
  // A pom of its own in a directory of its own: Maven may write beside the pom it reads.
  const work = join(directory, 'maven')
  await mkdir(work, { recursive: true })
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
      `${what} is fetched with Maven and there is no mvn: install it (Debian, Ubuntu: apt-get install maven)`,
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
