import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ReconcileError } from '../../../src/errors.ts'
import type { Say } from '../../../src/stack/cache.ts'
import { endProcesses } from '../../../src/stack/child.ts'
import {
  isRunning,
  processesMarked,
  processIdentity,
  sendSignal,
} from '../../../src/stack/process-identity.ts'
import { removeCgroup } from './cgroups.ts'
import { markName } from './plan.ts'

const clusterRecord = z.object({
  id: z.string().regex(/^[0-9a-f]+$/),
  owner: processIdentity,
  directory: z.string(),
  cgroup: z.string(),
})

/** What must be known to remove a cluster, wherever its owner ends. */
export type ClusterRecord = Readonly<z.output<typeof clusterRecord>>

const recordsOf = (cache: string): string => join(cache, 'clusters')

export async function writeClusterRecord(cache: string, record: ClusterRecord): Promise<string> {
  await mkdir(recordsOf(cache), { recursive: true })
  const file = join(recordsOf(cache), `${record.id}.json`)
  await writeFile(`${file}.new`, JSON.stringify(record))
  await rename(`${file}.new`, file)
  return file
}

/** What a cluster’s janitor could not do stands beside its record, and goes with it. */
export const janitorLog = (file: string): string => `${file}.log`

/** Undefined when another has already torn it down. */
async function readClusterRecord(file: string): Promise<ClusterRecord | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : clusterRecord.parse(JSON.parse(text))
}

/**
 * Ends every process of a cluster and removes its cgroups, its directory and its record. Mounts and network end with the processes:
 * they live in namespaces that nothing else holds. Doing it twice, or two at once, does no harm.
 */
export async function tearDown(file: string): Promise<void> {
  const record = await readClusterRecord(file)
  if (record === undefined) return
  for (let round = 0; round < 5; round += 1) {
    const found = await processesMarked(`${markName}=${record.id}`)
    if (found.length === 0) break
    // The first process of the process namespace takes every other one with it, the pods’ included.
    for (const { pid } of found) sendSignal(pid, 'SIGKILL')
    const left = await endProcesses(found, 10_000)
    if (left.length > 0) {
      const names = left.map((each) => `${each.name} (pid ${each.pid})`).join(', ')
      throw new ReconcileError('StackFailed', `still running after SIGKILL: ${names}`)
    }
  }
  await removeCgroup(record.cgroup)
  await rm(record.directory, { recursive: true, force: true, maxRetries: 5 })
  await rm(janitorLog(file), { force: true })
  await rm(file, { force: true })
}

/** Every cluster on record. */
export async function clusterRecords(
  cache: string,
): Promise<readonly { readonly file: string; readonly record: ClusterRecord }[]> {
  const names = (await readdir(recordsOf(cache)).catch(() => [])).filter((name) => name.endsWith('.json'))
  const files = names.map((name) => join(recordsOf(cache), name))
  const records = await Promise.all(files.map(readClusterRecord))
  return records.flatMap((record, index) => {
    const file = files[index]
    return record === undefined || file === undefined ? [] : [{ file, record }]
  })
}

/** Removes what clusters have left whose owner and janitor were both killed. */
export async function clearDead(cache: string, say?: Say): Promise<void> {
  for (const { file, record } of await clusterRecords(cache)) {
    if (await isRunning(record.owner)) continue
    say?.(`removing the test cluster ${record.id}, whose owner has ended`)
    await tearDown(file)
  }
}
