import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256 } from '../../../src/core/canonical.ts'
import { installed, type InstallOptions } from '../../../src/stack/cache.ts'
import { type ImageConfig, type ImageFile, writeImage } from './image-archive.ts'
import type { Work } from './isolated.ts'
import { cachedLayer, type Contents, imageCache, type Layer, packLayer, removeOthers } from './layer.ts'

export interface FilesImage {
  /** With its tag. */
  readonly name: string
  /** What lies below the files. */
  readonly base: readonly Layer[]
  /** Told only when the image has to be made. */
  readonly files: (work: Work) => Promise<Contents>
  /** Tells one content of the files from another: versions, locks, hashes. */
  readonly key: string
  readonly config: ImageConfig
}

/** An image of a base and files of this machine: no step that runs anything, so that it takes seconds. */
export async function imageOfFiles(image: FilesImage, options: InstallOptions): Promise<ImageFile> {
  const { name, base, config } = image
  const title = fileName(name)
  const layerKey = sha256(image.key).slice(0, 8)
  const layer = await cachedLayer(`${title}-${layerKey}`, options, async (file, work) =>
    packLayer(await image.files(work), file, work),
  )
  return cachedImage({ name, layers: [...base, layer], config }, options)
}

/** An image of layers of the cache, written where it is not there yet. */
async function cachedImage(
  image: { readonly name: string; readonly layers: readonly Layer[]; readonly config: ImageConfig },
  options: InstallOptions,
): Promise<ImageFile> {
  const { signal, say } = options
  const digests = image.layers.map(({ digest }) => digest)
  const key = sha256(JSON.stringify([image.name, image.config, digests])).slice(0, 8)
  const what = { cache: imageCache(options), name: `image-${fileName(image.name)}-${key}`, signal, say }
  const directory = await installed(what, async (target) => {
    say?.(`packing the image ${image.name}`)
    const work = { options, temporary: join(target, 'work') }
    await writeImage(image, join(target, 'image.tar'), work)
    await rm(work.temporary, { recursive: true, force: true })
  })
  await removeOthers(imageCache(options), directory)
  return { name: image.name, file: join(directory, 'image.tar') }
}

/** `apache-kafka-4.3.1` of `apache/kafka:4.3.1`. */
export function fileName(image: string): string {
  return image.replaceAll(/[^a-z0-9.]+/g, '-')
}
