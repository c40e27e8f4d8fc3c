import { unlessAborted } from '../../../src/client/abort.ts'
import { answerOf } from '../../../src/client/http-answer.ts'
import type { HttpRequest, RawAnswer } from '../../../src/client/http-connection.ts'
import { HttpWay, httpRequest } from '../../../src/client/http-way.ts'
import type { Try } from '../../../src/client/retry.ts'
import { ReconcileError } from '../../../src/errors.ts'
import type { Fence } from '../../../src/reconcile/fence.ts'
import type { NifiSettings } from '../settings.ts'
import { type Credentials, readCredentials } from './credentials.ts'
import { nifiHttp, refusedUser } from './foreign-answer.ts'
import { type Token, readToken } from './token.ts'
import type { Wire, WireAnswer, WireRequest } from './wire.ts'

/** The token that was got with a login, over connections with the same TLS files. */
interface Session {
  readonly fingerprint: string
  token: Token | undefined
  /** What the token was got with. */
  login: string
  loggingIn: Promise<Token | Try> | undefined
}

/** NiFi over HTTP: tokens, retries, time limits. What an answer means is for those above. */
export class AxiosWire implements Wire {
  readonly #settings: NifiSettings
  readonly #way: HttpWay
  #session: Session | undefined

  /** Nothing is opened and no file is read before the first request. */
  constructor(settings: NifiSettings, fence?: Fence) {
    this.#settings = settings
    this.#way = new HttpWay({
      service: nifiHttp,
      url: settings.NIFI_URL,
      timeoutMs: settings.NIFI_REQUEST_TIMEOUT,
      fence,
    })
  }

  async send(request: WireRequest, signal: AbortSignal): Promise<WireAnswer> {
    return this.#way.send(request, signal, async (limited) => this.#try(request, limited))
  }

  async close(): Promise<void> {
    this.#session = undefined
    this.#way.close()
    return Promise.resolve()
  }

  async #try(request: WireRequest, limited: AbortSignal): Promise<Try> {
    const credentials = await unlessAborted(readCredentials(this.#settings), limited)
    const session = this.#open(credentials.fingerprint)
    const first = await this.#authorized(session, credentials, request, limited)
    // A token can end before its time: NiFi forgets all when it makes new keys.
    if (first !== 'refused') return first
    const second = await this.#authorized(session, credentials, request, limited)
    if (second !== 'refused') return second
    throw new ReconcileError('AuthenticationFailed', `${this.#way.where} refuses the token that it just gave`)
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
    const sent = await this.#way.exchange(credentials, this.#request(request, token), signal)
    if ('passing' in sent) return sent
    if (sent.status !== 401) return answerOf(sent, nifiHttp, this.#way.where)
    if (token === undefined) return { error: refusedUser(sent, this.#way.where, false), passing: false }
    if (session.token === token) session.token = undefined
    return 'refused'
  }

  /** One login at a time: who comes meanwhile gets what comes of it. */
  async #token(session: Session, credentials: Credentials): Promise<Token | Try | undefined> {
    const { login } = credentials
    if (login === undefined) return undefined
    const name = JSON.stringify(login)
    if (session.login !== name) session.token = undefined
    if (session.token !== undefined && session.token.renewAt > performance.now()) return session.token
    session.login = name
    session.loggingIn ??= this.#logIn(session, credentials, login).finally(
      () => (session.loggingIn = undefined),
    )
    return session.loggingIn
  }

  async #logIn(
    session: Session,
    credentials: Credentials,
    login: NonNullable<Credentials['login']>,
  ): Promise<Token | Try> {
    // Over before whoever waits for it gives up, so that the next one who comes does not wait for a lost cause.
    const timeoutMs = this.#settings.NIFI_REQUEST_TIMEOUT * 0.9
    return this.#way.within(timeoutMs, this.#way.closing, async (signal) => {
      const content = new URLSearchParams(login).toString()
      const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/plain' }
      const url = `${this.#settings.NIFI_URL}/nifi-api/access/token`
      const sent = await this.#way.exchange(credentials, { method: 'POST', url, headers, content }, signal)
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
      return { error: refusedUser(words, this.#way.where, true), passing: false }
    }
    const tried = answerOf(raw, nifiHttp, this.#way.where)
    if (tried.error !== undefined) return tried
    const error = new ReconcileError(
      tried.passing ? 'ServiceUnhealthy' : 'AuthenticationFailed',
      `${this.#way.where} gave no token (status ${raw.status})`,
    )
    return { error, passing: tried.passing }
  }

  #request(request: WireRequest, token: Token | undefined): HttpRequest {
    return httpRequest(`${this.#settings.NIFI_URL}/nifi-api`, request, {
      'user-agent': 'infometis-nifi',
      ...(token !== undefined && { authorization: `Bearer ${token.text}` }),
    })
  }

  /** The session for these files; where they changed, a new one. */
  #open(fingerprint: string): Session {
    if (this.#session?.fingerprint === fingerprint) return this.#session
    return (this.#session = { fingerprint, token: undefined, login: '', loggingIn: undefined })
  }
}
