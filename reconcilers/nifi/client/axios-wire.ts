import { unlessAborted } from '../../../src/client/abort.ts'
import { ReconcileError } from '../../../src/errors.ts'
import type { Fence } from '../../../src/reconcile/fence.ts'
import type { NifiSettings } from '../settings.ts'
import { AxiosConnection, type HttpRequest, tooLarge } from './axios-connection.ts'
import { connectionFailure, isUnsent } from './connection-failures.ts'
import { type Credentials, readCredentials } from './credentials.ts'
import { type RawAnswer, answerOf, refusedUser } from './foreign-answer.ts'
import { type Try, insist } from '../../../src/client/retry.ts'
import { type Token, readToken } from './token.ts'
import type { Wire, WireAnswer, WireRequest } from './wire.ts'

/** Connections made with the same TLS files, and the token that was got over them. */
interface Session {
  readonly fingerprint: string
  readonly connection: AxiosConnection
  token: Token | undefined
  /** What the token was got with. */
  login: string
  loggingIn: Promise<Token | Try> | undefined
}

/** NiFi through axios: connections, tokens, retries, time limits. What an answer means is for those above. */
export class AxiosWire implements Wire {
  readonly #settings: NifiSettings
  readonly #fence: Fence | undefined
  readonly #where: string
  readonly #closing = new AbortController()
  #session: Session | undefined

  /** Nothing is opened and no file is read before the first request. */
  constructor(settings: NifiSettings, fence?: Fence) {
    this.#settings = settings
    this.#fence = fence
    this.#where = new URL(settings.NIFI_URL).host
  }

