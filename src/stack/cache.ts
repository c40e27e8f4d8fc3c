import { existsSync } from 'node:fs'
import { mkdir, rename, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { environment } from '../config.ts'
import { ReconcileError } from '../errors.ts'
import type { Launch } from './child.ts'
import { withLock } from './file-lock.ts'
import type { StackPlaces } from './settings.ts'

/** Says one line of progress. */
export type Say = (line: string) => void

/** What every component's installation is given. */
export interface InstallOptions {
  readonly places: StackPlaces
  /** Downloads and builds run with the user's whole environment (proxies, mirrors), and this added. */
  readonly launch: Launch
  readonly signal?: AbortSignal | undefined
  readonly say?: Say | undefined
}

/** The environment of Maven and Go. */
export function buildEnvironment({
  places,
  launch,
}: InstallOptions): Readonly<Record<string, string | undefined>> {
  return { ...environment(), PATH: places.path, ...launch.env }
}

export interface Installation {
  readonly cache: string
  /** Names the component, its version and what locks it: another content is another name. */
  readonly name: string
  readonly signal?: AbortSignal | undefined
  readonly say?: Say | undefined
}

const freeBytesWanted = 3 * 1024 ** 3

/**
 * The directory of an installed component, installing it first where needed. `fill` writes into an empty directory that becomes
 * the installation by one rename, so that neither kill -9 nor two at once leave half of one.
 */
export async function installed(
  what: Installation,
  fill: (directory: string) => Promise<void>,
): Promise<string> {
  const target = join(what.cache, what.name)
  if (existsSync(target)) return target
  await mkdir(what.cache, { recursive: true }).catch(explainDisk(what.cache))
  const onWait = (holder: { readonly pid: number }): void =>
    what.say?.(`waiting for pid ${holder.pid}, which installs ${what.name}`)
  return withLock(
    `${target}.lock`,
    async () => {
      if (existsSync(target)) return target
      await assertSpace(what.cache)
      const fresh = `${target}.new`
      await rm(fresh, { recursive: true, force: true })
      await mkdir(fresh)
      await fill(fresh).catch(explainDisk(what.cache))
      await rename(fresh, target)
      return target
    },
    { signal: what.signal, onWait },
  )
}

async function assertSpace(directory: string): Promise<void> {
  const { bavail, bsize } = await statfs(directory)
  const shortage = spaceShortage(bavail * bsize, directory)
  if (shortage !== undefined) throw new ReconcileError('MissingPrerequisite', shortage)
}

/** The sentence for a disk that is too full to install on; undefined when there is room. */
export function spaceShortage(freeBytes: number, directory: string): string | undefined {
  if (freeBytes >= freeBytesWanted) return undefined
  const gib = (freeBytes / 1024 ** 3).toFixed(1)
  return `${directory} has ${gib} GiB left and installing needs 3 GiB: make room, or set INFOMETIS_CACHE to another disk`
}

/** Turns a full disk, met in the middle, into the sentence that says so; anything else is thrown again as it is. */
export function explainDisk(directory: string): (error: unknown) => never {
  return (error) => {
    if (!isDiskFull(error)) throw error
    const way = 'make room, or set INFOMETIS_CACHE and INFOMETIS_STACK_DIR to another disk'
    throw new ReconcileError('MissingPrerequisite', `the disk of ${directory} is full: ${way}`, {
      cause: error,
    })
  }
}

/** By its code, or by the words of a program that met it. */
function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ('code' in error && error.code === 'ENOSPC') || /no space left on device/i.test(error.message)
}
