import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { Agent, request as send } from 'node:https'
import type { RunningKubeApi } from '../support/kube-api.ts'

export interface ConfigMap {
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly resourceVersion?: string
  }
  readonly data?: Readonly<Record<string, string>>
  readonly binaryData?: Readonly<Record<string, string>>
}

interface List {
  readonly metadata: { readonly resourceVersion: string }
  readonly items: readonly ConfigMap[]
}

interface Call {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly contentType?: string
}

const requestMs = 30_000

/** The Kubernetes API as the benchmark uses it: the administrator's certificate and nothing of the code under test. */
export class KubeDesk {
  readonly #agent: Agent
  readonly #url: string
  readonly #signal: AbortSignal

  private constructor(agent: Agent, url: string, signal: AbortSignal) {
    this.#agent = agent
    this.#url = url
    this.#signal = signal
  }

  static async open(api: RunningKubeApi, signal: AbortSignal): Promise<KubeDesk> {
    const files = [api.authority, api.admin.certificate, api.admin.key]
    const [ca, cert, key] = await Promise.all(files.map(async (file) => readFile(file)))
    return new KubeDesk(new Agent({ keepAlive: true, ca, cert, key }), api.url, signal)
  }

  close(): void {
    this.#agent.destroy()
  }

  async create(namespace: string, object: ConfigMap): Promise<void> {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', ...object }
    await this.#json({ method: 'POST', path: pathOf(namespace), body })
  }

  /** JSON merge patch. */
  async patch(namespace: string, name: string, change: object): Promise<void> {
    const path = `${pathOf(namespace)}/${name}`
    await this.#json({ method: 'PATCH', path, body: change, contentType: 'application/merge-patch+json' })
  }

  async list(namespace: string, kind = 'configmaps'): Promise<List> {
    return (await this.#json({ method: 'GET', path: pathOf(namespace, kind) })) as List
  }

  /** Calls `tell` for each change after `resourceVersion`. Resolves when the watch has begun with what resolves when it ends. */
  async watch(
    namespace: string,
    resourceVersion: string,
    tell: (type: string, object: ConfigMap) => void,
    signal: AbortSignal,
  ): Promise<{ readonly ended: Promise<unknown> }> {
    const path = `${pathOf(namespace)}?watch=1&timeoutSeconds=7200&resourceVersion=${resourceVersion}`
    const response = await this.#send({ method: 'GET', path }, signal)
    const { promise: ended, resolve } = Promise.withResolvers<unknown>()
    response.on('error', () => undefined).once('close', resolve)
    let rest = ''
    response.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const { type, object } = JSON.parse(line) as { type: string; object: ConfigMap }
        tell(type, object)
      }
    })
    return { ended }
  }

  async #json(call: Call): Promise<unknown> {
    const deadline = AbortSignal.timeout(requestMs)
    const response = await this.#send(call, AbortSignal.any([this.#signal, deadline]))
    const text = Buffer.concat(await response.toArray()).toString('utf8')
    if (response.statusCode === 200 || response.statusCode === 201) return JSON.parse(text) as unknown
    throw new Error(`${call.method} ${call.path}: ${response.statusCode ?? 0} ${text.slice(0, 300)}`)
  }

  async #send({ method, path, body, contentType }: Call, signal: AbortSignal): Promise<IncomingMessage> {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const headers: Record<string, string | number> = { accept: 'application/json' }
    if (text !== undefined) {
      headers['content-type'] = contentType ?? 'application/json'
      headers['content-length'] = Buffer.byteLength(text)
    }
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const request = send(this.#url + path, { method, headers, agent: this.#agent, signal }, resolve)
    request.once('error', reject)
    request.end(text)
    return promise
  }
}

function pathOf(namespace: string, kind = 'configmaps'): string {
  return `/api/v1/namespaces/${namespace}/${kind}`
}
