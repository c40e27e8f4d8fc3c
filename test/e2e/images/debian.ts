import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { sha256 } from '../../../src/core/canonical.ts'
import type { InstallOptions } from '../../../src/stack/cache.ts'
import { projectFile } from '../../../src/stack/project.ts'
import { architecture, type ImageFile } from './image-archive.ts'
import { imageOfFiles } from './image-of-files.ts'
import { runIsolated } from './isolated.ts'
import { cachedLayer, type Content, type Contents, type Layer } from './layer.ts'
import { certificates, npmDirectory } from './npm.ts'

export const usualPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

const unread = ['doc', 'info', 'locale', 'man'].map((each) => `--dpkgopt=path-exclude=/usr/share/${each}/*`)
/** What Debian's tools take over from this machine has no place in an image. */
const ofThisMachine = ['sources.list', 'sources.list.d'].map((each) => `"$1"/etc/apt/${each}`)
const packages = ['ca-certificates', 'libstdc++6']
const howToMake = [
  '--variant=essential',
  `--include=${packages.join(',')}`,
  ...unread,
  `--customize-hook=rm -rf ${ofThisMachine.join(' ')} "$1"/etc/hostname "$1"/etc/resolv.conf`,
  'bookworm',
]

/** The root file system of a small Debian 12, with bash and coreutils. */
export async function debianLayer(options: InstallOptions): Promise<Layer> {
  const key = sha256([architecture, ...howToMake].join(' ')).slice(0, 8)
  return cachedLayer(`debian-${key}`, options, async (file, work) => {
    options.say?.('making the root file system of a Debian, about half a minute')
    await runIsolated('mmdebstrap', ['--quiet', ...howToMake, file], work)
  })
}

/** Stands for node:24-bookworm-slim: Debian 12 with the Node of package-lock.json and this machine's npm. */
export async function nodeImage(options: InstallOptions): Promise<ImageFile> {
  const node = projectFile('node_modules', `node-linux-${process.arch}`)
  const npm = await npmDirectory(options)
  const [ofNode, ofNpm] = [await versionOf(node), await versionOf(npm)]
  const files = async (): Promise<Contents> =>
    new Map([
      ['/usr/local/bin/node', { from: join(node, 'bin', 'node') }],
      ['/usr/local/bin/npm', { link: '../lib/node_modules/npm/bin/npm-cli.js' }],
      ['/usr/local/lib/node_modules/npm', { from: npm }],
      // Where a build finds the certificates of this machine.
      ['/usr/local/lib/node_modules/npm/npmrc', { text: `cafile=${certificates}\n` }],
    ])
  return imageOfFiles(
    {
      name: 'localhost/infometis-node:24',
      base: [await debianLayer(options)],
      files,
      key: `${architecture} node ${ofNode} npm ${ofNpm}`,
      config: { Env: [usualPath, `NODE_VERSION=${ofNode}`], Cmd: ['node'] },
    },
    options,
  )
}

async function versionOf(directory: string): Promise<string> {
  const text = await readFile(join(directory, 'package.json'), 'utf8')
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version
}

/** The files that name an image's own user, root and nobody. */
export function withUser(user: {
  readonly name: string
  readonly id: number
  readonly home: string
}): readonly (readonly [string, Content])[] {
  const line = `${user.name}:x:${user.id}:${user.id}::${user.home}:/bin/bash`
  const nobody = 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin'
  return [
    ['/etc/passwd', { text: ['root:x:0:0:root:/root:/bin/bash', line, nobody, ''].join('\n') }],
    ['/etc/group', { text: ['root:x:0:', `${user.name}:x:${user.id}:`, 'nogroup:x:65534:', ''].join('\n') }],
  ]
}
