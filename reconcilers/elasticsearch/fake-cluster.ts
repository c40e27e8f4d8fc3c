import { parseExactly } from './client/exact-json.ts'
import type { WireAnswer, WireRequest } from './client/wire.ts'
import type { Call } from './fake-call.ts'
import { filterPath } from './fake-filter.ts'
import { ServerRefusal, UnknownPath, illegalArgument, invalidName } from './fake-refusal.ts'
import { type Route, routes } from './fake-routes.ts'
import { FakeState } from './fake-state.ts'
import { loseTasks, stepTasks } from './fake-tasks.ts'
import { isObject } from '../../src/core/json.ts'

/** Something to go wrong. */
export interface Fault {
  /** Which requests it concerns; default: all. */
  readonly method?: WireRequest['method']
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

/** One request that reached the cluster. */
export interface RecordedRequest extends WireRequest {
  /** True: it could change nothing. */
  readonly reads: boolean
  /** Undefined: none was given. */
  readonly status: number | undefined
}

/** Called before and after each request of a client; what it throws is a crash of that client. */
export type Tap = (request: WireRequest, moment: 'before' | 'after') => void

const everywhere = new Set(['filter_path', 'pretty', 'human', 'error_trace'])

/** A cluster in memory that speaks HTTP's language: its state, what was asked of it, and what goes wrong. Several clients can share one. */
export class FakeCluster extends FakeState {
  readonly requests: RecordedRequest[] = []
  /** True: nothing answers, until it is false again. */
  down = false
  /** True: tasks advance by `step` only; else by one batch with every request. */
  manual = false
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

  /** One batch of every task. */
  step(): void {
    stepTasks(this)
  }

  /** As when the node dies that runs them: no task is left, and no result of theirs. */
  loseTasks(): void {
    loseTasks(this)
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

  /** Somebody else's request: not recorded, never struck. A body in text is NDJSON. */
  ask(method: WireRequest['method'], path: string, body?: unknown): WireAnswer {
    const [plain = '', search = ''] = path.split('?')
    const query = Object.fromEntries(new URLSearchParams(search))
    return this.handle({ method, path: plain, query, ...(body === undefined ? {} : { body }) })
  }

  handle(request: WireRequest): WireAnswer {
    if (!this.manual) this.step()
    const answer = this.#tried(request)
    const filter = request.query?.['filter_path']
    const body = filter === undefined ? answer.body : filterPath(answer.body, String(filter))
    // Through text, like on the wire: what the caller gets is a copy, and `__proto__` a name.
    return {
      status: answer.status,
      body: body === undefined ? undefined : parseExactly(JSON.stringify(body)),
    }
  }

  #tried(request: WireRequest): WireAnswer {
    try {
      return this.#answer(request)
    } catch (error) {
      if (error instanceof ServerRefusal || error instanceof UnknownPath) return error.toAnswer()
      throw error
    }
  }

  #answer(request: WireRequest): WireAnswer {
    const { method, path, query = {}, body, opaqueId } = request
    const here = routes.filter((route) => route.path.test(path))
    const route = here.find(({ methods }) => methods.has(method))
    if (route === undefined) throw unknown(path, method, here)
    for (const name of Object.keys(query)) {
      if (!route.parameters.has(name) && !everywhere.has(name)) {
        throw illegalArgument(`request [${path}] contains unrecognized parameter: [${name}]`)
      }
    }
    const names = (route.path.exec(path) ?? []).slice(1).map((name) => decodeURIComponent(name))
    const call: Call = {
      state: this,
      method,
      names,
      query: new Map(Object.entries(query).map(([name, value]) => [name, String(value)])),
      body: received(body, path),
      opaqueId,
    }
    return route.handle(call)
  }
}

function concerns({ method, path }: Fault, request: WireRequest): boolean {
  if (method !== undefined && method !== request.method) return false
  if (path === undefined) return true
  return typeof path === 'string' ? request.path === path : path.test(request.path)
}

/** True where the request could change nothing, whatever became of it. */
export function onlyReads({ method, path }: WireRequest): boolean {
  if (method === 'GET' || method === 'HEAD') return true
  return routes.find((route) => route.methods.has(method) && route.path.test(path))?.reads ?? false
}

/** Words of 8.19.21: a path with other methods, something that is taken for an index, or no path at all. */
function unknown(path: string, method: string, here: readonly Route[]): Error {
  const methods = [...new Set(here.flatMap((route) => [...route.methods]))]
  const [, first = '', more] = path.split('/')
  if (methods.length > 0 && !(here.length === 1 && first.startsWith('_') && method === 'GET')) {
    return new UnknownPath(
      `Incorrect HTTP method for uri [${path}] and method [${method}], allowed: [${methods.join(', ')}]`,
      405,
    )
  }
  if (more === undefined && first.startsWith('_')) return invalidName(first, "must not start with '_'.")
  return new UnknownPath(`no handler found for uri [${path}] and method [${method}]`, 400)
}

/** A body as the server reads it: through text, and of a bulk request line by line. */
function received(body: unknown, path: string): unknown {
  if (typeof body === 'string' || (Array.isArray(body) && path.endsWith('_bulk'))) {
    const lines = typeof body === 'string' ? body.split('\n').filter((line) => line !== '') : undefined
    return lines === undefined ? parseExactly(JSON.stringify(body)) : lines.map(parseExactly)
  }
  return isObject(body) || Array.isArray(body) ? parseExactly(JSON.stringify(body)) : undefined
}
