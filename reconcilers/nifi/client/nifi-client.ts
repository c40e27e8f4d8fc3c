import { randomUUID } from 'node:crypto'
import { pause } from '../../../src/client/abort.ts'
import type { Change } from '../../../src/core/resource.ts'
import type {
  Canonical,
  Outcome,
  ServerInfo,
  ServiceClient,
  Sought,
} from '../../../src/reconcile/service-client.ts'
import { type Flow, type NifiResource, type ParameterContext, isFlow } from '../resource.ts'
import { applyChanges } from './apply.ts'
import { type Preflight, canonical } from './canonical.ts'
import { Canvas } from './canvas.ts'
import { Catalogue } from './catalogue.ts'
import { listContexts, observeContexts } from './contexts/observe-contexts.ts'
import { observeFlows } from './observe-flows.ts'
import { probe } from './probe.ts'
import type { Limits, Tools } from './tools.ts'
import type { Wire } from './wire.ts'

export interface NifiClientOptions {
  /** Types that may run code, full or simple names; `*` for all. */
  readonly allowedCode: ReadonlySet<string>
  readonly limits: Limits
  now(): number
  pause(ms: number, signal: AbortSignal): Promise<void>
}

const usual: NifiClientOptions = {
  allowedCode: new Set(),
  limits: { pollMs: 250, turnMs: 20_000 },
  now: Date.now,
  pause,
}

/** NiFi over whatever wire leads there. All state is the server's; what is kept here only saves requests. */
export class NifiClient implements ServiceClient<NifiResource> {
  readonly #wire: Wire
  readonly #tools: Tools
  readonly #preflight: Preflight
  #server: ServerInfo | undefined

  constructor(wire: Wire, options: Partial<NifiClientOptions> = {}) {
    const { limits, now, pause: wait, allowedCode } = { ...usual, ...options }
    this.#wire = wire
    this.#preflight = { wire, catalogue: new Catalogue(wire, now), allowedCode }
    this.#tools = {
      wire,
      clientId: `infometis-${randomUUID()}`,
      limits,
      now,
      pause: wait,
      server: async (signal) => this.#server ?? (await this.ping(signal)),
      readFlow: async (name, sought, signal) =>
        (await this.#observeFlows(new Map([[name, sought]]), signal))[0],
      findGroup: async (path, signal) => (await Canvas.read(wire, signal)).place(path),
    }
  }

  async ping(signal: AbortSignal): Promise<ServerInfo> {
    this.#server = await probe(this.#wire, signal)
    return this.#server
  }

  /** Of flows: the entries of those that bear a marker, and the names of other groups right below the root, which can be adopted. */
  async list(type: string, signal: AbortSignal): Promise<readonly string[]> {
    if (type === 'parameter-contexts') return listContexts(this.#tools, signal)
    return type === 'flows' ? (await Canvas.read(this.#wire, signal)).names() : []
  }

  async observe(
    type: string,
    names: readonly string[],
    signal: AbortSignal,
    sought: ReadonlyMap<string, Sought<NifiResource>> = new Map(),
  ): Promise<readonly NifiResource[]> {
    if (names.length === 0) return []
    if (type === 'flows')
      return this.#observeFlows(new Map(names.map((name) => [name, ofFlow(sought.get(name))])), signal)
    if (type !== 'parameter-contexts') return []
    const contexts = new Map([...sought].map(([name, each]) => [name, ofContext(each)]))
    return observeContexts(this.#tools, names, signal, contexts)
  }

  async canonical(
    desired: readonly NifiResource[],
    signal: AbortSignal,
  ): Promise<readonly Canonical<NifiResource>[]> {
    const { version } = await this.#tools.server(signal)
    return canonical(this.#preflight, desired, version, signal)
  }

  async apply(
    changes: readonly Change<NifiResource>[],
    signal: AbortSignal,
  ): Promise<readonly Outcome<NifiResource>[]> {
    return applyChanges(this.#tools, changes, signal)
  }

  async close(): Promise<void> {
    await this.#wire.close()
  }

  async #observeFlows(
    names: ReadonlyMap<string, Sought<Flow> | undefined>,
    signal: AbortSignal,
  ): Promise<readonly Flow[]> {
    const { version } = await this.#tools.server(signal)
    return observeFlows(this.#wire, version, names, signal)
  }
}

function ofFlow(sought: Sought<NifiResource> | undefined): Sought<Flow> | undefined {
  if (sought === undefined) return undefined
  const { desired, id } = sought
  return {
    ...(desired !== undefined && isFlow(desired) && { desired }),
    ...(id !== undefined && { id }),
  }
}

function ofContext({ desired, id }: Sought<NifiResource>): Sought<ParameterContext> {
  return {
    ...(desired !== undefined && !isFlow(desired) && { desired }),
    ...(id !== undefined && { id }),
  }
}
