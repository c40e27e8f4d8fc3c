import { setTimeout as sleep } from 'node:timers/promises'
import type { BareHttp } from './bare-http.ts'

const everyMs = 10

/**
 * Somebody who writes a document every 10 ms while an index is changed under him, and tries again what was refused. What he is
 * told is the measure of how long writers were shut out.
 */
export class SteadyWriter {
  readonly #search: BareHttp
  readonly #alias: string
  readonly #stop = new AbortController()
  #done: Promise<void> = Promise.resolve()
  /** Milliseconds: the longest time in which no write was taken. */
  longestShutOutMs = 0
  /** Documents that were acknowledged; their ids are `writer-0` and on. */
  acknowledged = 0

  constructor(search: BareHttp, alias: string) {
    this.#search = search
    this.#alias = alias
  }

  start(): this {
    this.#done = this.#write()
    return this
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#done
  }

  async #write(): Promise<void> {
    let refusedSince: number | undefined
    for (let at = 0; !this.#stop.signal.aborted; at += 1) {
      const sent = performance.now()
      const path = `/${this.#alias}/_doc/writer-${this.acknowledged}?timeout=1s`
      const { status } = await this.#search.ask('PUT', path, { user: 'writer', amount: at })
      if (status < 300) {
        this.acknowledged += 1
        this.#admitted(refusedSince)
        refusedSince = undefined
      } else refusedSince ??= sent
      await sleep(everyMs)
    }
    this.#admitted(refusedSince)
  }

  #admitted(since: number | undefined): void {
    if (since === undefined) return
    this.longestShutOutMs = Math.max(this.longestShutOutMs, performance.now() - since)
  }
}
