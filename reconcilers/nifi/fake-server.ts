import type { WireAnswer, WireRequest } from './client/wire.ts'
import { type Round, flow } from './fake-engine.ts'
import { stepJobs } from './fake-jobs.ts'
import { Refusal } from './fake-refusal.ts'
import { routes } from './fake-routes.ts'
import { stepStarts } from './fake-running.ts'
import { stepServices } from './fake-services.ts'
import { FakeState } from './fake-state.ts'

/** Something to go wrong. */
export interface Fault {
  /** Which requests it concerns; default: all. */
  readonly method?: WireRequest['method']
  readonly path?: string | RegExp
  /** 1 is the next such request from now on. Default: 1. */
  readonly nth?: number
  /** How many of them in a row. Default: 1; `Infinity`: until `heal`. */
  readonly times?: number
  /** `fail`: no answer comes. `hang`: nothing comes until the abort. `answer`: NiFi (or a proxy) says this. */
  readonly kind: 'fail' | 'hang' | 'answer'
  /** `after`: it was carried out, and only what came back is lost. Default: `before`. */
  readonly moment?: 'before' | 'after'
  /** Of `fail`; default: ServiceUnreachable, or ServiceTimeout where it was carried out. */
  readonly error?: Error
  /** Of `answer`. */
  readonly answer?: WireAnswer
}

/** One request that reached NiFi. */
export interface RecordedRequest extends WireRequest {
  /** True: it could change nothing. */
  readonly reads: boolean
  /** Undefined: none was given. */
  readonly status: number | undefined
}

/** Called before and after each request of a client; what it throws is a crash of that client. */
export type Tap = (request: WireRequest, moment: 'before' | 'after') => void

/** What speaks HTTP's language: what NiFi keeps, what was asked of it, and what goes wrong. Several clients can share one. */
export class FakeServer {
  state = new FakeState()
  readonly requests: RecordedRequest[] = []
  /** True: nothing answers, until it is false again. */
  down = false
  /** True: what NiFi does by itself goes on by `step` only; else one step with every request. */
  manual = false
  /** What FlowFiles do with every step. Default: nothing moves by itself. */
  flowing: Round | undefined
  tap: Tap = () => undefined
  #faults: { readonly fault: Fault; wait: number; left: number }[] = []

  inject(fault: Fault): void {
    this.#faults.push({ fault, wait: (fault.nth ?? 1) - 1, left: fault.times ?? 1 })
  }

  /** No fault is left. */
  heal(): void {
    this.#faults = []
  }

  /** Requests of clients that could change something. */
  writes(): readonly RecordedRequest[] {
    return this.requests.filter(({ reads }) => !reads)
  }

  reads(): readonly RecordedRequest[] {
    return this.requests.filter(({ reads }) => reads)
  }

  /** One step of everything that NiFi does by itself. */
  step(): void {
    if (this.flowing !== undefined) flow(this.state, this.flowing)
    stepServices(this.state)
    stepJobs(this.state)
    stepStarts(this.state)
  }

  /** What is to go wrong with this request. */
  strike(request: WireRequest): Fault | undefined {
    for (const each of this.#faults) {
      if (!concerns(each.fault, request)) continue
      if (each.wait > 0) {
        each.wait -= 1
        continue
      }
      each.left -= 1
      if (each.left <= 0) this.#faults = this.#faults.filter((other) => other !== each)
      return each.fault
    }
    return undefined
  }

  handle(request: WireRequest, user: string): WireAnswer {
    if (!this.manual) this.step()
    const answer = this.#tried(request, user)
    // Through text, like on the wire: what the caller gets is a copy.
    const { status, body } = answer
    return { status, body: body === undefined ? undefined : (JSON.parse(JSON.stringify(body)) as unknown) }
  }

  #tried(request: WireRequest, user: string): WireAnswer {
    try {
      return this.#answer(request, user)
    } catch (error) {
      if (error instanceof Refusal) return error.toAnswer()
      throw error
    }
  }

  #answer({ method, path, query = {}, body }: WireRequest, user: string): WireAnswer {
    const here = routes.filter((route) => route.path.test(path))
    const route = here.find((each) => each.method === method)
    if (route === undefined) {
      throw here.length > 0
        ? new Refusal(405, 'HTTP 405 Method Not Allowed')
        : new Refusal(404, 'The specified resource could not be found.')
    }
    return route.handle({
      state: this.state,
      user,
      names: (route.path.exec(path) ?? []).slice(1).map((name) => decodeURIComponent(name)),
      query: new Map(Object.entries(query).map(([name, value]) => [name, String(value)])),
      body: body === undefined ? undefined : (JSON.parse(JSON.stringify(body)) as unknown),
    })
  }
}

function concerns({ method, path }: Fault, request: WireRequest): boolean {
  if (method !== undefined && method !== request.method) return false
  if (path === undefined) return true
  return typeof path === 'string' ? request.path === path : path.test(request.path)
}
