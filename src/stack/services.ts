import type { InstallOptions } from './cache.ts'
import type { Server } from './server.ts'

export interface ServiceStart extends InstallOptions {
  /** The run directory. */
  readonly directory: string
  /** Absent: a free one. */
  readonly port?: number
  /** Settings under which the services beside it are reached, for what runs inside of it. They may not serve yet. */
  readonly neighbours?: Readonly<Record<string, string>>
  /** The user's own settings, files by absolute paths, where they say that the service is somewhere already. */
  readonly given?: GivenSettings
}

export type GivenSettings = Readonly<Record<string, string | undefined>>

/** A service that serves, and how to reach it. */
export interface RunningService {
  /** The settings of its reconciler, which a user's own clients can use too: no two services may share a name. */
  readonly environment: Readonly<Record<string, string>>
  /** What its reconciler alone is told to expect. Undefined: the user named it, and its reconciler takes what is there. */
  readonly clusterId?: string
  readonly servers: readonly Server[]
  /** For people: where it is. */
  readonly address: string
  /** What whoever uses it must know: that it only simulates one. */
  readonly notice?: string
  stop(): Promise<void>
}

/** Beside the address of a service, where the stack only simulates it: the same address, by which it is known again. */
export function simulatedAt(setting: string): string {
  return `${setting}_SIMULATED`
}

/** A service that the stack can run: installed where needed, and started. */
export interface StackService {
  /** The settings under which it will be reached on this port, or where the user's own say that it is. */
  addresses(port: number, given?: GivenSettings): Readonly<Record<string, string>>
  start(options: ServiceStart): Promise<RunningService>
}
