import { join } from 'node:path'
import { z } from 'zod'
import type { InstallOptions } from '../../../src/stack/cache.ts'
import type { Server } from '../../../src/stack/server.ts'
import { ask, type HttpAccess, type HttpAnswer } from '../../../src/stack/http.ts'
import { installNifi } from './install.ts'
import { prepareNode } from './node.ts'
import { everything, grant } from './policies.ts'
import { makeSecurity, type NifiSecurity, type SecurityOptions } from './security.ts'
import { nifiVersion } from './versions.ts'

export interface NifiOptions extends InstallOptions, SecurityOptions {
  /** Everything of this node is below it: configuration, repositories, logs, secrets. */
  readonly directory: string
  /** Default: a free one. */
  readonly port?: number
  /** MB. Default: 512. */
  readonly heap?: number
  /** Added to the node's nifi.properties. */
  readonly settings?: Readonly<Record<string, string>>
  /** Added to its environment, which Expression Language reads: a flow finds the services beside it as `${ELASTICSEARCH_URL}`. */
  readonly neighbours?: Readonly<Record<string, string>>
}

export interface AskOptions {
  readonly signal?: AbortSignal
}

/** A NiFi of one node that serves. It can be killed, frozen, stopped and started again on the same port and data. */
export interface RunningNifi extends Server, Pick<NifiSecurity, 'users' | 'ca' | 'authority'> {
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
  const { directory, places, signal } = options
  const { java, home, archive } = await installNifi(options)
  const security = await makeSecurity(
    options,
    { secrets: join(directory, 'secrets'), path: places.path },
    signal,
  )
  const jvm = archive === undefined ? [] : [`-XX:SharedArchiveFile=${archive}`]
  const facts = { directory, java, home, jvm, heap: options.heap ?? 512 }
  const { port, settings, neighbours } = options
  const { node, access } = await prepareNode({ ...facts, port, settings, neighbours }, security, options)
  try {
    await node.start(signal)
    const clusterId = await rootGroup(access, signal)
    if (security.users.size > 0) await grant(access, clusterId, grantsOf(options), signal)
    return {
      ...node,
      version: nifiVersion,
      url: new URL(access.url).origin,
      clusterId,
      directory,
      users: security.users,
      ca: security.ca,
      authority: security.authority,
      ask: async (method, path, body, asked) => ask(access, { method, path, body }, asked?.signal),
    }
  } catch (error) {
    await node.kill()
    throw error
  }
}

function grantsOf({ users }: SecurityOptions): Parameters<typeof grant>[2] {
  return new Map(Object.entries({ ...users, admin: everything }))
}

/** Of the flow, whose reading the first user may do from the beginning; that of the group itself has yet to be granted. */
const flow = z.object({ processGroupFlow: z.object({ id: z.string() }) })

async function rootGroup(access: HttpAccess, signal?: AbortSignal): Promise<string> {
  const { body } = await ask(access, { method: 'GET', path: '/flow/process-groups/root' }, signal)
  return flow.parse(body).processGroupFlow.id
}
