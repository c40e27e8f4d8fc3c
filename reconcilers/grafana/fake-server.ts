import { once } from 'node:events'
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { sha256 } from '../../src/core/canonical.ts'
import { requestTo } from '../../src/client/fake-wire.ts'
import type { WireRequest } from './client/wire.ts'
import type { Answer } from './fake-call.ts'
import { type Credentials, type Identity, person, serviceAccount } from './fake-identity.ts'
import { metrics, page } from './fake-page.ts'
import { profiles } from './fake-profile.ts'
import { type Refusal, identified } from './fake-refusal.ts'
import { StoreFile } from './fake-store-file.ts'
import { FakeGrafana } from './fake.ts'

export interface ServedFake {
  readonly host: string
  /** 0: a free one. */
  readonly port: number
  /** Where it keeps what it is told. */
  readonly directory: string
  /** Of the service account that its reconciler uses. */
  readonly token: string
  /** Passwords of people, by name. Whoever is not among them may use the token as password. */
  readonly users?: Readonly<Record<string, string>>
}

export interface RunningFake {
  readonly url: string
  close(): Promise<void>
}

/** The simulated Grafana API over HTTP, with a memory that outlives it. */
export async function serveFakeGrafana(options: ServedFake): Promise<RunningFake> {
  const { directory, host, port } = options
  const grafana = new FakeGrafana({ now: Date.now })
  const file = new StoreFile(directory, grafana.state)
  await file.load()
  const server = createServer((request, response) => {
    void answered(request, response, { grafana, file, options })
  })
  server.listen(port, host)
  await once(server, 'listening')
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    close: async () => closed(server),
  }
}

async function closed(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  server.close(() => resolve(undefined))
  server.closeIdleConnections()
  await promise
}

interface Desk {
  readonly grafana: FakeGrafana
  readonly file: StoreFile
  readonly options: ServedFake
}

async function answered(request: IncomingMessage, response: ServerResponse, desk: Desk): Promise<void> {
  try {
    const asked = await requestOf(request)
    const other = otherPage(asked, desk.grafana)
    if (other !== undefined) {
      response.writeHead(other.status, { 'content-type': other.contentType }).end(other.text)
      return
    }
    const answer = answerTo(asked, desk)
    // What was answered is there after the process is killed.
    if (asked.method !== 'GET' && answer.status < 300) await desk.file.keep()
    send(response, answer)
  } catch (error) {
    // The connection broke, or the fake itself is at fault.
    response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error))
  }
}

async function requestOf(request: IncomingMessage): Promise<WireRequest> {
  const { method = 'GET', url = '/' } = request
  const given = await text(request)
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)])
  return {
    ...requestTo(method as WireRequest['method'], url, parsed(given)),
    headers: Object.fromEntries(headers) as Readonly<Record<string, string>>,
  }
}

/** What is no JSON is refused by whoever needs it. */
function parsed(given: string): unknown {
  try {
    return given === '' ? undefined : (JSON.parse(given) as unknown)
  } catch {
    return undefined
  }
}

function answerTo(asked: WireRequest, { grafana, options }: Desk): Answer {
  const asker = askerOf(asked.headers ?? {}, options)
  return 'toAnswer' in asker ? asker.toAnswer() : grafana.answer(asked, asker.who)
}

type Asker = { readonly who: Identity | Exclude<Credentials, 'good'> } | Refusal

function askerOf(headers: Readonly<Record<string, string>>, options: ServedFake): Asker {
  const [scheme = '', credentials = ''] = (headers['authorization'] ?? '').split(' ')
  if (scheme.toLowerCase() === 'basic') return personOf(credentials, options)
  if (scheme.toLowerCase() !== 'bearer') return { who: 'missing' }
  if (!same(credentials, options.token)) return { who: 'bad' }
  // A token belongs to one organisation.
  return { who: (headers['x-grafana-org-id'] ?? '1') === '1' ? serviceAccount : 'other-org' }
}

/** pkg/services/authn/clients/basic.go, password.go */
function personOf(credentials: string, { token, users = {} }: ServedFake): Asker {
  const [name = '', ...rest] = Buffer.from(credentials, 'base64').toString().split(':')
  const password = Object.hasOwn(users, name) ? users[name] : undefined
  if (!same(rest.join(':'), password ?? token))
    return identified(401, 'password-auth.failed', 'Invalid username or password')
  return { who: person(name) }
}

/** In the same time, whatever they have in common. */
function same(a: string, b: string): boolean {
  return sha256(a) === sha256(b)
}

interface Other {
  readonly status: number
  readonly contentType: string
  readonly text: string
}

/** What is asked for beside the API, by browsers and by Prometheus. */
function otherPage({ path }: WireRequest, grafana: FakeGrafana): Other | undefined {
  if (path.startsWith('/api')) return undefined
  const profile = profiles[grafana.profile]
  if (path === '/healthz') return { status: 200, contentType: 'text/plain', text: 'Ok' }
  if (path === '/metrics')
    return { status: 200, contentType: 'text/plain; version=0.0.4', text: metrics(profile, grafana.state) }
  const known = path === '/' || /^\/(login|d|dashboards|alerting|connections)(\/|$)/.test(path)
  const html = page(profile, grafana.state)
  return { status: known ? 200 : 404, contentType: 'text/html; charset=UTF-8', text: html }
}

function send(response: ServerResponse, { status, body, headers = {} }: Answer): void {
  if (body === undefined) response.writeHead(status, headers).end()
  else if (typeof body === 'string')
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(body)
  else
    response
      .writeHead(status, { 'content-type': 'application/json; charset=UTF-8', ...headers })
      .end(JSON.stringify(body))
}
