import { createHash } from 'node:crypto'
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ReconcileError } from '../../../src/errors.ts'
import { runOrThrow } from '../../../src/stack/command.ts'
import { unzip } from '../../../src/stack/unzip.ts'
import { jarsOf, libraries, narDirectory, narFile, unpackedDirectory, unpackedNar } from './home.ts'
import { versionFile } from './versions.ts'

/** The Java whose programs are run, and where else programs are looked for. */
export interface JdkRun {
  readonly java: string
  readonly path: string
  readonly signal: AbortSignal | undefined
}

/** As NiFi itself does on its first start, jars moved from META-INF to NAR-INF: a node then need not do it, nor keep 200 MB of its own. */
export async function unpackNars(download: string, home: string): Promise<void> {
  for (const nar of await readdir(download)) {
    const target = unpackedNar(home, nar)
    await unzip(join(download, nar), target)
    await mkdir(join(target, 'NAR-INF'))
    await rename(join(target, 'META-INF', 'bundled-dependencies'), jarsOf(home, nar))
  }
}

/** Their classes come first: a jar that they have would never be asked. */
const parentsOfStandardNar = ['nifi-standard-shared-nar', 'nifi-standard-services-api-nar'] as const

/** The NAR of the standard processors, which is not published: its jars are. */
export async function packStandardNar(
  home: string,
  fetchJars: (directory: string) => Promise<void>,
): Promise<void> {
  const nar = narFile('nifi-standard-nar')
  await fetchJars(jarsOf(home, nar))
  for (const parent of parentsOfStandardNar) {
    for (const jar of await readdir(jarsOf(home, narFile(parent))))
      await rm(join(jarsOf(home, nar), jar), { force: true })
  }
  await copyManifest('processors', unpackedNar(home, nar))
}

/** A login by name and password: no provider of NiFi's own is published. */
export async function packLoginNar(home: string, run: JdkRun): Promise<void> {
  const nar = narFile('infometis-login-nar')
  const classes = join(home, 'classes')
  const services = join(classes, 'META-INF', 'services')
  await mkdir(services, { recursive: true })
  await writeFile(join(services, 'org.apache.nifi.authentication.LoginIdentityProvider'), 'UsersFileLogin\n')
  const source = versionFile('login', 'UsersFileLogin.java')
  // For the oldest Java that NiFi runs on: tomorrow's may be older than the one that compiles.
  await runJdk('javac', ['--release', '21', '-d', classes, '-cp', join(libraries(home), '*'), source], run)
  await mkdir(jarsOf(home, nar), { recursive: true })
  await runJdk('jar', ['--create', '--file', join(jarsOf(home, nar), 'login.jar'), '-C', classes, '.'], run)
  await rm(classes, { recursive: true })
  await copyManifest('login', unpackedNar(home, nar))
}

async function copyManifest(part: string, target: string): Promise<void> {
  await mkdir(join(target, 'META-INF'))
  await copyFile(versionFile(part, 'MANIFEST.MF'), join(target, 'META-INF', 'MANIFEST.MF'))
}

/**
 * NiFi reads every NAR whole at every start, to see whether what it once unpacked is still that: two seconds for 200 MB. So the NARs
 * that it finds hold nothing but their manifest, and what is unpacked says that it came from them.
 */
export async function writeStubs(home: string, run: JdkRun): Promise<void> {
  await mkdir(narDirectory(home))
  for (const name of await readdir(unpackedDirectory(home))) {
    const unpacked = join(unpackedDirectory(home), name)
    const stub = join(narDirectory(home), name.replace(/-unpacked$/, ''))
    await runJdk(
      'jar',
      ['--create', '--file', stub, '--manifest', join(unpacked, 'META-INF', 'MANIFEST.MF')],
      run,
    )
    const digest = createHash('sha256')
      .update(await readFile(stub))
      .digest()
    await writeFile(join(unpacked, 'nar-digest'), digest)
  }
}

/** The programs beside the Java that runs NiFi, which is why a whole JDK is needed. */
async function runJdk(
  program: string,
  args: readonly string[],
  { java, path, signal }: JdkRun,
): Promise<void> {
  const command = java === 'java' ? program : join(dirname(java), program)
  const options = { env: { PATH: path }, deadlineMs: 120_000, signal }
  await runOrThrow(command, args, options).catch((cause: unknown) => {
    if (!(cause instanceof ReconcileError) || cause.reason !== 'MissingPrerequisite') throw cause
    const way =
      'install it (Debian, Ubuntu: apt-get install openjdk-21-jdk-headless), or set JAVA_HOME to a JDK'
    const what = `NiFi is put together with the programs of a JDK and there is no ${command}: ${way}`
    throw new ReconcileError('MissingPrerequisite', what, { cause })
  })
}
