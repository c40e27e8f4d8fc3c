import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { identify, isRunning, type ProcessIdentity, processIdentity } from './process-identity.ts'

/** Runs `work` while holding the lock file; waits for a live holder, takes over from a dead one. */
export async function withLock<T>(file: string, work: () => Promise<T>, options: LockOptions): Promise<T> {
  await mkdir(dirname(file), { recursive: true })
  const mine = `${file}.${process.pid}.${crypto.randomUUID()}`
  const self = await identify('infometis', process.pid)
  await writeFile(mine, JSON.stringify(self))
  try {
    await acquire(file, mine, options)
    try {
      await removeLeftovers(file)
      return await work()
    } finally {
      await rm(file, { force: true })
    }
  } finally {
    await rm(mine, { force: true })
  }
}

export interface LockOptions {
  readonly signal?: AbortSignal | undefined
  /** Told once, when somebody else holds it. */
  readonly onWait?: (holder: ProcessIdentity) => void
}

/** A hard link appears with its content or not at all: a lock is never seen half written. */
async function acquire(file: string, mine: string, { signal, onWait }: LockOptions): Promise<void> {
  let told = false
  while (!(await tryLink(mine, file))) {
    const holder = await lockHolder(file)
    if (holder === undefined || !(await isRunning(holder))) {
      await removeStale(file, holder)
      continue
    }
    if (!told) onWait?.(holder)
    told = true
    await sleep(200, undefined, signal === undefined ? {} : { signal })
  }
}

async function tryLink(mine: string, file: string): Promise<boolean> {
  try {
    await link(mine, file)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

async function lockHolder(file: string): Promise<ProcessIdentity | undefined> {
  try {
    return processIdentity.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch {
    return undefined
  }
}

/** Two may find the same dead holder: only a lock that still names it is removed. */
async function removeStale(file: string, seen: ProcessIdentity | undefined): Promise<void> {
  const now = await lockHolder(file)
  if (now?.pid === seen?.pid && now?.startTicks === seen?.startTicks) await rm(file, { force: true })
}

/** What processes left that were killed while they waited or held the lock. */
async function removeLeftovers(file: string): Promise<void> {
  const directory = dirname(file)
  const candidates = (await readdir(directory)).filter((name) => name.startsWith(`${basename(file)}.`))
  for (const candidate of candidates.map((name) => join(directory, name))) {
    const owner = await lockHolder(candidate)
    if (owner !== undefined && !(await isRunning(owner))) await rm(candidate, { force: true })
  }
}
