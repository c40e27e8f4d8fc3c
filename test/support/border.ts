import { createHash } from 'node:crypto'
import { mkdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, request as plain, type IncomingHttpHeaders } from 'node:http'
import { Agent, request as secure, type RequestOptions } from 'node:https'
import { once } from 'node:events'
import { join } from 'node:path'
import { createServer as createNetServer, type Server as NetServer } from 'node:net'
import { connect, TLSSocket } from 'node:tls'
import {
  createAuthority,
  type CertificateAuthority,
  type CertificateFiles,
} from '../../src/stack/certificates.ts'
import { freePorts } from '../../src/stack/port.ts'
import { server } from '../../src/stack/server.ts'
import { listenOnLoopback } from './loopback.ts'
import { inOwnDirectory } from './own-directory.ts'
import { programFile } from './programs.ts'

/** Where the pods of the border have everything that is mounted. */
const mounted = '/etc/traefik/dynamic'

export interface BorderParts {
  /** The data of the ConfigMap `traefik-routes`. */
  readonly routes: Readonly<Record<string, string>>
  /** The arguments of the container. */
  readonly args: readonly string[]
  /** The services that it leads to, as `name:port`: with HTTP, and with TCP. */
  readonly services: readonly string[]
  readonly brokers: readonly string[]
  /** The names of its certificate. */
  readonly names: readonly string[]
  readonly user: { readonly name: string; readonly password: string }
  /** An address that has a route: whoever gets there knows that the routes are read. */
  readonly probe: string
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** What the service behind it was asked; undefined where Traefik answered itself. */
  readonly asked: { readonly service: string; readonly headers: IncomingHttpHeaders } | undefined
  /** Of the certificate that was shown. */
  readonly serial: string | undefined
}

export interface Border {
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** The statuses of as many requests as fast as they go: a few connections that stay open. */
  ask(url: string, times: number): Promise<ReadonlySet<number>>
  /** What the broker that the name leads to says of itself; with a client certificate of the right authority, another one, or none. */
  greet(name: string, client: 'known' | 'stranger' | 'none'): Promise<string>
  /** Puts another certificate into the mounted directory, as a kubelet does when the Secret changed. */
  renewCertificate(): Promise<void>
  stop(): Promise<void>
}

/** A real Traefik with the arguments and the routes of an environment, in front of services that tell what they were asked. */
export async function startBorder(parts: BorderParts): Promise<Border> {
  return inOwnDirectory('border', async ({ directory, places, launch }, clean) => {
    const binary = await programFile('traefik', { places, launch })
    const authority = await createAuthority(join(directory, 'keys'), places.path)
    const [web = 0, websecure = 0, kafka = 0, internal = 0] = await freePorts(4)
    const backends = await Promise.all([
      ...parts.services.map(startBackend),
      ...parts.brokers.map(startBroker),
    ])
    const clients = {
      known: await authority.issue('client', '/CN=client'),
      stranger: await (
        await createAuthority(join(directory, 'others'), places.path)
      ).issue('client', '/CN=client'),
      none: undefined,
    }
    const place = join(directory, 'dynamic')
    const mount = async (): Promise<void> => {
      const files = { ...parts.routes, ...(await secretsOf(parts, authority)) }
      const texts = Object.entries(files).map(
        ([name, text]) => [name, located(text, place, backends)] as const,
      )
      await mountFiles(place, Object.fromEntries(texts))
    }
    await mount()
    const ports: Readonly<Record<string, number>> = { web, websecure, kafka, internal }
    const ask: Border['get'] = async (url, headers = {}) =>
      get(url, headers, { web, websecure, authority: authority.certificate })
    const traefik = server({
      process: {
        name: 'traefik',
        command: binary,
        args: parts.args.map((arg) => onLoopback(arg, ports).replaceAll(mounted, place)),
        cwd: directory,
        logFile: join(directory, 'traefik.log'),
      },
      ports: Object.values(ports),
      launch,
      startDeadlineMs: 30_000,
      graceMs: 10_000,
      ready: () => async () =>
        ask(parts.probe).then(
          ({ status }) => status !== 404,
          () => false,
        ),
    })
    const stop = async (): Promise<void> => {
      await traefik.kill()
      for (const backend of backends) backend.server.close()
      await clean()
    }
    try {
      await traefik.start()
    } catch (error) {
      await stop()
      throw error
    }
    return {
      get: ask,
      ask: async (url, times) => {
        const agent = new Agent({ keepAlive: true, maxSockets: 8 })
        const way = { web, websecure, authority: authority.certificate, agent }
        const answers = await Promise.all(Array.from({ length: times }, async () => get(url, {}, way)))
        agent.destroy()
        return new Set(answers.map(({ status }) => status))
      },
      greet: async (name, client) => greet(name, kafka, authority.certificate, clients[client]),
      renewCertificate: mount,
      stop,
    }
  })
}

