import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unpackedDirectory } from './home.ts'
import { propertiesText } from './node-properties.ts'
import { stackFile } from './versions.ts'

/** Makes the directory that a node runs in, or brings one up to date whose node ran before. */
export async function makeNodeDirectory(
  directory: string,
  home: string,
  files: ReadonlyMap<string, string>,
): Promise<void> {
  for (const each of ['conf', 'logs', 'tmp', 'extensions'])
    await mkdir(join(directory, each), { recursive: true })
  for (const file of ['logback.xml', 'state-management.xml'])
    await copyFile(stackFile(file), join(directory, 'conf', file))
  for (const [name, text] of files) await writeFile(join(directory, 'conf', name), text, { mode: 0o600 })
  await linkNars(directory, home)
}

/** NiFi would unpack its NARs below its directory; there it finds them unpacked, once for all nodes. */
async function linkNars(directory: string, home: string): Promise<void> {
  const work = join(directory, 'work', 'nar')
  // Links of an installation that is gone would lead nowhere.
  await rm(work, { recursive: true, force: true })
  for (const kind of ['framework', 'extensions']) await mkdir(join(work, kind), { recursive: true })
  for (const name of await readdir(unpackedDirectory(home))) {
    const kind = name.startsWith('nifi-framework-nar-') ? 'framework' : 'extensions'
    await symlink(join(unpackedDirectory(home), name), join(work, kind, name))
  }
}

export async function writeProperties(
  directory: string,
  properties: Readonly<Record<string, string>>,
): Promise<void> {
  const file = join(directory, 'conf', 'nifi.properties')
  await writeFile(file, propertiesText(properties), { mode: 0o600 })
}

/** Random, and the same again for a directory whose node ran before: its flow is encrypted with it. */
export async function sensitiveKey(secrets: string): Promise<string> {
  await mkdir(secrets, { recursive: true, mode: 0o700 })
  const file = join(secrets, 'sensitive-properties-key')
  const made = randomBytes(24).toString('base64url')
  await writeFile(file, made, { mode: 0o600, flag: 'wx' }).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  })
  return readFile(file, 'utf8')
}