  async send(request: WireRequest, signal: AbortSignal): Promise<WireAnswer> {
    const both = AbortSignal.any([signal, this.#closing.signal])
    both.throwIfAborted()
    // What a POST creates, a second one creates again.
    const once = request.once === true || request.method === 'POST'
    return insist(() => this.#try(request, both), once, both)
  }

  async close(): Promise<void> {
    this.#closing.abort(new ReconcileError('Aborted', 'the client is closed'))
    const session = this.#session
    this.#session = undefined
    session?.connection.close()
    return Promise.resolve()
  }

  async #try(request: WireRequest, signal: AbortSignal): Promise<Try> {
    return this.#within(request.timeoutMs, signal, async (limited) => {
      const credentials = await unlessAborted(readCredentials(this.#settings), limited)
      const session = this.#open(credentials)
      const first = await this.#authorized(session, credentials, request, limited)
      // A token can end before its time: NiFi forgets all when it makes new keys.
      if (first !== 'refused') return first
      const second = await this.#authorized(session, credentials, request, limited)
      if (second !== 'refused') return second
      throw new ReconcileError('AuthenticationFailed', `${this.#where} refuses the token that it just gave`)
    })
  }

  /** The request with a token where there is a login; `refused`: the token is none any more, and the next one will be another. */
  async #authorized(
    session: Session,
    credentials: Credentials,
    request: WireRequest,
    signal: AbortSignal,
  ): Promise<Try | 'refused'> {
    const token = await unlessAborted(this.#token(session, credentials), signal)
    if (token !== undefined && 'passing' in token) return token
    const sent = await this.#exchange(session, httpRequest(this.#settings.NIFI_URL, request, token), signal)
    if ('passing' in sent) return sent
    if (sent.status !== 401) return answerOf(sent, this.#where)
    if (token === undefined) return { error: refusedUser(sent, this.#where, false), passing: false }
    if (session.token === token) session.token = undefined
    return 'refused'
  }

  /** One login at a time: who comes meanwhile gets what comes of it. */
  async #token(session: Session, { login }: Credentials): Promise<Token | Try | undefined> {
    if (login === undefined) return undefined
    const name = JSON.stringify(login)
    if (session.login !== name) session.token = undefined
    if (session.token !== undefined && session.token.renewAt > performance.now()) return session.token
    session.login = name
    session.loggingIn ??= this.#logIn(session, login).finally(() => (session.loggingIn = undefined))
    return session.loggingIn
  }

  async #logIn(session: Session, login: NonNullable<Credentials['login']>): Promise<Token | Try> {
    // Over before whoever waits for it gives up, so that the next one who comes does not wait for a lost cause.
    const timeoutMs = this.#settings.NIFI_REQUEST_TIMEOUT * 0.9
    return this.#within(timeoutMs, this.#closing.signal, async (signal) => {
      const content = new URLSearchParams(login).toString()
      const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/plain' }
      const url = `${this.#settings.NIFI_URL}/nifi-api/access/token`
      const sent = await this.#exchange(session, { method: 'POST', url, headers, content }, signal)
      if ('passing' in sent) return sent
      if (sent.status === 201 && sent.text !== '') {
        return (session.token = readToken(sent.text, performance.now()))
      }
      return this.#loginRefused(sent, login.password)
    })
  }

  #loginRefused(raw: RawAnswer, password: string): Try {
    if (raw.status === 400 || raw.status === 401 || raw.status === 409) {
      const words = raw.text.includes(password) ? { ...raw, text: '' } : raw
      return { error: refusedUser(words, this.#where, true), passing: false }
    }
    const tried = answerOf(raw, this.#where)
    if (tried.error !== undefined) return tried
    const error = new ReconcileError(
      tried.passing ? 'ServiceUnhealthy' : 'AuthenticationFailed',
      `${this.#where} gave no token (status ${raw.status})`,
    )
    return { error, passing: tried.passing }
  }

  async #exchange(session: Session, request: HttpRequest, signal: AbortSignal): Promise<RawAnswer | Try> {
    this.#fence?.check()
    signal.throwIfAborted()
    const { raw, failure } = await unlessAborted(session.connection.exchange(request, signal), signal)
    if (raw !== undefined) return raw
    if (failure.code === tooLarge) {
      const words = `${this.#where}: ${failure.message}: ${request.method} ${new URL(request.url).pathname}`
      return { error: new ReconcileError('NotSupportedByServer', words), passing: false }
    }
    const error = connectionFailure(failure, this.#where)
    // An answer that was lost may have been of something done: only what reads is asked again.
    const harmless = request.method === 'GET' || isUnsent(failure.code)
    return { error, passing: error.reason === 'ServiceUnreachable' && harmless }
  }

  async #within<T>(
    timeoutMs = this.#settings.NIFI_REQUEST_TIMEOUT,
    signal: AbortSignal,
    work: (limited: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const limit = new AbortController()
    const late = `${this.#where} did not answer within ${Math.round(timeoutMs / 100) / 10} s`
    const timer = setTimeout(() => limit.abort(new ReconcileError('ServiceTimeout', late)), timeoutMs)
    try {
      return await work(AbortSignal.any([signal, limit.signal]))
    } finally {
      clearTimeout(timer)
    }
  }

  /** The connections for these files; where they changed, new ones. */
  #open({ fingerprint, tls }: Credentials): Session {
    if (this.#session?.fingerprint === fingerprint) return this.#session
    this.#session?.connection.close()
    const connection = new AxiosConnection(this.#settings.NIFI_URL, tls)
    return (this.#session = { fingerprint, connection, token: undefined, login: '', loggingIn: undefined })
  }
}

function httpRequest(baseUrl: string, request: WireRequest, token: Token | undefined): HttpRequest {
  const { method, path, query = {}, body, headers } = request
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  )
  const tail = search.size === 0 ? '' : `?${search.toString()}`
  return {
    method,
    url: `${baseUrl}/nifi-api${path}${tail}`,
    headers: {
      accept: 'application/json, text/plain',
      'user-agent': 'infometis-nifi',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token.text}` }),
      ...headers,
    },
    content: body === undefined ? undefined : JSON.stringify(body),
  }
}
