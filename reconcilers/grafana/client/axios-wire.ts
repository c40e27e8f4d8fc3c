import { unlessAborted } from '../../../src/client/abort.ts'
import { answerOf } from '../../../src/client/http-answer.ts'
import type { RawAnswer } from '../../../src/client/http-connection.ts'
import { HttpWay, httpRequest } from '../../../src/client/http-way.ts'
import type { Try } from '../../../src/client/retry.ts'
import type { Fence } from '../../../src/reconcile/fence.ts'
import type { GrafanaSettings } from '../settings.ts'
import { type Credentials, readCredentials } from './credentials.ts'
import { grafanaHttp, refusedUser } from './foreign-answer.ts'
import type { Wire, WireAnswer, WireRequest } from './wire.ts'

/** Grafana over HTTP: who asks, retries, time limits. What an answer means is for those above. */
export class AxiosWire implements Wire {
  readonly #settings: GrafanaSettings
  readonly #way: HttpWay

  /** Nothing is opened and no file is read before the first request. */
  constructor(settings: GrafanaSettings, fence?: Fence) {
    this.#settings = settings
    this.#way = new HttpWay({
      service: grafanaHttp,
      url: settings.GRAFANA_URL,
      timeoutMs: settings.GRAFANA_REQUEST_TIMEOUT,
      fence,
    })
  }

  async send(request: WireRequest, signal: AbortSignal): Promise<WireAnswer> {
    return this.#way.send(request, signal, async (limited) => this.#try(request, limited))
  }

  async close(): Promise<void> {
    this.#way.close()
    return Promise.resolve()
  }

  async #try(request: WireRequest, limited: AbortSignal): Promise<Try> {
    const read = async () => unlessAborted(readCredentials(this.#settings), limited)
    const credentials = await read()
    const sent = await this.#exchange(request, credentials, limited)
    if (!isRefusal(sent)) return this.#tryOf(sent)
    // The file may have got another token since it was read.
    const fresh = await read()
    const same = fresh.authorization === credentials.authorization
    const last = same ? sent : await this.#exchange(request, fresh, limited)
    return isRefusal(last) ? this.#refused(last, fresh) : this.#tryOf(last)
  }

  async #exchange(
    request: WireRequest,
    credentials: Credentials,
    signal: AbortSignal,
  ): Promise<RawAnswer | Try> {
    const { GRAFANA_URL, GRAFANA_ORG_ID } = this.#settings
    const { authorization } = credentials
    const asked = httpRequest(GRAFANA_URL, request, {
      'user-agent': 'infometis-grafana',
      ...(authorization !== undefined && { authorization }),
      ...(GRAFANA_ORG_ID !== undefined && { 'x-grafana-org-id': GRAFANA_ORG_ID }),
    })
    return this.#way.exchange(credentials, asked, signal)
  }

  #tryOf(sent: RawAnswer | Try): Try {
    return 'passing' in sent ? sent : answerOf(sent, grafanaHttp, this.#way.where)
  }

  #refused(raw: RawAnswer, { authorization }: Credentials): Try {
    const secret = authorization?.split(' ')[1]
    const words = secret !== undefined && raw.text.includes(secret) ? { ...raw, text: '' } : raw
    const login = this.#settings.GRAFANA_USERNAME_FILE === undefined ? 'token' : 'login'
    const named = authorization === undefined ? 'nobody' : login
    return { error: refusedUser(words, this.#way.where, named), passing: false }
  }
}

function isRefusal(sent: RawAnswer | Try): sent is RawAnswer {
  return !('passing' in sent) && sent.status === 401
}
