import { existsSync } from 'node:fs'
import { mkdir, realpath } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { z } from 'zod'
import { ReconcileError } from '../../../src/errors.ts'
import { buildEnvironment, type InstallOptions } from '../../../src/stack/cache.ts'
import { run, type Work } from './isolated.ts'

/** Where Debian keeps every authority that it trusts. */
export const certificates = '/etc/ssl/certs/ca-certificates.crt'

/** The directory of this machine's npm. Throws MissingPrerequisite for one that is spread over several, as Debian's own is. */
export async function npmDirectory({ places }: InstallOptions): Promise<string> {
  const directory = dirname(dirname(await realpath(join(binaryDirectory(places.path), 'npm'))))
  if (existsSync(join(directory, 'bin', 'npm-cli.js')) && existsSync(join(directory, 'node_modules')))
    return directory
  throw new ReconcileError(
    'MissingPrerequisite',
    `the image is built with this machine’s npm, and ${directory} does not hold all of it: use the npm that comes with Node.js`,
  )
}

function binaryDirectory(path: string): string {
  const found = path.split(delimiter).find((directory) => existsSync(join(directory, 'npm')))
  if (found !== undefined) return found
  throw new ReconcileError(
    'MissingPrerequisite',
    'there is no npm on the PATH: install it, it comes with Node.js',
  )
}

const npmConfig = z.object({
  cache: z.string(),
  userconfig: z.string().nullish(),
  globalconfig: z.string().nullish(),
  cafile: z.string().nullish(),
})

interface Mount {
  readonly from: string | null | undefined
  readonly to: string
  readonly mode: 'ro' | 'rw'
}

/**
 * This machine's npm configuration, certificates and cache, as `--volume` wants them: lent to a build for its time, so that none of it
 * is in an image. Without them a build behind a proxy or mirror could fetch nothing.
 */
export async function npmMounts(work: Work): Promise<readonly string[]> {
  const { places } = work.options
  // With the Node beside it, to which its global configuration belongs.
  const env = { PATH: [binaryDirectory(places.path), places.path].join(delimiter) }
  const answer = await run('npm', ['config', 'list', '--json'], work, env)
  const { cache, userconfig, globalconfig, cafile } = npmConfig.parse(JSON.parse(answer))
  const trusted = buildEnvironment(work.options)['NODE_EXTRA_CA_CERTS'] ?? certificates
  await mkdir(cache, { recursive: true })
  const mounts: readonly Mount[] = [
    { from: cache, to: '/root/.npm', mode: 'rw' },
    { from: userconfig, to: '/root/.npmrc', mode: 'ro' },
    { from: globalconfig, to: '/usr/local/etc/npmrc', mode: 'ro' },
    { from: trusted, to: certificates, mode: 'ro' },
    { from: cafile === certificates ? undefined : cafile, to: cafile ?? '', mode: 'ro' },
  ]
  return mounts.flatMap(({ from, to, mode }) =>
    typeof from === 'string' && existsSync(from) ? [`${from}:${to}:${mode}`] : [],
  )
}
