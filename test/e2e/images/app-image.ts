import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import pkg from '../../../package.json' with { type: 'json' }
import { installed, type InstallOptions } from '../../../src/stack/cache.ts'
import { projectFile } from '../../../src/stack/project.ts'
import { installPackages } from '../cluster/packages.ts'
import { nodeImage } from './debian.ts'
import { type Image, type ImageFile, readImage, writeImage } from './image-archive.ts'
import { runIsolated, type Work } from './isolated.ts'
import { imageCache, removeOthers } from './layer.ts'
import { npmMounts } from './npm.ts'

const name = `infometis:${pkg.version}`
const nextVersion = `${pkg.version}-next`
const nextName = `infometis:${nextVersion}`

/** The image of the reconcilers, built from the Dockerfile as it is, and kept until a file changes that it is made of. */
export async function appImage(options: InstallOptions): Promise<ImageFile> {
  return { name, file: join(await build(options), 'image.tar') }
}

/** The same image under a later version, for what is to be shown of an update. */
export async function nextAppImage(options: InstallOptions): Promise<ImageFile> {
  return { name: nextName, file: join(await build(options), 'next.tar') }
}

let building: Promise<string> | undefined

/** Once in a process: both images are of the same sources, whatever is edited meanwhile. */
async function build(options: InstallOptions): Promise<string> {
  building ??= buildOnce(options).catch((error: unknown) => {
    building = undefined
    throw error
  })
  return building
}

async function buildOnce(options: InstallOptions): Promise<string> {
  await installPackages(options)
  const base = await nodeImage(options)
  const cache = imageCache(options)
  // Read once: what is built is what it is named by, though somebody may be writing.
  const read = await readSources()
  const what = `image-infometis-${keyOf(read, base.file)}`
  const { signal, say } = options
  const directory = await installed({ cache, name: what, signal, say }, async (target) => {
    say?.(`building the image ${name} from the Dockerfile, about a minute`)
    const work = { options, temporary: join(target, 'work') }
    const image = await buildWithBuildah(read, base, work)
    await writeImage(image, join(target, 'image.tar'), work)
    await writeImage(next(image), join(target, 'next.tar'), work)
    await rm(work.temporary, { recursive: true })
  })
  await removeOthers(cache, directory)
  return directory
}

/** What the Dockerfile copies, and what says how: a change of any of it is another image. */
const sources = [
  'Dockerfile',
  '.dockerignore',
  '.npmrc',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'LICENSE',
]
const folders = ['src', 'reconcilers']

/** Path in the project → content. */
async function readSources(): Promise<ReadonlyMap<string, Buffer>> {
  const root = projectFile()
  const below = await Promise.all(
    folders.map(async (folder) => readdir(join(root, folder), { recursive: true, withFileTypes: true })),
  )
  const files = below
    .flat()
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
  const paths = [...sources, ...files].sort()
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(root, path))] as const)),
  )
}

function keyOf(read: ReadonlyMap<string, Buffer>, base: string): string {
  const hash = createHash('sha256').update(base)
  for (const [path, content] of read) hash.update(`${path} ${content.length}\n`).update(content)
  return hash.digest('hex').slice(0, 8)
}

async function buildWithBuildah(
  read: ReadonlyMap<string, Buffer>,
  base: ImageFile,
  work: Work,
): Promise<Image> {
  const at = (part: string): string => join(work.temporary, part)
  for (const [path, content] of read) {
    await mkdir(dirname(at(`context/${path}`)), { recursive: true })
    await writeFile(at(`context/${path}`), content)
  }
  await writeFile(at('policy.json'), JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }))
  const own = ['--root', at('storage'), '--runroot', at('run'), '--storage-driver', 'vfs']
  const trust = ['--signature-policy', at('policy.json')]
  const image = `localhost/${name}`
  const mounts = await npmMounts(work)
  await runIsolated(
    'buildah',
    [
      ...[...own, 'build', ...trust, '--isolation', 'chroot', '--format', 'docker'],
      // Every step that is kept would be a whole copy of the file system.
      ...['--layers=false', '--pull=never', '--build-arg', `BASE=docker-archive:${base.file}`],
      ...mounts.flatMap((mount) => ['--volume', mount]),
      ...['--tag', image, at('context')],
    ],
    work,
  )
  const archive = `docker-archive:${at('built.tar')}:${name}`
  await runIsolated('buildah', [...own, 'push', ...trust, image, archive], work)
  await rm(at('storage'), { recursive: true })
  return readImage({ name, file: at('built.tar') }, at('built'), work)
}

/** Nothing but its version differs: what an update does to a Deployment does not depend on more. */
function next(image: Image): Image {
  const Labels = { ...image.config.Labels, 'org.opencontainers.image.version': nextVersion }
  return { ...image, name: nextName, config: { ...image.config, Labels } }
}
