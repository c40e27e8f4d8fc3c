import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import { installed, type InstallOptions } from '../../../src/stack/cache.ts'
import { findJava } from '../../../src/stack/java.ts'
import { fetchWithMaven, lockKey } from '../../../src/stack/maven.ts'
import { classArchive } from './class-archive.ts'
import { libraries } from './home.ts'
import { packLoginNar, packStandardNar, unpackNars, writeStubs } from './nars.ts'
import { nifiJava, nifiVersion, versionFile } from './versions.ts'

export interface NifiInstallation {
  readonly java: string
  /** Only read: every node has a directory of its own. */
  readonly home: string
  /** The file of a class data sharing archive for this Java; undefined where it makes none. */
  readonly archive: string | undefined
}

/** Installs NiFi, and makes what lets it start faster. */
export async function installNifi(options: InstallOptions): Promise<NifiInstallation> {
  const java = await findJava(nifiJava, options.places, options.signal)
  const home = await installHome(java, options)
  return { java, home, archive: await classArchive({ java, home }, options) }
}

const locked = ['runtime', 'nars', 'processors'].map((part) => versionFile(part))
const own = [
  versionFile('processors', 'MANIFEST.MF'),
  versionFile('login', 'MANIFEST.MF'),
  versionFile('login', 'UsersFileLogin.java'),
]

async function installHome(java: string, options: InstallOptions): Promise<string> {
  const { places, signal, say } = options
  const texts = await Promise.all(own.map(async (file) => readFile(file, 'utf8')))
  const key = createHash('sha256')
    .update([await lockKey(...locked), ...texts].join(''))
    .digest('hex')
    .slice(0, 8)
  const name = `nifi-${nifiVersion}-${key}`
  return installed({ cache: places.cache, name, signal, say }, async (home) => {
    const fetchPart = async (part: string, directory: string): Promise<void> =>
      fetchWithMaven({ what: 'NiFi', source: versionFile(part) }, directory, options)
    const download = join(home, 'download')
    say?.(`downloading NiFi ${nifiVersion} with Maven, about 200 MB`)
    await fetchPart('runtime', libraries(home))
    await fetchPart('nars', download)
    await unpackNars(download, home)
    await packStandardNar(home, async (jars) => fetchPart('processors', jars))
    const run = { java, path: places.path, signal }
    await packLoginNar(home, run)
    await writeStubs(home, run)
    await rm(download, { recursive: true })
  })
}
