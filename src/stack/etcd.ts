import { join } from 'node:path'
import type { Launch } from './child.ts'
import { server, type Server } from './server.ts'

export interface EtcdSpec {
  readonly binary: string
  readonly directory: string
  readonly launch: Launch
  readonly clientPort: number
  readonly peerPort: number
}

/** An etcd of one member. It does not fsync: a stack's state may be lost with the machine, never with a process. */
export function etcdServer(spec: EtcdSpec): Server {
  const client = `http://127.0.0.1:${spec.clientPort}`
  const peer = `http://127.0.0.1:${spec.peerPort}`
  const args = [
    `--name=local`,
    `--data-dir=${join(spec.directory, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=local=${peer}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ]
  const logFile = join(spec.directory, 'etcd.log')
  return server({
    process: { name: 'etcd', command: spec.binary, args, cwd: spec.directory, logFile },
    ports: [spec.clientPort, spec.peerPort],
    launch: spec.launch,
    startDeadlineMs: 30_000,
    graceMs: 2_000,
    ready: () => async (signal) => isHealthy(`${client}/health`, signal),
  })
}

async function isHealthy(url: string, signal: AbortSignal): Promise<boolean> {
  const response = await fetch(url, { signal }).catch(() => undefined)
  return response?.ok === true && (await response.text()).includes('"true"')
}
