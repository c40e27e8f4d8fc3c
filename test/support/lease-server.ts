import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { KubeConnection } from '../../src/kube/connection.ts'
import { answer, refuse } from './fake-api-server.ts'
import { closeAtOnce, listenOnLoopback, portOf } from './loopback.ts'

export interface LeaseObject {
  readonly metadata: Readonly<Record<string, unknown>> & { readonly resourceVersion: string }
  readonly spec: Readonly<Record<string, unknown>>
}

const list = '/apis/coordination.k8s.io/v1/namespaces/team/leases'

/** As much of an API server as one Lease needs: get, create, and update over the version that was read. */
export class LeaseServer {
  object: LeaseObject | undefined
  /** `METHOD path` of every request. */
  readonly requests: string[] = []
  /** The body of the last write. */
  sent: unknown
  /** Answers instead; undefined leaves it to the server. */
  fault: ((response: ServerResponse) => void) | undefined
  readonly #server: Server
  #version = 0

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(): Promise<LeaseServer> {
    const server = createServer()
    const fake = new LeaseServer(server)
    server.on('request', (request, response) => void fake.#serve(request, response))
    await listenOnLoopback(server)
    return fake
  }

  async stop(): Promise<void> {
    await closeAtOnce(this.#server)
  }

  connection(): KubeConnection {
    const server = new URL(`http://127.0.0.1:${portOf(this.#server)}`)
    return { server, namespace: 'team', token: async () => undefined }
  }

  put(object: { readonly metadata?: object; readonly spec?: object }): LeaseObject {
    this.#version += 1
    const metadata = { ...object.metadata, resourceVersion: String(this.#version) }
    this.object = { ...object, metadata, spec: { ...object.spec } }
    return this.object
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request
    this.requests.push(`${method} ${url}`)
    const body: unknown = method === 'GET' ? undefined : JSON.parse(await text(request))
    if (body !== undefined) this.sent = body
    if (this.fault !== undefined) this.fault(response)
    else if (!url.startsWith(list)) refuse(response, 404, 'no such place')
    else if (method === 'POST') this.#create(response, body as LeaseObject)
    else if (this.object === undefined) refuse(response, 404, 'not found')
    else if (method === 'PUT') this.#update(response, body as LeaseObject, this.object)
    else answer(response, this.object)
  }

  #create(response: ServerResponse, body: LeaseObject): void {
    if (this.object !== undefined) refuse(response, 409, 'already exists')
    else answer(response, this.put(body))
  }

  #update(response: ServerResponse, body: LeaseObject, before: LeaseObject): void {
    if (body.metadata.resourceVersion !== before.metadata.resourceVersion)
      refuse(response, 409, 'the object has been modified')
    else answer(response, this.put(body))
  }
}
