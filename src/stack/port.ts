import { randomInt } from 'node:crypto'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { createServer, connect } from 'node:net'
import { ReconcileError } from '../errors.ts'

const host = '127.0.0.1'

/** True when a server could listen on this loopback port now. */
export async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/** True when something accepts connections on this loopback port. */
export async function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host })
    socket.setTimeout(1_000, () => socket.destroy(new Error('timeout')))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}

/**
 * Distinct free ports below the kernel's ephemeral range (32768), so that no outgoing connection takes one while its server restarts.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>()
  for (let tries = 0; ports.size < count; tries += 1) {
    if (tries > 1_000)
      throw new ReconcileError('StackFailed', `no ${count} free ports between 20000 and 32767`)
    const port = randomInt(20_000, 32_768)
    if (!ports.has(port) && (await isFree(port))) ports.add(port)
  }
  return [...ports]
}

/** Throws MissingPrerequisite naming the port, its holder where it can be known, and the option that chooses another. */
export async function assertFree(port: number, what: string, option: string): Promise<void> {
  if (await isFree(port)) return
  const owner = await portOwner(port)
  const by = owner === undefined ? 'another process' : `${owner.name} (pid ${owner.pid})`
  throw new ReconcileError(
    'MissingPrerequisite',
    `port ${port}, wanted by ${what}, is taken by ${by}: stop it, or choose another port with ${option}`,
  )
}

/** Who listens on a port, as far as /proc tells: only the superuser sees the processes of others. */
export async function portOwner(
  port: number,
): Promise<{ readonly pid: number; readonly name: string } | undefined> {
  const inodes = await listeningInodes(port)
  if (inodes.size === 0) return undefined
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => [])
    for (const descriptor of descriptors) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '')
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1]
      if (inode === undefined || !inodes.has(inode)) continue
      return { pid: Number(pid), name: (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '?')).trim() }
    }
  }
  return undefined
}

/** Socket inodes in state LISTEN (0A) on the port, from /proc/net/tcp and tcp6. */
async function listeningInodes(port: number): Promise<ReadonlySet<string>> {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0')
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  )
  const rows = tables.flatMap((table) => table.split('\n').slice(1)).map((row) => row.trim().split(/\s+/))
  const listening = rows.filter((row) => row[1]?.endsWith(`:${hexPort}`) === true && row[3] === '0A')
  return new Set(listening.map((row) => row[9]).filter((inode) => inode !== undefined))
}
