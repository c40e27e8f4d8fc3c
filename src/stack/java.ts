import { join } from 'node:path'
import { ReconcileError } from '../errors.ts'
import { runCommand } from './command.ts'
import type { StackPlaces } from './settings.ts'

/** Kafka 4 needs Java 17 (KIP-1013). */
const oldestJava = 17

const installJava =
  'install it (Debian, Ubuntu: apt-get install openjdk-17-jre-headless), or set JAVA_HOME to it'

/** The Java to run brokers with. Throws MissingPrerequisite with the way out. */
export async function findJava(places: StackPlaces, signal?: AbortSignal): Promise<string> {
  const java = places.javaHome === undefined ? 'java' : join(places.javaHome, 'bin', 'java')
  const options = { env: { PATH: places.path }, deadlineMs: 20_000, signal }
  const { stderr } = await runCommand(java, ['-version'], options).catch((error: unknown) => {
    signal?.throwIfAborted()
    throw new ReconcileError(
      'MissingPrerequisite',
      `Kafka needs Java ${oldestJava} or newer and ${java} is not there: ${installJava}`,
      { cause: error },
    )
  })
  const version = javaVersion(stderr)
  if (version >= oldestJava) return java
  throw new ReconcileError(
    'MissingPrerequisite',
    `Kafka needs Java ${oldestJava} or newer and ${java} is ${version}: ${installJava}`,
  )
}

/** The feature release out of `java -version`: 17 of "17.0.15", 8 of "1.8.0_402", 0 when it says nothing. */
export function javaVersion(text: string): number {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(text) ?? []
  return Number((first === '1' ? second : first) ?? 0)
}
