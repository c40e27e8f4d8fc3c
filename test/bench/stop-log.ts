import { GrowingFile } from './growing-file.ts'

/** A time in which a component was not scheduled, by NiFi's account. */
export interface LoggedStop {
  readonly id: string
  readonly ms: number
}

/** `2026-11-21 21:13:06,750 INFO [thread] logger Stopping UpdateCounter[id=82fffb81-…]`, in local time. */
const line = /^(\S+) ([\d:]+),(\d+) .* (Stopping|Scheduled) \w+\[id=([0-9a-f-]+)\]/

/** Every stop and start of a component, as NiFi's own log tells it: none can be missed. */
export class StopLog {
  readonly #file: GrowingFile

  constructor(logFile: string) {
    this.#file = new GrowingFile(logFile)
  }

  /** Stops since it was last asked; what does not run again has stopped until now. */
  async take(): Promise<readonly LoggedStop[]> {
    const since = new Map<string, number>()
    const stops: LoggedStop[] = []
    const end = (id: string, from: number | undefined, until: number): void => {
      since.delete(id)
      if (from !== undefined) stops.push({ id, ms: until - from })
    }
    for (const text of await this.#file.lines()) {
      const [, day, time, fraction, word, id = ''] = line.exec(text) ?? []
      if (day === undefined || time === undefined || fraction === undefined) continue
      const at = Date.parse(`${day}T${time}.${fraction}`)
      if (word === 'Stopping') since.set(id, since.get(id) ?? at)
      else end(id, since.get(id), at)
    }
    for (const [id, from] of since) end(id, from, Date.now())
    return stops
  }
}
