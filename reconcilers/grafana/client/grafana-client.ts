import { wholeCallReasons } from '../../../src/client/turn.ts'
import type { Change } from '../../../src/core/resource.ts'
import { ReconcileError } from '../../../src/errors.ts'
import type {
  Canonical,
  Outcome,
  ServerInfo,
  ServiceClient,
  Sought,
  Verdict,
} from '../../../src/reconcile/service-client.ts'
import type { GrafanaResource } from '../resource.ts'
import { AlertRulesClient } from './alert-rules/alert-rules-client.ts'
import { Discovery } from './apis.ts'
import { applyChanges } from './apply.ts'
import { DashboardsClient } from './dashboards/dashboards-client.ts'
import { DatasourceList } from './datasources/datasource-list.ts'
import { DatasourcesClient } from './datasources/datasources-client.ts'
import { FoldersClient } from './folders/folders-client.ts'
import { Part } from './parts.ts'
import { findClusterId, findVersion } from './probe.ts'
import type { Limits, Tools } from './tools.ts'
import type { Wire } from './wire.ts'

export interface GrafanaClientOptions {
  readonly limits: Limits
  now(): number
}

const usual: GrafanaClientOptions = {
  limits: { healthMs: 60_000, turnMs: 20_000 },
  now: Date.now,
}

type AnyPart = Part<'folders'> | Part<'datasources'> | Part<'dashboards'> | Part<'alert-rules'>

/** Grafana over whatever wire leads there. All state is the server's; what is kept here only saves requests. */
export class GrafanaClient implements ServiceClient<GrafanaResource> {
  readonly #tools: Tools
  readonly #discovery: Discovery
  readonly #parts: readonly AnyPart[]
  #server: ServerInfo | undefined

  constructor(wire: Wire, options: Partial<GrafanaClientOptions> = {}) {
    const { limits, now } = { ...usual, ...options }
    this.#discovery = new Discovery(wire)
    this.#tools = {
      wire,
      limits,
      now,
      server: async (signal) => this.#server ?? (await this.ping(signal)),
      apis: async (signal) => this.#discovery.apis(signal),
    }
    const datasources = new DatasourceList(this.#tools)
    this.#parts = [
      new Part('folders', new FoldersClient(this.#tools)),
      new Part('datasources', new DatasourcesClient(this.#tools, datasources)),
      new Part('dashboards', new DashboardsClient(this.#tools, datasources)),
      new Part('alert-rules', new AlertRulesClient(this.#tools, datasources)),
    ]
  }

  async ping(signal: AbortSignal): Promise<ServerInfo> {
    return this.#asking(async () => {
      const version = await findVersion(this.#tools.wire, signal)
      // Another release may serve something else.
      if (this.#server !== undefined && this.#server.version !== version) this.#discovery.forget()
      const { namespace } = await this.#tools.apis(signal)
      const clusterId = await findClusterId(this.#tools.wire, namespace, signal)
      this.#server = { version, clusterId }
      return this.#server
    })
  }

  async list(type: string, signal: AbortSignal): Promise<readonly string[]> {
    return this.#asking(async () => this.#partOf(type)?.list(signal) ?? [])
  }

  async observe(
    type: string,
    names: readonly string[],
    signal: AbortSignal,
    sought: ReadonlyMap<string, Sought<GrafanaResource>> = new Map(),
  ): Promise<readonly GrafanaResource[]> {
    if (names.length === 0) return []
    return this.#asking(async () => this.#partOf(type)?.observe(names, signal, sought) ?? [])
  }

  async canonical(
    desired: readonly GrafanaResource[],
    signal: AbortSignal,
  ): Promise<readonly Canonical<GrafanaResource>[]> {
    const given = await this.#asking(async () =>
      Promise.all(this.#parts.map(async (part) => part.canonical(desired, signal))),
    )
    const known = new Map(given.flatMap((each) => [...each]))
    return desired.map((each) => known.get(each) ?? { ok: true, desired: each })
  }

  async validate(
    changes: readonly Change<GrafanaResource>[],
    signal: AbortSignal,
  ): Promise<readonly Verdict[]> {
    const given = await this.#asking(async () =>
      Promise.all(this.#parts.map(async (part) => part.validate(changes, signal))),
    )
    const known = new Map(given.flatMap((each) => [...each]))
    return changes.map((each) => known.get(each) ?? { ok: true })
  }

  async apply(
    changes: readonly Change<GrafanaResource>[],
    signal: AbortSignal,
  ): Promise<readonly Outcome<GrafanaResource>[]> {
    const work = async (change: Change<GrafanaResource>) =>
      this.#asking(async () => (await this.#partOf(change.type)?.apply(change, signal)) ?? unknownTo(change))
    return applyChanges(this.#tools, changes, work, signal)
  }

  async close(): Promise<void> {
    await this.#tools.wire.close()
  }

  #partOf(type: string): AnyPart | undefined {
    return this.#parts.find((part) => part.type === type)
  }

  /** After a failure that may come of what the server serves by now, that is found out anew. */
  async #asking<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      const { reason } = error instanceof ReconcileError ? error : {}
      if (reason === 'NotSupportedByServer' || (reason !== undefined && wholeCallReasons.has(reason)))
        this.#discovery.forget()
      throw error
    }
  }
}

function unknownTo({ type }: Change<GrafanaResource>): Outcome {
  return { state: 'failed', reason: 'InternalError', message: `there is no config type ${type}` }
}
