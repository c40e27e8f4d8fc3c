import type { Tools } from '../../reconcilers/nifi/client/tools.ts'
import type { Wire, WireAnswer, WireRequest } from '../../reconcilers/nifi/client/wire.ts'

/** Answers with what a test has laid down, by method and path; keeps what was asked. */
export class ScriptedNifi implements Wire {
  readonly asked: WireRequest[] = []
  readonly #answers: Readonly<Record<string, Answers>>

  constructor(answers: Readonly<Record<string, Answers>>) {
    this.#answers = answers
  }

  async send(request: WireRequest): Promise<WireAnswer> {
    this.asked.push(request)
    const key = `${request.method} ${request.path}`
    const answer = this.#answers[key]
    if (answer === undefined) throw new Error(`nothing is laid down for ${key}`)
    const given = (typeof answer === 'function' ? answer : () => ({ status: 200, body: answer }))(request)
    return Promise.resolve(given)
  }

  async close(): Promise<void> {
    return Promise.resolve()
  }

  times(key: string): number {
    return this.asked.filter(({ method, path }) => `${method} ${path}` === key).length
  }
}

/** A body, or what answers. */
export type Answers = Readonly<Record<string, unknown>> | ((request: WireRequest) => WireAnswer)

/** Time passes in pauses only. */
export function toolsOn(wire: Wire, turnMs = 20_000): Tools {
  let now = 0
  return {
    wire,
    clientId: 'us',
    limits: { pollMs: 500, turnMs },
    now: () => now,
    pause: async (ms) => {
      now += ms
      return Promise.resolve()
    },
    server: async () => Promise.resolve({ version: '2.3.0', clusterId: 'root' }),
    readFlow: async () => Promise.resolve(undefined),
    findGroup: async () => Promise.resolve(undefined),
  }
}
