import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { InstallOptions } from '../../../src/stack/cache.ts'
import { findJava } from '../../../src/stack/java.ts'
import { freePorts } from '../../../src/stack/port.ts'
import { type Server, server } from '../../../src/stack/server.ts'
import { unprivileged } from '../../../src/stack/unprivileged.ts'
import { ask, type HttpAccess, type HttpAnswer } from './http.ts'
import { installNifi, narDirectory } from './install.ts'
import { nodeCommand } from './node-command.ts'
import { makeNodeDirectory, sensitiveKey, writeProperties } from './node-directory.ts'
import { nodeProperties } from './node-properties.ts'
import { nifiJava, nifiVersion } from './versions.ts'

export interface NifiOptions extends InstallOptions {
  /** Everything of this node is below it: configuration, repositories, logs, secrets. */
  readonly directory: string
  /** Default: a free one. */
  readonly port?: number
  /** MB. Default: 512. */
  readonly heap?: number
  /** Added to the node's nifi.properties. */
  readonly settings?: Readonly<Record<string, string>>
}

export interface AskOptions {
  readonly signal?: AbortSignal
}

/** A NiFi of one node that serves. It can be killed, frozen, stopped and started again on the same port and data. */
export interface RunningNifi extends Server {
  readonly version: string
  /** `http://127.0.0.1:8080`, or https; without a path. */
  readonly url: string
  /** The id of the root process group: made on the first start, and kept with the flow. */
  readonly clusterId: string
  readonly directory: string
  /**
   * One request as one who may do everything, on a connection of its own: the oracle that shares no code with a client under test.
   * `path` is below `/nifi-api`; `body` is sent as JSON.
   */
  ask(method: string, path: string, body?: unknown, options?: AskOptions): Promise<HttpAnswer>
}

/** Installs NiFi where needed and starts it. Resolves when it serves; on failure nothing is left running. */
export async function startNifi(options: NifiOptions): Promise<RunningNifi> {
  const { node, access } = await prepareNode(options)
  try {
    await node.start(options.signal)
    return {
      ...node,
      version: nifiVersion,
      url: access.url,
      clusterId: await rootGroup(access, options.signal),
      directory: options.directory,
      ask: async (method, path, body, asked) => ask(access, { method, path, body }, asked?.signal),
    }
  } catch (error) {
    await node.kill()
    throw error
  }
}

interface PreparedNode {
  readonly node: Server
  readonly access: HttpAccess
}

async function prepareNode(options: NifiOptions): Promise<PreparedNode> {
  const { directory, places, signal } = options
  const java = await findJava(nifiJava, places, signal)
  const home = await installNifi(options)
  const [free = 0, managementPort = 0] = await freePorts(2)
  const port = options.port ?? free

  const own = join(directory, 'node')
  const logFile = join(own, 'logs', 'node.log')
  await makeNodeDirectory(own, home)
  const properties = nodeProperties({
    port,
    tls: false,
    sensitiveKey: await sensitiveKey(join(directory, 'secrets')),
    nars: narDirectory(home),
    more: options.settings ?? {},
  })
  await writeProperties(own, properties)
  const command = await nodeCommand({ java, home, heap: options.heap ?? 512, managementPort })
  await writeFile(logFile, '', { flag: 'a' })
  const user = await unprivileged(places.path, signal)
  await user?.own(own)
  await user?.assertReads(narDirectory(home))

  const access = { url: `http://127.0.0.1:${port}` }
  const node = server({
    process: { name: 'nifi', cwd: own, logFile, user, ...command },
    ports: [port, managementPort],
    launch: options.launch,
    startDeadlineMs: 120_000,
    graceMs: 20_000,
    ready: () => async (asked) => isReady(access, asked),
  })
  return { node, access }
}

async function isReady(access: HttpAccess, signal: AbortSignal): Promise<boolean> {
  const answer = await ask(access, { method: 'GET', path: '/flow/about' }, signal).catch(() => undefined)
  return answer?.status === 200
}

const entity = z.object({ id: z.string() })

async function rootGroup(access: HttpAccess, signal?: AbortSignal): Promise<string> {
  return entity.parse((await ask(access, { method: 'GET', path: '/process-groups/root' }, signal)).body).id
}
