import { setTimeout as pause } from 'node:timers/promises'
import { diff } from '../../src/core/diff.ts'
import type { Change, FieldChange } from '../../src/core/resource.ts'
import type { Outcome } from '../../src/reconcile/service-client.ts'
import { NifiClient, type NifiClientOptions } from '../../reconcilers/nifi/client/nifi-client.ts'
import type { Wire } from '../../reconcilers/nifi/client/wire.ts'
import { normalizeFlow } from '../../reconcilers/nifi/normalize.ts'
import { type Flow, isFlow } from '../../reconcilers/nifi/resource.ts'
import { flowSchema } from '../../reconcilers/nifi/schema.ts'

export type Entry = Readonly<Record<string, unknown>>

/** Plans and applies single flows over a client, as the core does pass by pass: what the tests of writing are made with. */
export class FlowDriver {
  readonly #wire: () => Wire
  readonly #options: Partial<NifiClientOptions>
  #client: NifiClient
  readonly #ids = new Map<string, string>()
  /** What pending outcomes said, in their order and each once. */
  readonly waited: string[] = []

  constructor(wire: () => Wire, options: Partial<NifiClientOptions> = {}) {
    this.#wire = wire
    this.#options = { allowedCode: new Set(['*']), ...options }
    this.#client = new NifiClient(wire(), this.#options)
  }

  /** As after kill -9 and a new start: all that the process knew is gone. */
  async restart(): Promise<void> {
    await this.#client.close()
    this.#client = new NifiClient(this.#wire(), this.#options)
  }

  async close(): Promise<void> {
    await this.#client.close()
  }

  desired(name: string, entry: Entry): Flow {
    return normalizeFlow(name, flowSchema.parse(entry))
  }

  async look(name: string, desired?: Flow, signal = AbortSignal.timeout(60_000)): Promise<Flow | undefined> {
    const id = this.#ids.get(name)
    const sought = new Map([
      [name, { ...(desired === undefined ? {} : { desired }), ...(id === undefined ? {} : { id }) }],
    ])
    const [found] = await this.#client.observe('flows', [name], signal, sought)
    return found !== undefined && isFlow(found) ? found : undefined
  }

  /** The change that is left to be made, by what was written and is `explicit`; undefined: none. */
  async plan(name: string, entry: Entry): Promise<Change<Flow> | undefined> {
    const signal = AbortSignal.timeout(60_000)
    const [canonical] = await this.#client.canonical([this.desired(name, entry)], signal)
    if (canonical?.ok !== true || !isFlow(canonical.desired))
      throw new Error(canonical?.ok === false ? canonical.message : 'no answer')
    const desired = canonical.desired
    const observed = await this.look(name, desired)
    const base = { type: 'flows', name, cause: 'written', desired } as const
    if (observed === undefined) {
      const fields = [...desired.fields].map(([path, after]): FieldChange => {
        return { path, after, cause: 'written' }
      })
      return { ...base, action: 'create', fields }
    }
    const fields = diff(desired, observed, undefined, () => false)
    const { id } = observed
    if (fields.length === 0) return undefined
    return { ...base, action: 'update', fields, observed, ...(id === undefined ? {} : { id }) }
  }

  async apply(change: Change<Flow>, signal = AbortSignal.timeout(60_000)): Promise<Outcome<Flow>> {
    const [outcome] = await this.#client.apply([change], signal)
    if (outcome === undefined) throw new Error('no outcome')
    if (outcome.state === 'pending' && this.waited.at(-1) !== outcome.message)
      this.waited.push(outcome.message)
    if (outcome.state === 'done' && outcome.id !== undefined) this.#ids.set(change.name, outcome.id)
    return outcome as Outcome<Flow>
  }

  /** Passes until nothing is left to be made, or one fails. The last outcome. */
  async make(name: string, entry: Entry, ms = 120_000): Promise<Outcome<Flow>> {
    const end = Date.now() + ms
    let last: Outcome<Flow> = { state: 'done' }
    for (;;) {
      const change = await this.plan(name, entry)
      if (change === undefined) return last
      last = await this.apply(change)
      if (last.state !== 'pending') return last
      if (Date.now() > end) throw new Error(`still pending: ${last.message}`)
      await pause(200)
    }
  }

  /** The flow is no longer written. */
  async remove(name: string, removal: string, ms = 120_000): Promise<Outcome<Flow>> {
    const end = Date.now() + ms
    const observed = await this.look(name)
    const id = observed?.id
    const change: Change<Flow> = {
      ...{ action: 'delete', type: 'flows', name, cause: 'written', fields: [] },
      ...(observed === undefined ? {} : { observed }),
      ...(id === undefined ? {} : { id }),
      remembered: new Map([['on-removal', removal]]),
    }
    for (;;) {
      const outcome = await this.apply(change)
      if (outcome.state !== 'pending') return outcome
      if (Date.now() > end) throw new Error(`still pending: ${outcome.message}`)
      await pause(200)
    }
  }
}
