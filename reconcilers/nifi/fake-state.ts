import { createHash } from 'node:crypto'
import type { Json } from '../../src/core/resource.ts'
import { missing } from './fake-refusal.ts'

/** Members of a component in the form in which NiFi exports it, but for identifiers and ends. */
export type Members = Record<string, Json>

export interface Revision {
  version: number
  clientId?: string
}

export type PartKind =
  | 'processor'
  | 'input-port'
  | 'output-port'
  | 'funnel'
  | 'label'
  | 'controller-service'
  | 'connection'
  | 'group'

/** Something on the canvas. */
export interface Part {
  readonly id: string
  readonly kind: PartKind
  /** The group that it stands in; of the root: empty. */
  groupId: string
  /** The identifier of the definition that it came with. */
  versionedId: string | undefined
  revision: Revision
  members: Members
}

/** All that is neither a connection nor a group. */
export interface Component extends Part {
  readonly kind: Exclude<PartKind, 'connection' | 'group'>
  /** RUNNING, STOPPED, DISABLED; of services DISABLED, ENABLING, ENABLED, DISABLING. */
  state: string
  /** No NAR has its type. */
  ghost: boolean
  /** Was told to run while it is invalid: it is shown as stopped, and runs once it is valid. */
  starting: boolean
  /** Nobody has looked yet whether it is valid: it came disabled, and NiFi does not look at what is disabled. */
  unchecked: boolean
  /** NiFi has seen its properties once: from then on it takes nothing for an older version's. */
  migrated: boolean
}

export interface End {
  readonly id: string
  readonly type: string
  readonly groupId: string
}

export interface Connection extends Part {
  readonly kind: 'connection'
  source: End
  destination: End
  flowFiles: number
  bytes: number
}

export interface Group extends Part {
  readonly kind: 'group'
  contextId: string | undefined
  versionControl: Readonly<Record<string, string>> | undefined
}

export interface Parameter {
  readonly name: string
  readonly sensitive: boolean
  readonly description: string | undefined
  /** Undefined: none is set. */
  readonly value: string | undefined
}

export interface Context {
  readonly id: string
  name: string
  description: string | undefined
  revision: Revision
  parameters: Map<string, Parameter>
  inherits: string[]
}

export interface Action {
  readonly id: number
  readonly timestamp: string
  readonly sourceId: string
  readonly sourceName: string
  readonly sourceType: string
  readonly operation: string
  readonly userIdentity: string
  readonly details: Readonly<Record<string, string>> | undefined
}

export interface Bulletin {
  readonly id: number
  readonly groupId: string
  readonly sourceId: string
  readonly sourceName: string
  readonly level: string
  readonly message: string
}

/** Something that NiFi does after it has answered. Held in its memory only. */
export interface Job {
  readonly id: string
  readonly user: string
  readonly kind: 'replace' | 'parameters' | 'drop'
  /** The group, the parameter context or the connection. */
  readonly targetId: string
  complete: boolean
  /** Goes one step further; false: it waits for something. */
  step(): boolean
  /** The body of an answer about it. */
  show(): Json
  cancel(): void
}

/** What a NiFi keeps. */
export class FakeState {
  readonly components = new Map<string, Component>()
  readonly connections = new Map<string, Connection>()
  readonly groups = new Map<string, Group>()
  readonly contexts = new Map<string, Context>()
  readonly jobs = new Map<string, Job>()
  readonly actions: Action[] = []
  readonly bulletins: Bulletin[] = []
  /** FlowFiles that left the flow, by component: terminated automatically by it. */
  readonly ended = new Map<string, number>()
  /** FlowFiles that a source made, by component. */
  readonly made = new Map<string, number>()
  /** What UpdateCounter processors counted, by context and name of the counter as a JSON list. */
  readonly counters = new Map<string, number>()
  /** Processors with a thread that does not end. */
  readonly stubborn = new Set<string>()
  /** Looks that will still find a component being validated. */
  readonly validating = new Map<string, number>()
  /** Services that never finish their start. */
  readonly slowServices = new Set<string>()
  readonly rootId: string
  #ids = 0

