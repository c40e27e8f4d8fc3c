import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ReconcileError } from '../../../src/errors.ts'
import { waitUntil } from '../../../src/stack/deadline.ts'

const root = '/sys/fs/cgroup'
/** What kubelet looks for on version 2, where each has to be handed on from a cgroup to those below it. */
const kubeletControllers = ['cpu', 'cpuset', 'memory', 'pids', 'hugetlb'] as const

/** One directory for version 2; for version 1 one for each hierarchy. */
async function hierarchies(): Promise<readonly string[]> {
  if (existsSync(join(root, 'cgroup.controllers'))) return [root]
  const entries = await readdir(root, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(root, entry.name))
}

/** Makes a cgroup (`/name`) in every hierarchy, with the controllers that kubelet hands on to pods. */
export async function createCgroup(cgroup: string): Promise<void> {
  const all = await hierarchies()
  if (all.length === 0) throw new ReconcileError('MissingPrerequisite', `no cgroups are mounted at ${root}`)
  for (const hierarchy of all) {
    try {
      if (hierarchy === root) await handOn(root)
      await mkdir(join(hierarchy, cgroup))
      if (hierarchy === root) await handOn(join(root, cgroup))
    } catch (error) {
      throw new ReconcileError(
        'MissingPrerequisite',
        `cannot make the cgroup ${join(hierarchy, cgroup)}: ${String(error)}; in a container, it must be a privileged one with the machine’s cgroups`,
        { cause: error },
      )
    }
  }
}

async function handOn(directory: string): Promise<void> {
  const words = async (name: string): Promise<readonly string[]> =>
    (await readFile(join(directory, name), 'utf8')).trim().split(' ')
  const [available, handed] = await Promise.all([
    words('cgroup.controllers'),
    words('cgroup.subtree_control'),
  ])
  const wanted = kubeletControllers.filter((name) => available.includes(name) && !handed.includes(name))
  for (const name of wanted) await writeFile(join(directory, 'cgroup.subtree_control'), `+${name}`)
}

/** The directories of a cgroup that exist. */
export async function cgroupDirectories(cgroup: string): Promise<readonly string[]> {
  return (await hierarchies()).map((hierarchy) => join(hierarchy, cgroup)).filter((each) => existsSync(each))
}

/** Removes a cgroup and all below it, once no process is left in it: the kernel takes a moment to let go. */
export async function removeCgroup(cgroup: string): Promise<void> {
  const removed = async (): Promise<boolean> => {
    const left = await Promise.all((await cgroupDirectories(cgroup)).map(removeTree))
    return left.every(Boolean)
  }
  await waitUntil(removed, { what: `the cgroup ${cgroup} to be empty`, deadlineMs: 20_000 })
}

async function removeTree(directory: string): Promise<boolean> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(directory, entry.name))
  return rmdir(directory).then(
    () => true,
    () => !existsSync(directory),
  )
}
