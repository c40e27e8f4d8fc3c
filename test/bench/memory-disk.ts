import { constants } from 'node:fs'
import { access, statfs } from 'node:fs/promises'

/** Linux mounts a tmpfs here. */
const place = '/dev/shm'
const neededBytes = 4 * 2 ** 30

/**
 * A directory whose files are in memory: a server that waits for every write to reach the disk measures the disk, and what else
 * uses it. Undefined where there is none with room.
 */
export async function memoryDisk(): Promise<string | undefined> {
  try {
    await access(place, constants.W_OK)
    const { bavail, bsize } = await statfs(place)
    return bavail * bsize >= neededBytes ? place : undefined
  } catch {
    return undefined
  }
}
