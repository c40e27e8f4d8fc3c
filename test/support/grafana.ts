import { readFile } from 'node:fs/promises'
import { grafanaSettings, type GrafanaSettings } from '../../reconcilers/grafana/settings.ts'
import { environment, readSettings } from '../../src/config.ts'
import type { AskGrafana } from './grafana-bystander.ts'

/** Why what needs a real Grafana does not run; for the names of tests. */
export const noGrafana =
  'needs a real Grafana, of which no package can be had here: set GRAFANA_URL, and GRAFANA_TOKEN_FILE of an Admin'

/** The Grafana that the environment names, and somebody else's way to it: fetch. */
export interface RealGrafana {
  readonly settings: GrafanaSettings
  readonly ask: AskGrafana
}

export async function realGrafana(): Promise<RealGrafana | undefined> {
  const env = environment()
  if ((env['GRAFANA_URL'] ?? '') === '') return undefined
  const settings = readSettings(grafanaSettings, env)
  return { settings, ask: asking(settings.GRAFANA_URL, await authorizationOf(settings)) }
}

async function authorizationOf(settings: GrafanaSettings): Promise<string> {
  const text = async (file: string) => (await readFile(file, 'utf8')).trim()
  if (settings.GRAFANA_TOKEN_FILE !== undefined) return `Bearer ${await text(settings.GRAFANA_TOKEN_FILE)}`
  const { GRAFANA_USERNAME_FILE: user, GRAFANA_PASSWORD_FILE: password } = settings
  if (user === undefined || password === undefined) return ''
  return `Basic ${Buffer.from(`${await text(user)}:${await text(password)}`).toString('base64')}`
}

/** HTTP without any of our own code. */
export function asking(url: string, authorization: string): AskGrafana {
  return async (method, path, body, headers = {}) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        accept: 'application/json',
        ...(authorization !== '' && { authorization }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    })
    const text = await answer.text()
    return { status: answer.status, body: text === '' ? undefined : parsed(text) }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
