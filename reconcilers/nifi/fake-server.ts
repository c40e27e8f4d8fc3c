import { FakeService, throughText } from '../../src/client/fake-wire.ts'
import type { WireAnswer, WireRequest } from './client/wire.ts'
import { type Round, flow } from './fake-engine.ts'
import { stepJobs } from './fake-jobs.ts'
import { Refusal } from './fake-refusal.ts'
import { routes } from './fake-routes.ts'
import { stepStarts } from './fake-running.ts'
import { stepServices } from './fake-services.ts'
import { FakeState } from './fake-state.ts'

/** What speaks HTTP's language: what NiFi keeps, and what it makes of a request. */
export class FakeServer extends FakeService<WireRequest> {
  state = new FakeState()
  /** True: what NiFi does by itself goes on by `step` only; else one step with every request. */
  manual = false
  /** What FlowFiles do with every step. Default: nothing moves by itself. */
  flowing: Round | undefined

  /** One step of everything that NiFi does by itself. */
  step(): void {
    if (this.flowing !== undefined) flow(this.state, this.flowing)
    stepServices(this.state)
    stepJobs(this.state)
    stepStarts(this.state)
  }

  handle(request: WireRequest, user: string): WireAnswer {
    if (!this.manual) this.step()
    const answer = this.#tried(request, user)
    // Through text, like on the wire: what the caller gets is a copy.
    const { status, body } = answer
    return { status, body: throughText(body) }
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
      body: throughText(body),
    })
  }
}
