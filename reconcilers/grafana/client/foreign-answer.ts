import { isPage, titleOf } from '../../../src/client/http-answer.ts'
import type { RawAnswer } from '../../../src/client/http-connection.ts'
import type { HttpService } from '../../../src/client/http-service.ts'
import { ReconcileError } from '../../../src/errors.ts'
import { wordsOf } from './failures.ts'

/** Grafana as the way to it speaks of it. */
export const grafanaHttp: HttpService = {
  title: 'Grafana',
  prefix: 'GRAFANA',
  place: 'must be where /api is, with the sub-path that Grafana is served under',
  page: loginPage,
}

/** Where a way leads that ends before a person: Grafana's own `/login`, an identity provider's, a proxy's. */
const loginPath = /\/(login|sign[-_]?in|oauth2?|authorize|auth|sso|saml|openid-connect)\b/i
const loginText = /<input[^>]+type=["']?password|\b(log ?in|sign ?in)\b|<title>\s*Grafana\s*<\/title>/i

/**
 * Who is not signed in is sent to a login page everywhere but below /api, and by what stands in front of Grafana everywhere. Such a
 * page comes with status 200 or after a redirect: never taken for an answer.
 */
function loginPage({ status, location, text }: RawAnswer, where: string): ReconcileError | undefined {
  const redirected = status >= 300 && status < 400
  if (redirected ? !loginPath.test(location) : status >= 400 || !loginText.test(text)) return undefined
  const to = redirected
    ? `redirects to the login page ${location.replace(/[?#].*$/s, '')}`
    : 'answers with a login page'
  return new ReconcileError(
    'AuthenticationFailed',
    `${where} ${to} (status ${status}): GRAFANA_URL ${grafanaHttp.place}, and no login for people may stand in front of it`,
  )
}

/** Grafana does not take the token or the password, or nobody was named. `named`: how who is refused calls himself. */
export function refusedUser(
  raw: RawAnswer,
  where: string,
  named: 'token' | 'login' | 'nobody',
): ReconcileError {
  const words = isPage(raw) ? titleOf(raw.text) : wordsOf(bodyOf(raw.text))
  return new ReconcileError(
    'AuthenticationFailed',
    `${where} ${refusals[named][0]}${words === '' ? '' : `: ${words}`}; ${refusals[named][1]}`,
  )
}

const refusals = {
  token: [
    'refuses the token of GRAFANA_TOKEN_FILE',
    'let the file hold a valid one of a service account of this organisation (it is read again each time)',
  ],
  login: [
    'refuses the user of GRAFANA_USERNAME_FILE',
    'correct GRAFANA_USERNAME_FILE and GRAFANA_PASSWORD_FILE, or use GRAFANA_TOKEN_FILE',
  ],
  nobody: ['lets nobody in without a name', 'set GRAFANA_TOKEN_FILE'],
} as const

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
