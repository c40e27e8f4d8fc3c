import type { Wire, WireAnswer, WireRequest } from '../../reconcilers/nifi/client/wire.ts'

/** Right before a request is sent, and right after it was answered. */
export type Moment = 'before' | 'after'

/** The process is gone: nothing of it reaches NiFi any more, and what NiFi answered it never read. */
export class Killed extends Error {}

/** Says at each moment, with the number of the request (from 1), whether the process dies now. */
export type Dies = (moment: Moment, number: number, request: WireRequest) => boolean | Promise<boolean>

/** The wire of a process that can be killed at any request. One that runs beside the last one still arrives. */
export class MortalWire implements Wire {
  readonly #wire: Wire
  readonly #dies: Dies
  sent = 0
  dead = false

  constructor(wire: Wire, dies: Dies) {
    this.#wire = wire
    this.#dies = dies
  }

  async send(request: WireRequest, signal: AbortSignal): Promise<WireAnswer> {
    const number = (this.sent += 1)
    await this.#moment('before', number, request)
    const answer = await this.#wire.send(request, signal)
    await this.#moment('after', number, request)
    return answer
  }

  async close(): Promise<void> {
    await this.#wire.close()
  }

  async #moment(moment: Moment, number: number, request: WireRequest): Promise<void> {
    if (!this.dead && (await this.#dies(moment, number, request))) this.dead = true
    if (this.dead) throw new Killed(`killed ${moment} request ${number}: ${request.method} ${request.path}`)
  }
}
