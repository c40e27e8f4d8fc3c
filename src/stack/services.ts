import type { InstallOptions } from './cache.ts'
import type { Server } from './server.ts'

export interface ServiceStart extends InstallOptions {
  /** The run directory. */
  readonly directory: string
  /** Absent: a free one. */
  readonly port?: number
  /** Settings under which the services beside it are reached, for what runs inside of it. They may not serve yet. */
  readonly neighbours?: Readonly<Record<string, string>>
}

/** A service that serves, and how to reach it. */
export interface RunningService {
  /** The settings of its reconciler, which a user's own clients can use too: no two services may share a name. */
  readonly environment: Readonly<Record<string, string>>
  /** What its reconciler alone is told to expect. */
  readonly clusterId: string
  readonly servers: readonly Server[]
  /** For people: where it is. */
  readonly address: string
  stop(): Promise<void>
}

/** A service that the stack can run: installed where needed, and started. */
export interface StackService {
  /** The settings under which it will be reached on this port. */
  addresses(port: number): Readonly<Record<string, string>>
  start(options: ServiceStart): Promise<RunningService>
}
