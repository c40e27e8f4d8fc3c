import { mkdir } from 'node:fs/promises'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { startChild, type Child } from '../../src/stack/child.ts'
import { lean } from '../../src/stack/reconciler.ts'
import { freePorts } from '../../src/stack/port.ts'
import { projectFile } from '../../src/stack/project.ts'
import { testLaunch } from '../support/places.ts'
import { readExposition, type Sample } from './exposition.ts'
import { LogLines } from './log-lines.ts'
import { waitFor } from './waiting.ts'

export interface ReconcilerSpec {
  /** What stands behind `run`. */
  readonly kind: string
  readonly directory: string
  /** As a Deployment would set it. */
  readonly environment: Readonly<Record<string, string>>
  readonly profile: string | undefined
  readonly signal: AbortSignal
}

/** The bundled reconciler as a process of its own. */
export interface Reconciler {
  readonly pid: number
  readonly log: LogLines
  readonly logFile: string
  /** Milliseconds from the spawn to the first 200 of /ready, asked every 2 ms. */
  readonly readyAfter: number
  metrics(): Promise<readonly Sample[]>
  stop(): Promise<void>
}

const startMs = 60_000
const graceMs = 25_000

export async function startReconciler(spec: ReconcilerSpec): Promise<Reconciler> {
  const [port = 0] = await freePorts(1)
  const profile = spec.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${spec.profile}`]
  const env = { ...spec.environment, HTTP_HOST: '127.0.0.1', HTTP_PORT: String(port) }
  const args = [lean, ...profile, projectFile('dist', 'main.mjs'), 'run', spec.kind]
  const { child, readyAfter } = await startServing(args, { ...spec, env, port, path: '/ready' })
  const agent = new Agent({ keepAlive: true })
  return {
    pid: child.identity.pid,
    log: new LogLines(child.logFile),
    logFile: child.logFile,
    readyAfter,
    metrics: async () => readExposition((await page(port, '/metrics', agent)).text),
    stop: async () => {
      agent.destroy()
      await child.stop(graceMs)
    },
  }
}

interface Serving {
  readonly directory: string
  readonly env: Readonly<Record<string, string>>
  readonly port: number
  readonly path: string
  readonly signal: AbortSignal
}

/** Starts Node with `args` and waits until it answers 200. */
export async function startServing(
  args: readonly string[],
  { directory, env, port, path, signal }: Serving,
): Promise<{ readonly child: Child; readonly readyAfter: number }> {
  await mkdir(directory, { recursive: true })
  const logFile = join(directory, 'node.log')
  const spec = { name: 'node', command: process.execPath, args, cwd: directory, env, logFile }
  const started = performance.now()
  const child = await startChild(spec, testLaunch())
  const agent = new Agent({ keepAlive: true })
  try {
    const ask = async (): Promise<true | undefined> => {
      if (!child.running()) throw new Error(`it ended with ${await child.exited}; its log is ${logFile}`)
      const answer = await page(port, path, agent).catch(() => undefined)
      return answer?.status === 200 ? true : undefined
    }
    await waitFor(ask, { what: `${path} of ${logFile}`, deadlineMs: startMs, everyMs: 2, signal })
    return { child, readyAfter: performance.now() - started }
  } catch (error) {
    await child.stop(graceMs)
    throw error
  } finally {
    agent.destroy()
  }
}

async function page(
  port: number,
  path: string,
  agent: Agent,
): Promise<{ readonly status: number; readonly text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>()
  const options = { host: '127.0.0.1', port, path, agent, timeout: 5_000 }
  const request = get(options, (response) => {
    response
      .toArray()
      .then((chunks) => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') })
      })
      .catch(reject)
  })
  request.once('error', reject)
  request.once('timeout', () => request.destroy(new Error('no answer within 5 s')))
  return promise
}
