import { chmod, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { versionFile } from '../../../reconcilers/elasticsearch/stack/versions.ts'
import { sha256 } from '../../../src/core/canonical.ts'
import type { InstallOptions } from '../../../src/stack/cache.ts'
import { fetchWithMaven, lockKey } from '../../../src/stack/maven.ts'
import { unzip } from '../../../src/stack/unzip.ts'
import { debianLayer, usualPath, withUser } from './debian.ts'
import type { ImageFile } from './image-archive.ts'
import { imageOfFiles } from './image-of-files.ts'
import type { Work } from './isolated.ts'
import { javaHome, javaLayer } from './java.ts'
import type { Content, Contents } from './layer.ts'

const version = '8.19.21'
const source = versionFile(version, 'home')
const home = '/usr/share/elasticsearch'
const entrypoint = '/usr/local/bin/docker-entrypoint.sh'
const user = { name: 'elasticsearch', id: 1000, home }

/** Stands for elasticsearch: the same paths, user and scripts, as far as deploy/services/elasticsearch uses them. */
export async function elasticsearchImage(options: InstallOptions): Promise<ImageFile> {
  const [base, java] = [await debianLayer(options), await javaLayer(options)]
  const own = async (name: string): Promise<string> =>
    readFile(join(import.meta.dirname, 'elasticsearch', name), 'utf8')
  const small = new Map<string, Content>([
    [entrypoint, { text: await own('docker-entrypoint.sh'), mode: 0o755 }],
    [`${home}/config/log4j2.properties`, { text: await own('log4j2.properties') }],
    [`${home}/config/elasticsearch.yml`, { text: 'cluster.name: docker-cluster\nnetwork.host: 0.0.0.0\n' }],
    // A test is over before the better compiler has paid for itself.
    [`${home}/config/jvm.options.d/start.options`, { text: '-XX:TieredStopAtLevel=1\n' }],
    [`${home}/jdk`, { link: javaHome }],
    ...['data', 'logs', 'plugins'].map(
      (name) => [`${home}/${name}`, { directory: true, owner: user.id }] as const,
    ),
    ...withUser(user),
  ])
  return imageOfFiles(
    {
      name: `elasticsearch:${version}`,
      base: [base, java],
      files: async (work) => new Map([...(await unpacked(work)), ...small]),
      key: (await lockKey(source)) + sha256(JSON.stringify([...small])) + 'writable config',
      config: {
        User: '1000:0',
        Env: [`${usualPath}:${home}/bin`, 'ELASTIC_CONTAINER=true'],
        WorkingDir: home,
        Entrypoint: [entrypoint],
        Cmd: ['eswrapper'],
      },
    },
    options,
  )
}

/** The makers' distribution for tests, whole: the local stack keeps only what it needs of it. */
async function unpacked(work: Work): Promise<Contents> {
  work.options.say?.(`unpacking Elasticsearch ${version}, fetched with Maven where it is missing (107 MB)`)
  const directory = join(work.temporary, 'elasticsearch')
  await fetchWithMaven({ what: 'Elasticsearch', source }, directory, work.options)
  await unzip(join(directory, `elasticsearch-${version}.zip`), directory)
  const root = join(directory, `elasticsearch-${version}`)
  for (const program of await readdir(join(root, 'bin'))) await chmod(join(root, 'bin', program), 0o755)
  for (const platform of await readdir(join(root, 'lib', 'platform')))
    if (!platform.startsWith('linux-')) await rm(join(root, 'lib', 'platform', platform), { recursive: true })
  const parts = ['bin', 'lib', 'modules'].map(
    (each) => [`${home}/${each}`, { from: join(root, each) }] as const,
  )
  // The node makes its keystore there.
  return new Map<string, Content>([
    ...parts,
    [`${home}/config`, { from: join(root, 'config'), owner: user.id }],
  ])
}
