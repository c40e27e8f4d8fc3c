import type { JsonObject } from '../../src/core/json.ts'
import type { Change, Resource } from '../../src/core/resource.ts'

/** The config types, in the order in which one can need another. */
export const nifiTypes = ['parameter-contexts', 'flows'] as const

export type NifiType = (typeof nifiTypes)[number]

/**
 * A flow definition as NiFi exports it ("Download flow definition"): `flowContents` is the group, the rest goes along with it.
 * Only what is looked at is typed further on; everything else travels as it is.
 */
export interface Snapshot {
  readonly flowContents: JsonObject
  readonly [member: string]: JsonObject[string]
}

/** What becomes of FlowFiles in a connection (or group) that a change removes. */
export type QueuePolicy = 'keep' | 'drain' | 'drop'

/** What becomes of a flow that is no longer written, under the policy `sync`. */
export type Removal = 'stop' | 'delete' | 'keep'

/** How InfoMetis treats a flow, apart from its content. */
export interface FlowOptions {
  /** The group's name on the canvas. */
  readonly groupName: string
  /** Names of groups from the root downwards; empty: the root itself. */
  readonly parent: readonly string[]
  /** Parameter contexts by group path: `/` is the flow's own group, `/ingest/parse` a group in it. */
  readonly contexts: ReadonlyMap<string, string>
  readonly runState: 'running' | 'stopped' | 'as-is'
  readonly queues: QueuePolicy
  /** Milliseconds that queues may take to become empty. */
  readonly drainTimeout: number
  /** `git`: positions are compared and corrected. `canvas`: they are Git's only when the flow is made or changed otherwise. */
  readonly layout: 'git' | 'canvas'
}

/** FlowFiles waiting in a connection. */
export interface Queue {
  readonly flowFiles: number
  readonly bytes: number
}

/** A component of a flow as the server has it. */
export interface Instance {
  readonly id: string
  readonly kind: ComponentKind
  /** The id of the process group that it stands in. */
  readonly groupId: string
}

export type ComponentKind =
  | 'processor'
  | 'input-port'
  | 'output-port'
  | 'connection'
  | 'funnel'
  | 'label'
  | 'controller-service'
  | 'remote-process-group'
  | 'group'

/** What only the server can say of a flow. Keys are the definition's identifiers, which NiFi keeps as versioned ids. */
export interface FlowFacts {
  readonly groupId: string
  readonly parentId: string
  /** Of the process group: for the next change of the group itself. */
  readonly revision: number
  /** Bears our marker in its comments; otherwise somebody else made it. */
  readonly marked: boolean
  /** `registry/bucket/flow@version` where somebody put it (or a group in it) under version control. */
  readonly versionControl: string | undefined
  /** More groups that could be meant by the name: nothing is done to any of them. */
  readonly rivals: readonly string[]
  readonly instances: ReadonlyMap<string, Instance>
  /** Connections that are not empty. */
  readonly queues: ReadonlyMap<string, Queue>
  /** Processors, ports and remote ports that run. */
  readonly running: ReadonlySet<string>
  /**
   * What could run and does not: stopped by hand, or not yet started; a service that could be enabled, too (`running` has none, for
   * an enabled service runs nothing). Invalid and disabled ones are not in it.
   */
  readonly stopped: ReadonlySet<string>
  /** Why they cannot run, by identifier. */
  readonly invalid: ReadonlyMap<string, readonly string[]>
  /** Ports of the flow's own group that connections outside of it use. */
  readonly usedPorts: ReadonlySet<string>
}

/**
 * A process group that a definition makes. Flat fields (`definition.ts` makes them of either side):
 * `name`, `parent`, `comments`, `run-state`, `layout` (only with layout: git), `parameter-context./` and below;
 * of every component `<kind plural>.<identifier>` → its type (processors, services) or kind, which says that it is there, and
 * `<kind plural>.<identifier>.<member>`, `….properties.<name>`. `id` is the process group's.
 */
export interface Flow extends Resource {
  readonly type: 'flows'
  /** Desired: as it is to be, identifiers final, without what InfoMetis injects. Observed: as downloaded. */
  readonly snapshot: Snapshot
  /** Desired only. */
  readonly options?: FlowOptions
  /** Observed only. */
  readonly facts?: FlowFacts
}

/** A parameter as written; a sensitive one has its value from a Secret, and only from there. */
export interface Parameter {
  readonly name: string
  readonly description: string | undefined
  /** Undefined: sensitive. Null: no value is set. */
  readonly value: string | null | undefined
  /** Desired only, of a sensitive one: where its value is kept. */
  readonly secret?: { readonly name: string; readonly key: string }
}

/** What only the server can say of a parameter context. */
export interface ContextFacts {
  readonly contextId: string
  readonly revision: number
  readonly marked: boolean
  /** Process groups that use it, by id. */
  readonly boundTo: readonly string[]
  /** Names of the parameters that are sensitive on the server. */
  readonly sensitive: ReadonlySet<string>
}

/**
 * A parameter context. Flat fields: `description`, `inherits` (a list of names, in their order), `parameters.<name>` → text, null, or
 * of a sensitive one an object that stands for its value, `descriptions.<name>`. `id` is the context's.
 */
export interface ParameterContext extends Resource {
  readonly type: 'parameter-contexts'
  /** Of desired: every parameter that is written. Of observed: those that are its own, not inherited. */
  readonly parameters: ReadonlyMap<string, Parameter>
  /** Observed only. */
  readonly facts?: ContextFacts
}

export type NifiResource = Flow | ParameterContext

export function isFlow(resource: NifiResource): resource is Flow {
  return resource.type === 'flows'
}

export function isOfFlow(change: Change<NifiResource>): change is Change<Flow> {
  return change.type === 'flows'
}
