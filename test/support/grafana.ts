import { readFile } from 'node:fs/promises'
import { grafanaSettings, type GrafanaSettings } from '../../reconcilers/grafana/settings.ts'
import { environment, readSettings } from '../../src/config.ts'
import { ask, type HttpAccess } from '../../src/stack/http.ts'
import type { AskGrafana } from './grafana-bystander.ts'

/** Why what needs a real Grafana does not run; for the names of tests. */
export const noGrafana =
  'needs a real Grafana, of which no package can be had here: set GRAFANA_URL, and GRAFANA_TOKEN_FILE of an Admin'

/** The Grafana that the environment names, and somebody else's way to it: plain HTTP. */
export interface RealGrafana {
  readonly settings: GrafanaSettings
  readonly ask: AskGrafana
}

export async function realGrafana(): Promise<RealGrafana | undefined> {
  const env = environment()
  if ((env['GRAFANA_URL'] ?? '') === '') return undefined
  const settings = readSettings(grafanaSettings, env)
  return { settings, ask: asking(await accessOf(settings), settings.GRAFANA_ORG_ID) }
}

async function accessOf(settings: GrafanaSettings): Promise<HttpAccess> {
  const { GRAFANA_USERNAME_FILE: user, GRAFANA_PASSWORD_FILE: password } = settings
  const { GRAFANA_CERT_FILE: cert, GRAFANA_KEY_FILE: key } = settings
  return {
    url: settings.GRAFANA_URL,
    token: await content(settings.GRAFANA_TOKEN_FILE),
    auth: user === undefined ? undefined : `${await content(user)}:${await content(password)}`,
    ca: await content(settings.GRAFANA_CA_FILE),
    ...(cert !== undefined &&
      key !== undefined && {
        certificate: { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') },
      }),
  }
}

async function content(file: string | undefined): Promise<string | undefined> {
  return file === undefined ? undefined : (await readFile(file, 'utf8')).trim()
}

/** HTTP without the client under test, in the same organisation. */
function asking(access: HttpAccess, organisation: string | undefined): AskGrafana {
  const always = {
    accept: 'application/json',
    ...(organisation !== undefined && { 'x-grafana-org-id': organisation }),
  }
  return async (method, path, body, headers = {}) => {
    const asked = { method, path, body, headers: { ...always, ...headers } }
    const answer = await ask(access, asked, AbortSignal.timeout(30_000))
    return { status: answer.status, body: answer.body === '' ? undefined : answer.body }
  }
}
