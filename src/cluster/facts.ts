import type { ContextFacts } from './guard.ts'
import type { Environment, ObjectName } from './environment.ts'

/** What is where a cluster is to be, before anything is done. */
export type ClusterFacts =
  | {
      readonly on: 'kind'
      readonly exists: boolean
      /** The kubeconfig has its context. */
      readonly hasContext: boolean
      /** Of the ports in kind.yaml, those that something listens on already. */
      readonly takenPorts: readonly number[]
    }
  | {
      readonly on: 'k0s'
      readonly isRoot: boolean
      readonly isInstalled: boolean
      readonly isRunning: boolean
      /** Its service was installed with our configuration. */
      readonly isOurs: boolean
    }
  | { readonly on: 'current'; readonly context: ContextFacts }

/** What a cluster that answers holds of the environment. What may not be read is undefined. */
export interface LiveFacts {
  readonly namespaces: ReadonlySet<string>
  readonly deployments: readonly ObjectName[]
  readonly claims: readonly ObjectName[]
  /** Status ConfigMaps, each with the desired one that it speaks of, `namespace/name`. */
  readonly statuses: readonly (ObjectName & { readonly desired: string })[]
  /** Objects of the environment that Flux applied. */
  readonly flux: readonly string[]
  readonly nodes: number | undefined
  readonly storageClasses: readonly StorageClass[] | undefined
}

export interface StorageClass {
  readonly name: string
  readonly isDefault: boolean
}

export interface Facts {
  /** The checkout. */
  readonly root: string
  /** Where files for commands are written; no symbolic link is in it, nor in `root`. */
  readonly workDirectory: string
  /** Of this package. */
  readonly version: string
  /** New each time: what a reconciler echoes, it has seen. */
  readonly stamp: string
  readonly environment: Environment
  readonly cluster: ClusterFacts
  /** Undefined: there is no cluster yet. A text: it does not answer, in kubectl’s words. */
  readonly live: LiveFacts | string | undefined
}
