import { createServer } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { listenOnLoopback } from './loopback.ts'

export type Reply = (request: IncomingMessage, response: ServerResponse) => void

/** A server that answers as told, and keeps what it was asked. */
export interface AnsweringServer {
  readonly url: string
  readonly requests: {
    readonly method: string
    readonly url: string
    readonly headers: IncomingHttpHeaders
    readonly body: string
  }[]
  reply: Reply
  readonly server: Server
}

export async function startAnsweringServer(
  create: (listener: RequestListener) => Server = createServer,
): Promise<AnsweringServer> {
  const requests: AnsweringServer['requests'] = []
  const server = create((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      requests.push({ method, url, headers, body })
      answering.reply(request, response)
    })
  })
  const port = await listenOnLoopback(server)
  const scheme = create === createServer ? 'http' : 'https'
  const answering = { url: `${scheme}://127.0.0.1:${port}`, requests, reply: json(200, {}), server }
  return answering
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  return told(status, JSON.stringify(body), { 'content-type': 'application/json', ...headers })
}

export function page(status: number, html: string, headers: Record<string, string> = {}): Reply {
  return told(status, html, { 'content-type': 'text/html;charset=utf-8', ...headers })
}

export function told(status: number, words: string, headers: Record<string, string> = {}): Reply {
  return (_, response) => response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(words)
}
