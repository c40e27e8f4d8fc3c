import { existsSync } from 'node:fs'
import { mkdir, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { sha256 } from '../../../src/core/canonical.ts'
import { ReconcileError } from '../../../src/errors.ts'
import type { InstallOptions } from '../../../src/stack/cache.ts'
import { runOrThrow } from '../../../src/stack/command.ts'
import { findJava } from '../../../src/stack/java.ts'
import { run } from './isolated.ts'
import { cachedLayer, type Layer, packLayer } from './layer.ts'

/** Where the layer has it; the images that these stand for have theirs there, or a link to it. */
export const javaHome = '/opt/java/openjdk'

/** What Kafka 4.3 and Elasticsearch 8.19 load beside the platform itself. */
const modules = [
  'java.se',
  ...[
    'attach',
    'crypto.ec',
    'jdi',
    'jfr',
    'jlink',
    'management',
    'management.agent',
    'naming.dns',
    'net',
  ].map((name) => `jdk.${name}`),
  ...['jdk.unsupported', 'jdk.zipfs'],
]
const reductions = ['--strip-java-debug-attributes', '--no-header-files', '--no-man-pages']

/** A Java 17 to 22 with the modules that the services load, taken from the JDK of this machine. */
export async function javaLayer(options: InstallOptions): Promise<Layer> {
  const home = await jdk(options)
  const version = await runOrThrow(join(home, 'bin', 'java'), ['--version'], {
    env: { PATH: options.places.path },
    deadlineMs: 20_000,
    signal: options.signal,
  })
  const key = sha256([version, ...modules, ...reductions, 'shared'].join(' ')).slice(0, 8)
  return cachedLayer(`java-${key}`, options, async (file, work) => {
    options.say?.('reducing Java to what the services need')
    const target = join(work.temporary, 'java')
    await mkdir(work.temporary, { recursive: true })
    const what = ['--add-modules', modules.join(','), ...reductions, '--output', target]
    await run(join(home, 'bin', 'jlink'), what, work)
    // The archive of loaded classes, which jlink leaves out and every start is quicker with.
    await run(join(target, 'bin', 'java'), ['-Xshare:dump'], work)
    await packLayer(new Map([[javaHome, { from: target }]]), file, work)
  })
}

async function jdk({ places, signal }: InstallOptions): Promise<string> {
  const need = { what: 'the images of Kafka and Elasticsearch', oldest: 17, newest: 22, jdk: true } as const
  const java = await findJava(need, places, signal)
  const program = java.includes('/') ? java : onPath(java, places.path)
  const home = dirname(dirname(await realpath(program)))
  if (existsSync(join(home, 'jmods'))) return home
  throw new ReconcileError(
    'MissingPrerequisite',
    `${need.what} need a whole JDK and ${home} is none: install one (Debian, Ubuntu: apt-get install openjdk-17-jdk-headless), or set JAVA_HOME to one`,
  )
}

function onPath(program: string, path: string): string {
  const found = path.split(':').map((directory) => join(directory, program))
  return found.find(existsSync) ?? program
}