  constructor() {
    this.rootId = this.newId()
    this.groups.set(this.rootId, {
      ...{ id: this.rootId, kind: 'group', groupId: '', versionedId: undefined, revision: { version: 0 } },
      ...{ members: { ...groupDefaults, name: 'NiFi Flow', comments: '', position: { x: 0, y: 0 } } },
      ...{ contextId: undefined, versionControl: undefined },
    })
  }

  newId(): string {
    this.#ids += 1
    const count = this.#ids.toString(16)
    return `${count.padStart(8, '0')}-01a1-1000-8000-${count.padStart(12, '0')}`
  }

  /** `root` is the name of the root group, whatever its id. */
  group(id: string): Group {
    const found = this.groups.get(id === 'root' ? this.rootId : id)
    if (found === undefined) throw missing(`Unable to locate group with id '${id}'.`)
    return found
  }

  /** The groups that stand in this one. */
  groupsIn(id: string): readonly Group[] {
    return inNoOrder([...this.groups.values()].filter(({ groupId }) => groupId === id))
  }

  /** The group and all below it. */
  below(id: string): readonly Group[] {
    const here = this.groups.get(id)
    return here === undefined ? [] : [here, ...this.groupsIn(id).flatMap((each) => this.below(each.id))]
  }

  componentsIn(groupId: string, kind?: PartKind): readonly Component[] {
    const found = [...this.components.values()].filter(
      (each) => each.groupId === groupId && (kind === undefined || each.kind === kind),
    )
    return inNoOrder(found)
  }

  connectionsIn(groupId: string): readonly Connection[] {
    return inNoOrder([...this.connections.values()].filter((each) => each.groupId === groupId))
  }

  componentsBelow(groupId: string, kind?: PartKind): readonly Component[] {
    return this.below(groupId).flatMap(({ id }) => this.componentsIn(id, kind))
  }

  connectionsBelow(groupId: string): readonly Connection[] {
    return this.below(groupId).flatMap(({ id }) => this.connectionsIn(id))
  }

  /** Connections into a component. */
  into(id: string): readonly Connection[] {
    return [...this.connections.values()].filter(({ destination }) => destination.id === id)
  }

  outOf(id: string): readonly Connection[] {
    return [...this.connections.values()].filter(({ source }) => source.id === id)
  }

  component(id: string): Component | undefined {
    return this.components.get(id)
  }

  record(action: Omit<Action, 'id' | 'timestamp' | 'userIdentity'>): void {
    const more = { id: this.actions.length, timestamp: timestamp(), userIdentity: 'anonymous' }
    this.actions.push({ ...action, ...more })
  }
}

export const groupDefaults: Members = {
  defaultFlowFileExpiration: '0 sec',
  defaultBackPressureObjectThreshold: 10_000,
  defaultBackPressureDataSizeThreshold: '1 GB',
  executionEngine: 'INHERITED',
  maxConcurrentTasks: 1,
  statelessFlowTimeout: '1 min',
  flowFileConcurrency: 'UNBOUNDED',
  flowFileOutboundPolicy: 'STREAM_WHEN_AVAILABLE',
}

const derived = new Map<string, string>()

/** The identifier under which NiFi exports what came with none: a UUID of the instance's id (version 3, without a namespace). */
function derivedIdentifier(id: string): string {
  const known = derived.get(id)
  if (known !== undefined) return known
  const hash = createHash('md5').update(id).digest()
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x30, 6)
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8)
  const found = hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  derived.set(id, found)
  return found
}

export function identifierOf(part: Part): string {
  return part.versionedId ?? derivedIdentifier(part.id)
}

/** As a Java set would show them: in an order that means nothing, and is not that in which they were made. */
export function inNoOrder<T extends { readonly id: string }>(parts: readonly T[]): readonly T[] {
  return parts.toSorted((a, b) => (derivedIdentifier(a.id) < derivedIdentifier(b.id) ? -1 : 1))
}

/** A member that is text; empty where there is none. */
export function wordOf({ members }: Pick<Part, 'members'>, name: string): string {
  const found = members[name]
  return typeof found === 'string' ? found : ''
}

/** A copy without some members. */
export function without(members: Members, ...names: readonly string[]): Members {
  return Object.fromEntries(Object.entries(members).filter(([name]) => !names.includes(name)))
}

export function timestamp(): string {
  return '11/21/2026 20:00:00.000 UTC'
}
