import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { InstallOptions } from '../../../src/stack/cache.ts'
import { imageOfFiles } from '../images/image-of-files.ts'

/** An image of one static program. */
interface ProgramImage {
  /** With its tag. */
  readonly name: string
  readonly program: string
  readonly args: readonly string[]
}

/** The archive of an image that holds one static program and nothing else. */
export async function programImage(image: ProgramImage, options: InstallOptions): Promise<string> {
  const path = `/${basename(image.program)}`
  const { size, mtimeMs } = await stat(image.program)
  const { file } = await imageOfFiles(
    {
      name: image.name,
      base: [],
      files: async () => new Map([[path, { from: image.program, mode: 0o755 }]]),
      key: `${image.program} ${size} ${mtimeMs}`,
      config: { User: '65532:65532', Entrypoint: [path, ...image.args] },
    },
    options,
  )
  return file
}
