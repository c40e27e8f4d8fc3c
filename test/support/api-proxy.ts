import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import type { TestKubeApi } from './kube-api.ts'
import { closeAtOnce, listenOnLoopback } from './loopback.ts'

interface Hold {
  readonly what: RegExp
  readonly reached: PromiseWithResolvers<undefined>
  readonly passes: (() => void)[]
}

/** The way of one process to the API server: it notes what passes, can keep an answer back, and can be cut. */
export class ApiProxy {
  /** `METHOD /path`, without what is only asked of it. */
  readonly requests: string[] = []
  /** For the process, with its service account's token. */
  readonly kubeconfig: string
  readonly #server: Server
  readonly #agent: Agent
  readonly #api: TestKubeApi
  #hold: Hold | undefined
  #cut = false

  private constructor(api: TestKubeApi, server: Server, ca: string, kubeconfig: string) {
    this.#api = api
    this.#server = server
    this.#agent = new Agent({ keepAlive: true, ca })
    this.kubeconfig = kubeconfig
  }

  static async open(
    api: TestKubeApi,
    account: { readonly namespace: string; readonly name: string },
  ): Promise<ApiProxy> {
    const { namespace, name } = account
    const directory = await api.serviceAccountDir(namespace, name)
    const [token, ca] = await Promise.all(
      ['token', 'ca.crt'].map((file) => readFile(join(directory, file), 'utf8')),
    )
    const server = createServer()
    const port = await listenOnLoopback(server)
    const kubeconfig = join(directory, `kubeconfig-${port}`)
    await writeFile(kubeconfig, kubeconfigOf(`http://127.0.0.1:${port}`, namespace, token ?? ''), {
      mode: 0o600,
    })
    const proxy = new ApiProxy(api, server, ca ?? '', kubeconfig)
    server.on('request', (incoming, answer) => proxy.#pass(incoming, answer))
    return proxy
  }

  /** Requests that change something, the lease apart. */
  get written(): readonly string[] {
    return this.requests.filter((each) => !each.startsWith('GET ') && !each.includes('/leases'))
  }

  /** Keeps back the answer to the next request that looks like this. Resolves when it is there. */
  hold(what: RegExp): Promise<undefined> {
    const reached = Promise.withResolvers<undefined>()
    this.#hold = { what, reached, passes: [] }
    return reached.promise
  }

  letGo(): void {
    const passes = this.#hold?.passes ?? []
    this.#hold = undefined
    for (const pass of passes) pass()
  }

  /** From now on nobody answers. */
  cut(): void {
    this.#cut = true
    this.#server.closeAllConnections()
  }

  async close(): Promise<void> {
    const closed = closeAtOnce(this.#server)
    this.#agent.destroy()
    await closed
  }

  #pass(incoming: IncomingMessage, answer: ServerResponse): void {
    const { method = 'GET', url = '/', headers } = incoming
    if (this.#cut) {
      answer.destroy()
      return
    }
    const what = `${method} ${url.split('?', 1)[0] ?? ''}`
    this.requests.push(what)
    const hold = this.#hold?.what.test(what) === true ? this.#hold : undefined
    const { host, port } = this.#api
    const options = {
      hostname: host,
      port,
      method,
      path: url,
      headers: { ...headers, host },
      agent: this.#agent,
    }
    const onwards = request(options, (response) => {
      const pass = (): void => {
        answer.writeHead(response.statusCode ?? 502, response.headers)
        response.pipe(answer)
      }
      if (hold === undefined) pass()
      else {
        hold.passes.push(pass)
        hold.reached.resolve(undefined)
      }
    })
    onwards.once('error', () => answer.destroy())
    answer.once('close', () => onwards.destroy())
    incoming.pipe(onwards)
  }
}

/** Plain HTTP on loopback, which the client library takes only from whoever wants no check at all. */
function kubeconfigOf(server: string, namespace: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'replica',
    clusters: [{ name: 'replica', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'replica', user: { token } }],
    contexts: [{ name: 'replica', context: { cluster: 'replica', user: 'replica', namespace } }],
  })
}
