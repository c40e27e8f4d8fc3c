import { ReconcileError } from '../errors.ts'
import { unlessAborted } from './abort.ts'
import type { WireAnswer } from './wire-answer.ts'

interface Asked {
  readonly method: string
  readonly path: string
}

/** Something to go wrong on the way to a fake. */
export interface Fault<Request extends Asked> {
  /** Which requests it concerns; default: all. */
  readonly method?: Request['method']
  readonly path?: string | RegExp
  /** 1 is the next such request from now on. Default: 1. */
  readonly nth?: number
  /** How many of them in a row. Default: 1; `Infinity`: until `heal`. */
  readonly times?: number
  /** `fail`: no answer comes. `hang`: nothing comes until the abort. `answer`: the server (or a proxy) says this. */
  readonly kind: 'fail' | 'hang' | 'answer'
  /** `after`: it was carried out, and only what came back is lost. Default: `before`. */
  readonly moment?: 'before' | 'after'
  /** Of `fail`; default: ServiceUnreachable, or ServiceTimeout where it was carried out. */
  readonly error?: Error
  /** Of `answer`. */
  readonly answer?: WireAnswer
}

/** One request that reached the fake. */
export type Recorded<Request> = Request & {
  /** True: it could change nothing. */
  readonly reads: boolean
  /** Undefined: none was given. */
  readonly status: number | undefined
}

/** Called before and after each request of a client; what it throws is a crash of that client. */
export type Tap<Request> = (request: Request, moment: 'before' | 'after') => void

/** What is to go wrong, in the order of its coming. */
export class Faults<Request extends Asked> {
  #waiting: { readonly fault: Fault<Request>; wait: number; left: number }[] = []

  inject(fault: Fault<Request>): void {
    this.#waiting.push({ fault, wait: (fault.nth ?? 1) - 1, left: fault.times ?? 1 })
  }

  /** No fault is left. */
  heal(): void {
    this.#waiting = []
  }

  /** What is to go wrong with this request. */
  strike(request: Request): Fault<Request> | undefined {
    for (const each of this.#waiting) {
      if (!concerns(each.fault, request)) continue
      if (each.wait > 0) {
        each.wait -= 1
        continue
      }
      each.left -= 1
      if (each.left <= 0) this.#waiting = this.#waiting.filter((other) => other !== each)
      return each.fault
    }
    return undefined
  }
}

function concerns<Request extends Asked>({ method, path }: Fault<Request>, request: Request): boolean {
  if (method !== undefined && method !== request.method) return false
  if (path === undefined) return true
  return typeof path === 'string' ? request.path === path : path.test(request.path)
}

/** The fake of a service that speaks HTTP, as the way to it sees it. */
export interface FakeEnd<Request extends Asked> {
  readonly requests: Recorded<Request>[]
  readonly faults: Faults<Request>
  /** True: nothing answers, until it is false again. */
  readonly down: boolean
  readonly tap: Tap<Request>
}

/** What was asked of a fake, and what goes wrong with it. Several clients can share one. */
export class FakeService<Request extends Asked> implements FakeEnd<Request> {
  readonly requests: Recorded<Request>[] = []
  readonly faults = new Faults<Request>()
  /** True: nothing answers, until it is false again. */
  down = false
  tap: Tap<Request> = () => undefined

  inject(fault: Fault<Request>): void {
    this.faults.inject(fault)
  }

  heal(): void {
    this.faults.heal()
  }

  /** Requests of clients that could change something. */
  writes(): readonly Recorded<Request>[] {
    return this.requests.filter(({ reads }) => !reads)
  }

  reads(): readonly Recorded<Request>[] {
    return this.requests.filter(({ reads }) => reads)
  }
}

/** Somebody's request as a test writes it: a path with its query. */
export function requestTo<Method>(method: Method, path: string, body?: unknown) {
  const [plain = '', search = ''] = path.split('?')
  const query = Object.fromEntries(new URLSearchParams(search))
  return { method, path: plain, query, ...(body === undefined ? {} : { body }) }
}

/** As it comes over the wire: a copy, of what JSON can say. */
export function throughText(body: unknown): unknown {
  return body === undefined ? undefined : (JSON.parse(JSON.stringify(body)) as unknown)
}

/** What a service itself does with a request. */
export interface Handling<Request> {
  handle(request: Request): WireAnswer
  /** True where the request could change nothing, whatever became of it. */
  onlyReads(request: Request): boolean
}

/** The way to a fake: records what is asked, and lets go wrong what was injected. Several can lead to one fake. */
export class FakeWire<Request extends Asked> {
  readonly #host: string
  readonly #end: FakeEnd<Request>
  readonly #service: Handling<Request>

  constructor(host: string, end: FakeEnd<Request>, service: Handling<Request>) {
    this.#host = host
    this.#end = end
    this.#service = service
  }

  async send(request: Request, signal: AbortSignal): Promise<WireAnswer> {
    signal.throwIfAborted()
    const end = this.#end
    end.tap(request, 'before')
    await Promise.resolve()
    const fault = end.down ? ({ kind: 'fail' } as const) : end.faults.strike(request)
    const answer = fault === undefined || fault.moment === 'after' ? this.#service.handle(request) : undefined
    end.requests.push({ ...request, reads: this.#service.onlyReads(request), status: answer?.status })
    end.tap(request, 'after')
    const given = fault === undefined ? answer : await this.#suffer(fault, signal)
    if (given === undefined) throw new ReconcileError('InternalError', 'the fake gave no answer')
    if (given.status === 401)
      throw new ReconcileError('AuthenticationFailed', `${this.#host} does not know the user`)
    return given
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }

  async #suffer(fault: Fault<Request>, signal: AbortSignal): Promise<WireAnswer> {
    if (fault.kind === 'hang') await unlessAborted(new Promise<never>(() => undefined), signal)
    if (fault.kind === 'answer' && fault.answer !== undefined) return fault.answer
    if (fault.error !== undefined) throw fault.error
    throw fault.moment === 'after'
      ? new ReconcileError('ServiceTimeout', `${this.#host} did not answer in time`)
      : new ReconcileError('ServiceUnreachable', `${this.#host} cannot be reached`)
  }
}
