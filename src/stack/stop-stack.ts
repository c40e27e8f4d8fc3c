import { ReconcileError } from '../errors.ts'
import { endProcesses } from './child.ts'
import { isRunning, processesMarked, type ProcessIdentity } from './process-identity.ts'
import { readRecord, removeRunDirectory } from './stack-record.ts'

/** `up` itself lets the reconcilers finish within 25 s and then ends the rest. */
const upGraceMs = 45_000
const reconcilerGraceMs = 25_000
const childGraceMs = 5_000

/** Ends a stack, with or without its `up`, and removes the run directory. Returns the names of what it ended; undefined when there was none. */
export async function stopStack(directory: string): Promise<readonly string[] | undefined> {
  const record = await readRecord(directory)
  if (record === undefined) {
    await removeRunDirectory(directory)
    return undefined
  }
  const before = await running([record.up, ...record.children])
  await endProcesses([record.up], upGraceMs)
  // What uses the others was started after them: kube-apiserver without its etcd would not end in time.
  for (const child of record.children.toReversed()) {
    await endProcesses([child], child.name.startsWith('reconciler-') ? reconcilerGraceMs : childGraceMs)
  }
  const strays = await endMarked(record.mark)
  await assertGone([record.up, ...record.children], record.mark)
  await removeRunDirectory(directory)
  return unique([...before, ...strays].map((each) => each.name))
}

/** Ends every process that carries the mark, those included that they start meanwhile. Returns all it found. */
async function endMarked(mark: string): Promise<readonly ProcessIdentity[]> {
  const found: ProcessIdentity[] = []
  for (let round = 0; round < 5; round += 1) {
    const strays = await processesMarked(mark)
    if (strays.length === 0) break
    found.push(...strays)
    await endProcesses(strays, childGraceMs)
  }
  return found
}

async function running(identities: readonly ProcessIdentity[]): Promise<readonly ProcessIdentity[]> {
  const alive = await Promise.all(identities.map(isRunning))
  return identities.filter((_, index) => alive[index] === true)
}

async function assertGone(identities: readonly ProcessIdentity[], mark: string): Promise<void> {
  const left = [...(await running(identities)), ...(await processesMarked(mark))]
  if (left.length === 0) return
  const names = unique(left.map((each) => `${each.name} (pid ${each.pid})`)).join(', ')
  throw new ReconcileError('StackFailed', `still running after SIGKILL: ${names}`)
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)]
}
