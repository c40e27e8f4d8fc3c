import { shortened } from '../../../../src/core/text.ts'
import { textAt } from '../../../../src/core/members.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import type { Datasource } from '../../resource.ts'
import { messageIdOf, wordsOf } from '../failures.ts'
import type { Tools } from '../tools.ts'
import type { WireAnswer } from '../wire.ts'
import { type LiveDatasource, pathOf } from './live-datasource.ts'

export type Health = Pick<Datasource, 'unhealthy' | 'warnings'>

/** Grafana itself asks the system behind the datasource. */
const checkMs = 10_000

/** How datasources do: asked at most once in a while, for each question goes on to the system behind. */
export class HealthChecks {
  readonly #tools: Tools
  readonly #known = new Map<string, { readonly of: string; readonly at: number; readonly health: Health }>()

  constructor(tools: Tools) {
    this.#tools = tools
  }

  async check({ uid, id, version }: LiveDatasource, signal: AbortSignal): Promise<Health> {
    const of = `${id}/${version}`
    const at = this.#tools.now()
    const known = this.#known.get(uid)
    if (known?.of === of && at - known.at < this.#tools.limits.healthMs) return known.health
    const health = await this.#ask(uid, signal)
    this.#known.set(uid, { of, at, health })
    return health
  }

  /** Those that are still there; what is known of others goes. */
  keepOnly(uids: { has(uid: string): boolean }): void {
    for (const uid of this.#known.keys()) if (!uids.has(uid)) this.#known.delete(uid)
  }

  async #ask(uid: string, signal: AbortSignal): Promise<Health> {
    try {
      const request = { method: 'GET', path: pathOf(uid, 'health'), once: true, timeoutMs: checkMs } as const
      return told(await this.#tools.wire.send(request, signal))
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof ReconcileError) || error.reason !== 'ServiceTimeout') throw error
      return { unhealthy: 'its health check did not come to an end in time' }
    }
  }
}

function told(answer: WireAnswer): Health {
  const { status, body } = answer
  if (status < 300 && textAt(body, 'status').toUpperCase() !== 'ERROR') return {}
  if (status === 403)
    return { warnings: ['its health may not be asked for: grant datasources:query to the service account'] }
  if (status === 501 || messageIdOf(body) === 'plugin.notImplemented')
    return { warnings: ['its plugin has no health check'] }
  const words = steady(wordsOf(body))
  return { unhealthy: words === '' ? `its health check answers with status ${status}` : words }
}

/** A fault that lasts has the same words each time: without the port that the connection happened to come from. */
function steady(words: string): string {
  return shortened(words.replace(/(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\]):\d+->/gi, ''), 300)
}
