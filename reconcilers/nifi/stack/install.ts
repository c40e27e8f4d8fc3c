import { createHash } from 'node:crypto'
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { installed, type InstallOptions } from '../../../src/stack/cache.ts'
import { runOrThrow } from '../../../src/stack/command.ts'
import { findJava } from '../../../src/stack/java.ts'
import { fetchWithMaven, lockKey } from '../../../src/stack/maven.ts'
import { unzip } from '../../../src/stack/unzip.ts'
import { nifiJava, nifiVersion, versionFile } from './versions.ts'

/** Installs NiFi; returns its home, which is only read from then on: every node has a directory of its own. */
export async function installNifi(options: InstallOptions): Promise<string> {
  const { places, signal, say } = options
  const sources = ['runtime', 'nars', 'processors'].map((part) => versionFile(part))
  const name = `nifi-${nifiVersion}-${await lockKey(...sources)}`
  return installed({ cache: places.cache, name, signal, say }, async (home) => {
    say?.(`downloading NiFi ${nifiVersion} with Maven, about 200 MB`)
    await fetchPart('runtime', libraries(home), options)
    await fetchPart('nars', join(home, 'download'), options)
    await unpackNars(home)
    await packStandardNar(home, options)
    say?.(`unpacking NiFi ${nifiVersion}`)
    await writeStubs(home, options)
    await rm(join(home, 'download'), { recursive: true })
  })
}

/** The jars of the class path. */
export function libraries(home: string): string {
  return join(home, 'lib')
}

/** What NiFi takes for its NARs. */
export function narDirectory(home: string): string {
  return join(home, 'nars')
}

/** Its NARs as NiFi unpacks them: `<file of the NAR>-unpacked`. */
export function unpackedDirectory(home: string): string {
  return join(home, 'unpacked')
}

async function fetchPart(part: string, directory: string, options: InstallOptions): Promise<void> {
  await fetchWithMaven({ what: 'NiFi', source: versionFile(part) }, directory, options)
}

/** As NiFi itself does on its first start, jars moved from META-INF to NAR-INF: a node then need not do it, nor keep 200 MB of its own. */
async function unpackNars(home: string): Promise<void> {
  const download = join(home, 'download')
  for (const nar of await readdir(download)) {
    const target = join(unpackedDirectory(home), `${nar}-unpacked`)
    await unzip(join(download, nar), target)
    await mkdir(join(target, 'NAR-INF'))
    await rename(join(target, 'META-INF', 'bundled-dependencies'), jarsOf(home, nar))
  }
}

function jarsOf(home: string, nar: string): string {
  return join(unpackedDirectory(home), `${nar}-unpacked`, 'NAR-INF', 'bundled-dependencies')
}

const standardNar = `nifi-standard-nar-${nifiVersion}.nar`
/** Their classes come first: a jar that they have would never be asked. */
const parentsOfStandardNar = ['nifi-standard-shared-nar', 'nifi-standard-services-api-nar'] as const

/** The NAR of the standard processors, which is not published: its jars are. */
async function packStandardNar(home: string, options: InstallOptions): Promise<void> {
  const jars = jarsOf(home, standardNar)
  await fetchPart('processors', jars, options)
  for (const parent of parentsOfStandardNar) {
    for (const jar of await readdir(jarsOf(home, `${parent}-${nifiVersion}.nar`)))
      await rm(join(jars, jar), { force: true })
  }
  const meta = join(unpackedDirectory(home), `${standardNar}-unpacked`, 'META-INF')
  await mkdir(meta)
  await copyFile(versionFile('processors', 'MANIFEST.MF'), join(meta, 'MANIFEST.MF'))
}

/**
 * NiFi reads every NAR whole at every start, to see whether what it once unpacked is still that: two seconds for 200 MB. So the NARs
 * that it finds hold nothing but their manifest, and what is unpacked says that it came from them.
 */
async function writeStubs(home: string, { places, signal }: InstallOptions): Promise<void> {
  const java = await findJava(nifiJava, places, signal)
  const jar = java === 'java' ? 'jar' : join(dirname(java), 'jar')
  await mkdir(narDirectory(home))
  for (const directory of await readdir(unpackedDirectory(home))) {
    const unpacked = join(unpackedDirectory(home), directory)
    const stub = join(narDirectory(home), directory.replace(/-unpacked$/, ''))
    const manifest = join(unpacked, 'META-INF', 'MANIFEST.MF')
    const args = ['--create', '--file', stub, '--manifest', manifest]
    await runOrThrow(jar, args, { env: { PATH: places.path }, deadlineMs: 60_000, signal })
    const digest = createHash('sha256').update(await readFile(stub)).digest()
    await writeFile(join(unpacked, 'nar-digest'), digest)
  }
}
