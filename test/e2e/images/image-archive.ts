import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { sha256 } from '../../../src/core/canonical.ts'
import { run, type Work } from './isolated.ts'
import type { Layer } from './layer.ts'

/** An image in a file that `ctr images import` and `docker load` take. */
export interface ImageFile {
  /** With its tag: `apache/kafka:4.3.1`. */
  readonly name: string
  readonly file: string
}

/** What a container of the image is started with, in Docker's own words. */
export interface ImageConfig {
  readonly User?: string
  readonly Env?: readonly string[]
  readonly WorkingDir?: string
  readonly Entrypoint?: readonly string[]
  readonly Cmd?: readonly string[]
  readonly Labels?: Readonly<Record<string, string>>
  readonly [other: string]: unknown
}

export interface Image {
  readonly name: string
  /** From the lowest. */
  readonly layers: readonly Layer[]
  readonly config: ImageConfig
}

/** Node's name for this machine, in the words of image makers. */
export const architecture = process.arch === 'x64' ? 'amd64' : process.arch

/**
 * Writes an image as `docker save` would, layers as they are: no compression that containerd would only undo. Not OCI's own
 * format, which has no place for a health check.
 */
export async function writeImage(image: Image, file: string, work: Work): Promise<void> {
  const parts = `${file}.parts`
  await mkdir(parts)
  for (const { file: layer, digest } of image.layers) await link(layer, join(parts, `${digest}.tar`))
  const diffIds = image.layers.map(({ digest }) => `sha256:${digest}`)
  const description = JSON.stringify({
    architecture,
    os: 'linux',
    // The same parts are the same image, whenever it was made.
    created: '1970-01-01T00:00:00Z',
    config: image.config,
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: diffIds.map((_, index) => ({ created_by: `layer ${index + 1} of ${image.name}` })),
  })
  const name = `${sha256(description)}.json`
  await writeFile(join(parts, name), description)
  const layers = image.layers.map(({ digest }) => `${digest}.tar`)
  await writeFile(
    join(parts, 'manifest.json'),
    JSON.stringify([{ Config: name, RepoTags: [image.name], Layers: layers }]),
  )
  await run('tar', ['--create', '--file', file, '--directory', parts, 'manifest.json', name, ...layers], work)
  await rm(parts, { recursive: true })
}

const manifests = z.tuple([z.object({ Config: z.string(), Layers: z.array(z.string()) })])
const descriptions = z.object({
  config: z.record(z.string(), z.unknown()),
  rootfs: z.object({ diff_ids: z.array(z.string()) }),
})

/** The image in an archive of Docker's format, its layers unpacked into `directory`. */
export async function readImage({ name, file }: ImageFile, directory: string, work: Work): Promise<Image> {
  await mkdir(directory, { recursive: true })
  await run('tar', ['--extract', '--file', file, '--directory', directory], work)
  const json = async (part: string): Promise<unknown> =>
    JSON.parse(await readFile(join(directory, part), 'utf8'))
  const [{ Config, Layers }] = manifests.parse(await json('manifest.json'))
  const { config, rootfs } = descriptions.parse(await json(Config))
  const layers = Layers.map((layer, index) => ({
    file: join(directory, layer),
    digest: (rootfs.diff_ids[index] ?? '').replace('sha256:', ''),
  }))
  return { name, layers, config }
}
