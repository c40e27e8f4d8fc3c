import { join } from 'node:path'
import type { Launch } from './child.ts'
import { server, type Server } from './server.ts'

/** Node's young generation in MB: the default of 16 is kept full of garbage by a process that rests. */
export const lean = '--max-semi-space-size=2'

export interface ReconcilerSpec {
  readonly service: string
  readonly directory: string
  readonly launch: Launch
  /** Node with its options and the program's file: `run <service>` is added. */
  readonly program: readonly string[]
  readonly httpPort: number
  /** The API, the service account, the service's address: as a Deployment would set them. */
  readonly environment: Readonly<Record<string, string>>
}

/** The reconciler of a service as a process, under its own service account. */
export function reconcilerServer(spec: ReconcilerSpec): Server {
  const [command = 'node', ...args] = spec.program
  const env = { ...spec.environment, HTTP_HOST: '127.0.0.1', HTTP_PORT: String(spec.httpPort) }
  const name = `reconciler-${spec.service}`
  const logFile = join(spec.directory, `${name}.log`)
  return server({
    process: { name, command, args: [lean, ...args, 'run', spec.service], cwd: spec.directory, env, logFile },
    ports: [spec.httpPort],
    launch: spec.launch,
    startDeadlineMs: 60_000,
    graceMs: 25_000,
    ready: () => async (signal) => isReady(spec.httpPort, signal),
  })
}

async function isReady(port: number, signal: AbortSignal): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/ready`, { signal }).catch(() => undefined)
  await response?.body?.cancel()
  return response?.ok === true
}
