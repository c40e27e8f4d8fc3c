import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ReconcileError } from '../../../src/errors.ts'
import type { InstallOptions } from '../../../src/stack/cache.ts'
import { waitUntil } from '../../../src/stack/deadline.ts'
import { findJava } from '../../../src/stack/java.ts'
import { freePorts } from '../../../src/stack/port.ts'
import { type Server, server } from '../../../src/stack/server.ts'
import { unprivileged } from '../../../src/stack/unprivileged.ts'
import { ask, type HttpAccess, type HttpAnswer } from '../../../src/stack/http.ts'
import { installElasticsearch } from './install.ts'
import { nodeCommand } from './node-command.ts'
import { type ElasticsearchSecurity, makeSecurity, type SecurityOptions } from './security.ts'
import { type ElasticsearchVersion, javaOf, stackFile } from './versions.ts'

export interface ElasticsearchOptions extends InstallOptions, SecurityOptions {
  /** Everything of this node is below it: configuration, data, logs, secrets. */
  readonly directory: string
  readonly version?: ElasticsearchVersion
  /** For HTTP; default: a free one. */
  readonly port?: number
  /** Added to the node's settings; a list is written with commas. */
  readonly settings?: Readonly<Record<string, string>>
  /** MB. Default: 512. */
  readonly heap?: number
}

/** An Elasticsearch of one node that serves. It can be killed, frozen, stopped and started again on the same port and data. */
export interface RunningElasticsearch extends Server, Omit<ElasticsearchSecurity, 'settings'> {
  readonly version: ElasticsearchVersion
  /** `http://127.0.0.1:9200`, or https. */
  readonly url: string
  readonly clusterUuid: string
  readonly directory: string
  /**
   * One request as the superuser, on a connection of its own: the oracle that shares no code with a client under test.
   * `body` is sent as JSON; a text as newline-delimited JSON (bulk).
   */
  ask(method: string, path: string, body?: unknown): Promise<HttpAnswer>
}

const defaultVersion: ElasticsearchVersion = '8.19.21'

/** Installs Elasticsearch where needed and starts it. Resolves when it serves; on failure nothing is left running. */
export async function startElasticsearch(options: ElasticsearchOptions): Promise<RunningElasticsearch> {
  const { directory, version = defaultVersion, signal } = options
  const { node, access, security } = await prepareNode(options, version)
  try {
    await node.start(signal)
    return {
      ...node,
      version,
      url: access.url,
      clusterUuid: await clusterUuid(access, signal),
      directory,
      users: security.users,
      ca: security.ca,
      authority: security.authority,
      ask: async (method, path, body) => ask(access, { method, path, body, kind: 'application/x-ndjson' }),
    }
  } catch (error) {
    await node.kill()
    throw error
  }
}

interface PreparedNode {
  readonly node: Server
  readonly access: HttpAccess
  readonly security: ElasticsearchSecurity
}

async function prepareNode(
  options: ElasticsearchOptions,
  version: ElasticsearchVersion,
): Promise<PreparedNode> {
  const { directory, places, signal } = options
  const java = await findJava(javaOf[version], places, signal)
  const home = await installElasticsearch(version, options)
  const libraries = version === '9.5.3' ? await installElasticsearch('8.19.21', options) : home
  const [http = 0, transport = 0] = await freePorts(2)
  const ports = { http: options.port ?? http, transport }

  const own = join(directory, 'node')
  const [config, logFile] = [join(own, 'config'), join(own, 'logs', 'node.log')]
  await mkdir(config, { recursive: true })
  await copyFile(stackFile('log4j2.properties'), join(config, 'log4j2.properties'))
  const security = await securityOf(options, version, config)
  const settings = nodeSettings(ports, version === '9.5.3' ? {} : security.settings, options.settings)
  const heap = options.heap ?? 512
  const facts = { version, java, home, libraries, directory: own, config, heap, settings }
  const command = await nodeCommand(facts)
  await writeFile(logFile, '', { flag: 'a' })
  const user = await unprivileged(places.path, signal)
  await user?.own(own)
  await user?.assertReads(join(home, 'lib'))

  const access = await accessOf(ports.http, security)
  const node = server({
    process: { name: 'elasticsearch', cwd: own, logFile, user, ...command },
    ports: Object.values(ports),
    launch: options.launch,
    startDeadlineMs: 90_000,
    graceMs: 20_000,
    ready: () => async (asked) => isReady(access, asked),
  })
  return { node, access, security }
}

async function securityOf(
  options: ElasticsearchOptions,
  version: ElasticsearchVersion,
  config: string,
): Promise<ElasticsearchSecurity> {
  if (version === '9.5.3' && (options.tls === true || options.users !== undefined)) {
    const why = 'the 9.5.3 of the local stack is put together without x-pack: it knows neither users nor TLS'
    throw new ReconcileError('InvalidConfiguration', why)
  }
  const { directory, places, signal } = options
  return makeSecurity(options, { config, secrets: join(directory, 'secrets'), path: places.path }, signal)
}

function nodeSettings(
  ports: { readonly http: number; readonly transport: number },
  security: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  return {
    'cluster.name': 'infometis',
    'node.name': 'node-1',
    'network.host': '127.0.0.1',
    'http.port': String(ports.http),
    'transport.port': String(ports.transport),
    'discovery.type': 'single-node',
    // A laptop's disk is rarely more than a tenth empty, where Elasticsearch begins to move shards away.
    'cluster.routing.allocation.disk.threshold_enabled': 'false',
    ...security,
    ...more,
  }
}

async function accessOf(port: number, { users, ca }: ElasticsearchSecurity): Promise<HttpAccess> {
  const admin = users.get('admin')
  return {
    url: `${ca === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    ca: ca === undefined ? undefined : await readFile(ca, 'utf8'),
    auth: admin === undefined ? undefined : `${admin.username}:${admin.password}`,
  }
}

const health = z.object({ status: z.string() })
const state = z.object({ cluster_uuid: z.string() })

async function isReady(access: HttpAccess, signal: AbortSignal): Promise<boolean> {
  const answer = await ask(access, { method: 'GET', path: '/_cluster/health' }, signal).catch(() => undefined)
  const { data } = health.safeParse(answer?.body)
  return data?.status === 'green' || data?.status === 'yellow'
}

/** Not from `GET /`, which some of these servers lack. A node that serves may still be writing down its first state. */
async function clusterUuid(access: HttpAccess, signal?: AbortSignal): Promise<string> {
  const path = '/_cluster/state/version?filter_path=cluster_uuid'
  let uuid = '_na_'
  const isWritten = async (asked: AbortSignal): Promise<boolean> => {
    uuid = state.parse((await ask(access, { method: 'GET', path }, asked)).body).cluster_uuid
    return uuid !== '_na_'
  }
  await waitUntil(isWritten, { what: 'the uuid of the cluster', deadlineMs: 20_000, signal })
  return uuid
}
