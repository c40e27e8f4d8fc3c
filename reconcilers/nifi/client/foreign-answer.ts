import { isPage, titleOf } from '../../../src/client/http-answer.ts'
import type { RawAnswer } from '../../../src/client/http-connection.ts'
import type { HttpService } from '../../../src/client/http-service.ts'
import { ReconcileError } from '../../../src/errors.ts'
import { wordsOf } from './failures.ts'

/** NiFi as the way to it speaks of it. */
export const nifiHttp: HttpService = {
  title: 'NiFi',
  prefix: 'NIFI',
  place: 'must be where /nifi-api is, without /nifi and with the path of a proxy',
  page: refusedName,
}

/** NiFi's web server answers with a page before NiFi itself sees the request. */
function refusedName({ text }: RawAnswer, where: string): ReconcileError | undefined {
  if (/invalid SNI/i.test(text)) {
    return new ReconcileError(
      'TlsFailed',
      `${where}: NiFi’s certificate does not name this host (invalid SNI): let NIFI_URL say a name that is in it`,
    )
  }
  if (/invalid host header/i.test(text)) {
    return new ReconcileError(
      'ServiceUnreachable',
      `${where}: NiFi does not know itself by this name: add the host of NIFI_URL to nifi.web.proxy.host`,
    )
  }
  return undefined
}

/** NiFi does not take the token or the certificate, or nobody who may come in was named. */
export function refusedUser(raw: RawAnswer, where: string, login: boolean): ReconcileError {
  const words = isPage(raw) ? titleOf(raw.text) : wordsOf({ status: raw.status, body: raw.text })
  const way = login
    ? ''
    : '; set NIFI_USERNAME_FILE and NIFI_PASSWORD_FILE, or NIFI_CERT_FILE and NIFI_KEY_FILE'
  return new ReconcileError(
    'AuthenticationFailed',
    `${where} refuses the credentials${words === '' ? '' : `: ${words}`}${way}`,
  )
}
