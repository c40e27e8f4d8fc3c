import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, chown, cp, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { installed, type InstallOptions } from '../../../src/stack/cache.ts'
import { run, type Work } from './isolated.ts'

/** One layer of an image, as it lies in the cache. */
export interface Layer {
  /** A tar archive, not compressed. */
  readonly file: string
  /** sha256 of it. */
  readonly digest: string
}

/** Something to put into an image: a file or directory of this machine, a text, a link or an empty directory. */
export type Content = { readonly mode?: number; readonly owner?: number } & (
  | { readonly from: string }
  | { readonly text: string }
  | { readonly link: string }
  | { readonly directory: true }
)

/** By absolute path in the image. */
export type Contents = ReadonlyMap<string, Content>

/** Where images and their layers are kept. */
export function imageCache({ places }: InstallOptions): string {
  return join(places.cache, 'images')
}

/** A layer of the cache, made by `fill` (which gets a path to write the archive to) where it is not there yet. */
export async function cachedLayer(
  name: string,
  options: InstallOptions,
  fill: (file: string, work: Work) => Promise<void>,
): Promise<Layer> {
  const { signal, say } = options
  const cache = imageCache(options)
  const directory = await installed({ cache, name: `layer-${name}`, signal, say }, async (target) => {
    const work = { options, temporary: join(target, 'work') }
    const file = join(target, 'layer.tar')
    await fill(file, work)
    await writeFile(join(target, 'digest'), await digestOf(file))
    await rm(work.temporary, { recursive: true, force: true })
  })
  await removeOthers(cache, directory)
  return { file: join(directory, 'layer.tar'), digest: await readFile(join(directory, 'digest'), 'utf8') }
}

const keptMs = 60 * 60_000

/**
 * Every state of what something is made of is another directory, `NAME-KEY`: those of an hour ago make room for this one, and so does
 * what a killed build left.
 */
export async function removeOthers(cache: string, directory: string): Promise<void> {
  const name = basename(directory).slice(0, -keyLength)
  const others = (await readdir(cache)).filter(
    (entry) => entry.startsWith(name) && /^[0-9a-f]{8}(\.new)?$/.test(entry.slice(name.length)),
  )
  for (const other of others.map((entry) => join(cache, entry))) {
    const found = other === directory ? undefined : await stat(other).catch(() => undefined)
    if (found === undefined || found.mtimeMs > Date.now() - keptMs) continue
    await rm(other, { recursive: true, force: true })
  }
}

const keyLength = 8

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

/** Packs contents into the archive of a layer. */
export async function packLayer(contents: Contents, file: string, work: Work): Promise<void> {
  const root = join(work.temporary, 'root')
  await mkdir(root, { recursive: true })
  for (const [path, content] of contents) await place(join(root, path), content)
  const same = ['--sort=name', '--mtime=@0', '--numeric-owner']
  await run('tar', ['--create', '--file', file, '--directory', root, ...same, '.'], work)
  await rm(root, { recursive: true })
}

async function place(target: string, content: Content): Promise<void> {
  await mkdir(dirname(target), { recursive: true })
  if ('from' in content) await cp(content.from, target, { recursive: true, verbatimSymlinks: true })
  else if ('text' in content) await writeFile(target, content.text)
  else if ('link' in content) await symlink(content.link, target)
  else await mkdir(target, { recursive: true })
  if (content.mode !== undefined) await chmod(target, content.mode)
  if (content.owner !== undefined) await chown(target, content.owner, content.owner)
}
