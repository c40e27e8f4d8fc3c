import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { InstallOptions } from '../../../src/stack/cache.ts'
import { serves } from '../../../src/stack/http.ts'
import { freePorts } from '../../../src/stack/port.ts'
import { projectFile } from '../../../src/stack/project.ts'
import { server, type Server } from '../../../src/stack/server.ts'

export interface SimulatedOptions extends Pick<InstallOptions, 'launch' | 'signal' | 'say'> {
  /** Its data, its log and its token: what is there already is taken up again. */
  readonly directory: string
  /** Absent: a free one. */
  readonly port?: number
}

export interface SimulatedGrafana extends Server {
  readonly url: string
  /** Of a service account that may do everything; nobody else can read it. */
  readonly tokenFile: string
}

/** Grafana's API, simulated by a process of its own: what it was told outlives its end. */
export async function startSimulated(options: SimulatedOptions): Promise<SimulatedGrafana> {
  const { directory, launch, signal } = options
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const tokenFile = join(directory, 'token')
  const token = `glsa_${randomBytes(24).toString('base64url')}`
  // One that is there stays: a reconciler may have read it.
  await writeFile(tokenFile, token, { mode: 0o600, flag: 'wx' }).catch(unlessThere)
  const port = options.port ?? (await freePorts(1))[0] ?? 0
  const url = `http://127.0.0.1:${port}`
  const program = projectFile('reconcilers', 'grafana', 'fake-main.ts')
  const simulated = server({
    process: {
      name: 'grafana-simulated',
      command: process.execPath,
      args: [program, String(port), directory],
      cwd: directory,
      logFile: join(directory, 'grafana-simulated.log'),
    },
    ports: [port],
    launch,
    startDeadlineMs: 30_000,
    graceMs: 5_000,
    ready: () => async (asked) => serves({ url }, '/api/health', asked),
  })
  try {
    await simulated.start(signal)
  } catch (error) {
    await simulated.kill()
    throw error
  }
  return { ...simulated, url, tokenFile }
}

function unlessThere(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
}
