import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http'
import { request as httpsRequest } from 'node:https'
import { ReconcileError } from '../errors.ts'

/** One HTTP exchange: what is sent, and when it is given up. */
export interface Exchange {
  readonly options: RequestOptions
  readonly url: URL
  readonly body: string | undefined
  readonly signal: AbortSignal
}

/**
 * Resolves with the response once its head is there. The abort stays armed until the response has closed, so it also ends
 * a body that never ends. A kept-alive socket that the server closed meanwhile costs one retry on a new one.
 */
export async function exchange(spec: Exchange): Promise<IncomingMessage> {
  try {
    return await attempt(spec)
  } catch (error) {
    if (!(error instanceof StaleSocket)) throw error
    return await attempt({ ...spec, options: { ...spec.options, agent: false } })
  }
}

class StaleSocket extends Error {}

async function attempt({ options, url, body, signal }: Exchange): Promise<IncomingMessage> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const send = url.protocol === 'http:' ? httpRequest : httpsRequest
  const request: ClientRequest = send(url, options, resolve)
  const abort = (): void => {
    reject(toError(signal.reason))
    request.destroy(toError(signal.reason))
  }
  signal.addEventListener('abort', abort, { once: true })
  request.once('close', () => signal.removeEventListener('abort', abort))
  request.on('error', (error: NodeJS.ErrnoException) => {
    const stale = request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
    reject(stale ? new StaleSocket(error.message, { cause: error }) : error)
  })
  request.end(body)
  return await promise
}

/** The whole body as text. Past `maxBytes` the connection is dropped and BodyTooLarge thrown. */
export async function readBody(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw new BodyTooLarge(maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** The answer did not fit the bound; a list is asked again with smaller pages. */
export class BodyTooLarge extends ReconcileError {
  constructor(maxBytes: number) {
    super('ApiServerUnreachable', `the API server's answer is larger than ${maxBytes} bytes`)
    this.name = 'BodyTooLarge'
  }
}

/** An abort reason may be anything; what is thrown is an Error. */
export function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}