interface Backend {
  readonly service: string
  readonly port: number
  readonly server: NetServer
}

/** Answers with what it was asked. */
async function startBackend(service: string): Promise<Backend> {
  const backend = createServer((request, response) => {
    response.end(JSON.stringify({ service, headers: request.headers }))
  })
  return { service, port: await listenOnLoopback(backend), server: backend }
}

/** Says its name to whoever connects. */
async function startBroker(service: string): Promise<Backend> {
  const broker = createNetServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.end(service)
  })
  return { service, port: await listenOnLoopback(broker), server: broker }
}

async function greet(
  name: string,
  port: number,
  authority: string,
  client: CertificateFiles | undefined,
): Promise<string> {
  const identity =
    client === undefined ? {} : { cert: await readFile(client.certificate), key: await readFile(client.key) }
  const socket = connect({
    host: '127.0.0.1',
    port,
    servername: name,
    ca: await readFile(authority),
    ...identity,
  })
  socket.setTimeout(10_000, () => socket.destroy(new Error('nobody answered in 10 s')))
  let said = ''
  socket.setEncoding('utf8').on('data', (text: string) => (said += text))
  await once(socket, 'close')
  return said
}

async function secretsOf(
  { names, user }: BorderParts,
  authority: CertificateAuthority,
): Promise<Readonly<Record<string, string>>> {
  if (names.length === 0) return {}
  const files = await authority.issue(
    'border',
    '/CN=border',
    names.map((name) => `DNS:${name}`),
  )
  const hash = createHash('sha1').update(user.password).digest('base64')
  return {
    'tls.crt': await readFile(files.certificate, 'utf8'),
    'tls.key': await readFile(files.key, 'utf8'),
    'kafka-clients.crt': await readFile(authority.certificate, 'utf8'),
    users: `${user.name}:{SHA}${hash}\n`,
  }
}

/** As a kubelet mounts a ConfigMap: links through `..data` to a directory of that moment, all changed by one rename. */
async function mountFiles(place: string, files: Readonly<Record<string, string>>): Promise<void> {
  const moment = `..${new Date().toISOString().replaceAll(/\W/g, '_')}_${crypto.randomUUID()}`
  const before = await readlink(join(place, '..data')).catch(() => undefined)
  await mkdir(join(place, moment), { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(place, moment, name), text)
  await symlink(moment, join(place, '..data_tmp'))
  await rename(join(place, '..data_tmp'), join(place, '..data'))
  for (const name of Object.keys(files)) {
    await symlink(join('..data', name), join(place, name)).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    })
  }
  if (before !== undefined) await rm(join(place, before), { recursive: true })
}

/** The same text with this machine's directory and ports in it. */
function located(text: string, place: string, backends: readonly Backend[]): string {
  return backends.reduce(
    (all, { service, port }) =>
      all
        .replaceAll(`"http://${service}"`, `"http://127.0.0.1:${port}"`)
        .replaceAll(`"${service}"`, `"127.0.0.1:${port}"`),
    text.replaceAll(mounted, place),
  )
}

function onLoopback(arg: string, ports: Readonly<Record<string, number>>): string {
  return arg.replace(/^--entrypoints\.(\w+)\.address=:\d+$/, (all, name: string) =>
    ports[name] === undefined ? all : `--entrypoints.${name}.address=127.0.0.1:${ports[name]}`,
  )
}

interface Way {
  readonly web: number
  readonly websecure: number
  readonly authority: string
  /** Default: a connection of its own. */
  readonly agent?: Agent
}

/** Asks for a URL as if its name led to this machine. */
async function get(url: string, headers: Readonly<Record<string, string>>, way: Way): Promise<Answer> {
  const { protocol, hostname, pathname } = new URL(url)
  const options: RequestOptions = {
    host: '127.0.0.1',
    path: pathname,
    headers: { host: hostname, ...headers },
    agent: way.agent ?? false,
    signal: AbortSignal.timeout(30_000),
  }
  const asked =
    protocol === 'https:'
      ? secure({ ...options, port: way.websecure, servername: hostname, ca: await readFile(way.authority) })
      : plain({ ...options, port: way.web })
  asked.end()
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  asked.once('error', reject)
  asked.once('response', (response) => {
    let text = ''
    const serial =
      response.socket instanceof TLSSocket ? response.socket.getPeerCertificate().serialNumber : undefined
    response.setEncoding('utf8').on('data', (part: string) => (text += part))
    response.once('error', reject)
    response.once('end', () => {
      const behind = text.startsWith('{"service"') ? (JSON.parse(text) as Answer['asked']) : undefined
      resolve({ status: response.statusCode ?? 0, headers: response.headers, asked: behind, serial })
    })
  })
  return promise
}
