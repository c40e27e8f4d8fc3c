import type { InstallOptions } from '../../../src/stack/cache.ts'
import { installPackages } from '../cluster/packages.ts'
import { elasticsearchImage } from './elasticsearch-image.ts'
import type { ImageFile } from './image-archive.ts'
import { kafkaImage } from './kafka-image.ts'

export { appImage, nextAppImage } from './app-image.ts'
export type { ImageFile } from './image-archive.ts'
export { imageOfFiles } from './image-of-files.ts'

/** What stands for the official images of the services, under their names: see README.md. */
export async function serviceImages(options: InstallOptions): Promise<readonly ImageFile[]> {
  await installPackages(options)
  return [await kafkaImage(options), await elasticsearchImage(options)]
}
