import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ReconcileError } from '../errors.ts'
import { runCommand } from './command.ts'
import type { StackPlaces } from './settings.ts'

/** The Java that a program runs on, by feature release: 17, 25. */
export interface JavaNeed {
  /** For people: `Kafka`. */
  readonly what: string
  readonly oldest: number
  /** Some programs stop at a release that came after them. */
  readonly newest?: number
  /** True: with the compiler. */
  readonly jdk?: true
}

/** Where Debian, Ubuntu, Fedora and their like put every Java that is installed. */
const javaDirectory = '/usr/lib/jvm'

/**
 * A Java that suits: the one in JAVA_HOME or else on the PATH, else the oldest that suits of those installed beside it.
 * Throws MissingPrerequisite with the way out.
 */
export async function findJava(
  need: JavaNeed,
  places: StackPlaces,
  signal?: AbortSignal,
  directory: string = javaDirectory,
): Promise<string> {
  const first = places.javaHome === undefined ? 'java' : join(places.javaHome, 'bin', 'java')
  const [usual] = await askAll([first], places, signal)
  if (usual !== undefined && suits(usual.version, need)) return usual.java
  const installed = (await readdir(directory).catch(() => []))
    .sort()
    .map((name) => join(directory, name, 'bin', 'java'))
  const others = await askAll(installed, places, signal)
  const [oldest] = others.filter(({ version }) => suits(version, need)).sort((a, b) => a.version - b.version)
  if (oldest !== undefined) return oldest.java
  throw missing(need, first, usual?.version)
}

function suits(version: number, { oldest, newest = Infinity }: JavaNeed): boolean {
  return version >= oldest && version <= newest
}

function missing(need: JavaNeed, java: string, version: number | undefined): ReconcileError {
  const { what, oldest, newest, jdk } = need
  const wanted = newest === undefined ? `Java ${oldest} or newer` : `a Java from ${oldest} to ${newest}`
  const is = version === undefined ? 'is not there' : `is ${version}`
  const name = `openjdk-${oldest}-${jdk === true ? 'jdk' : 'jre'}-headless`
  const way = `install it (Debian, Ubuntu: apt-get install ${name}), or set JAVA_HOME to it`
  return new ReconcileError('MissingPrerequisite', `${what} needs ${wanted} and ${java} ${is}: ${way}`)
}

interface FoundJava {
  readonly java: string
  readonly version: number
}

/** Those of the programs that are there, each with its feature release. */
async function askAll(
  programs: readonly string[],
  places: StackPlaces,
  signal: AbortSignal | undefined,
): Promise<readonly FoundJava[]> {
  const options = { env: { PATH: places.path }, deadlineMs: 20_000, signal }
  const found = await Promise.all(
    programs.map(async (java) => {
      const result = await runCommand(java, ['-version'], options).catch(() => undefined)
      return result === undefined ? [] : [{ java, version: javaVersion(result.stderr) }]
    }),
  )
  signal?.throwIfAborted()
  return found.flat()
}

/** The feature release out of `java -version`: 17 of "17.0.15", 8 of "1.8.0_402", 0 when it says nothing. */
export function javaVersion(text: string): number {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(text) ?? []
  return Number((first === '1' ? second : first) ?? 0)
}
