import { requestTo } from '../../src/client/fake-wire.ts'
import { parseExactly } from './client/exact-json.ts'
import type { WireAnswer, WireRequest } from './client/wire.ts'
import type { Call } from './fake-call.ts'
import { filterPath } from './fake-filter.ts'
import { ServerRefusal, UnknownPath, illegalArgument, invalidName } from './fake-refusal.ts'
import { type Route, routes } from './fake-routes.ts'
import { FakeState } from './fake-state.ts'
import { loseTasks, stepTasks } from './fake-tasks.ts'
import { isObject } from '../../src/core/json.ts'

const everywhere = new Set(['filter_path', 'pretty', 'human', 'error_trace'])

/** A cluster in memory that speaks HTTP's language: its state, and what it makes of a request. */
export class FakeCluster extends FakeState {
  /** True: tasks advance by `step` only; else by one batch with every request. */
  manual = false

  /** One batch of every task. */
  step(): void {
    stepTasks(this)
  }

  /** As when the node dies that runs them: no task is left, and no result of theirs. */
  loseTasks(): void {
    loseTasks(this)
  }

  /** Somebody else's request: not recorded, never struck. A body in text is NDJSON. */
  ask(method: WireRequest['method'], path: string, body?: unknown): WireAnswer {
    return this.handle(requestTo(method, path, body))
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
