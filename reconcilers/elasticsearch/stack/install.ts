import { copyFile, mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { installed, type InstallOptions } from '../../../src/stack/cache.ts'
import { runOrThrow } from '../../../src/stack/command.ts'
import { findJava } from '../../../src/stack/java.ts'
import { fetchWithMaven, lockKey } from '../../../src/stack/maven.ts'
import { unzip } from '../../../src/stack/unzip.ts'
import { type ElasticsearchVersion, javaOf, versionFile } from './versions.ts'

/** Installs an Elasticsearch; returns its home, which is only read from then on: every node has a directory of its own. */
export async function installElasticsearch(
  version: ElasticsearchVersion,
  options: InstallOptions,
): Promise<string> {
  const { places, signal, say } = options
  const sources = partsOf[version].map((part) => versionFile(version, part))
  const name = `elasticsearch-${version}-${await lockKey(...sources)}`
  return installed({ cache: places.cache, name, signal, say }, async (home) => {
    say?.(`downloading Elasticsearch ${version} with Maven, about ${megabytes[version]} MB`)
    await fill[version](home, options)
  })
}

const megabytes: Readonly<Record<ElasticsearchVersion, number>> = {
  '7.17.29': 60,
  '8.19.21': 107,
  '9.5.3': 45,
}

/** The folders with a pom and a lock each. */
const partsOf: Readonly<Record<ElasticsearchVersion, readonly string[]>> = {
  '7.17.29': ['home', 'reindex'],
  '8.19.21': ['home'],
  '9.5.3': ['lib', 'transport-netty4'],
}

const fill: Readonly<Record<ElasticsearchVersion, (home: string, options: InstallOptions) => Promise<void>>> =
  {
    '7.17.29': async (home, options) => {
      await unpackHome('7.17.29', home, options)
      await fetchModule('7.17.29', 'reindex', home, options)
      const policy = 'plugin-security.policy'
      await copyFile(versionFile('7.17.29', 'reindex', policy), join(home, 'modules', 'reindex', policy))
    },
    '8.19.21': async (home, options) => unpackHome('8.19.21', home, options),
    '9.5.3': async (home, options) => {
      await fetchPart('9.5.3', 'lib', join(home, 'lib'), options)
      await fetchModule('9.5.3', 'transport-netty4', home, options)
      await mkdir(join(home, 'plugins'))
      await compileLauncher(home, options)
    },
  }

async function unpackHome(
  version: ElasticsearchVersion,
  home: string,
  options: InstallOptions,
): Promise<void> {
  const download = join(home, 'download')
  await fetchPart(version, 'home', download, options)
  await unzip(join(download, `elasticsearch-${version}.zip`), download)
  for (const folder of ['bin', 'lib', 'modules', 'plugins'])
    await rename(join(download, `elasticsearch-${version}`, folder), join(home, folder))
  await rm(download, { recursive: true })
}

async function fetchModule(
  version: ElasticsearchVersion,
  name: string,
  home: string,
  options: InstallOptions,
): Promise<void> {
  const module = join(home, 'modules', name)
  await fetchPart(version, name, module, options)
  const descriptor = 'plugin-descriptor.properties'
  await copyFile(versionFile(version, name, descriptor), join(module, descriptor))
}

async function fetchPart(
  version: ElasticsearchVersion,
  part: string,
  directory: string,
  options: InstallOptions,
): Promise<void> {
  await fetchWithMaven({ what: 'Elasticsearch', source: versionFile(version, part) }, directory, options)
}

/** The compiler of the Java that runs it, which is why a whole JDK is needed. */
async function compileLauncher(home: string, { places, signal }: InstallOptions): Promise<void> {
  const java = await findJava(javaOf['9.5.3'], places, signal)
  const compiler = java === 'java' ? 'javac' : join(dirname(java), 'javac')
  const source = versionFile('9.5.3', 'Launch9.java')
  const args = ['-d', join(home, 'launcher'), '-cp', join(home, 'lib', '*'), source]
  await runOrThrow(compiler, args, { env: { PATH: places.path }, deadlineMs: 120_000, signal })
}
