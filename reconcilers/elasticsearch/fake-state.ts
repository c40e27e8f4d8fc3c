import { createHash } from 'node:crypto'
import { FakeService } from '../../src/client/fake-wire.ts'
import type { Json } from '../../src/core/resource.ts'
import type { WireRequest } from './client/wire.ts'
import { FakeIndex } from './fake-index.ts'
import { ServerRefusal, closedIndex, noSuchIndex } from './fake-refusal.ts'
import type { JsonObject } from './resource.ts'

/** What a cluster can lack: `processors` are the ingest module's (8.19.21 of the tests has the API without any of them), `info` is `GET /`. */
export type Feature = 'ilm' | 'ingest' | 'processors' | 'reindex' | 'info' | 'security'

export interface ClusterOptions {
  readonly clusterId?: string
  /** Default: 8.19.21. */
  readonly version?: string
  /** Data nodes; default: 1. Replicas beyond them are not assigned, which is yellow. */
  readonly nodes?: number
  readonly lacks?: readonly Feature[]
}

/** A template, as it was understood: `composed_of` and others always there. */
export type Stored = JsonObject

/** Work of the server that goes on by itself (a reindex). */
export interface LongWork {
  readonly batches: number
  step(): void
  isOver(): boolean
  status(): Readonly<Record<string, unknown>>
  /** The status of each slice that runs; none where there is only one. */
  slices(): readonly Readonly<Record<string, unknown>>[]
  response(canceled?: string): Readonly<Record<string, unknown>>
}

/** A reindex that runs as a task, or ran as one. */
export interface FakeTask {
  /** `node:number`. */
  readonly id: string
  readonly number: number
  readonly description: string
  readonly opaqueId: string | undefined
  readonly reindex: LongWork
  cancelled: boolean
  /** Set once it is over: what a GET of the task shows beside it. */
  response: Readonly<Record<string, unknown>> | undefined
}

/** How names in a path are read (`expand_wildcards`, `ignore_unavailable`). */
export interface Resolution {
  readonly closed?: boolean
  readonly hidden?: boolean
  readonly ignoreUnavailable?: boolean
  /** An explicitly named closed index is an error (searches, counts). */
  readonly forbidClosed?: boolean
}

/** What the cluster knows, and what was asked of it. Everything is in memory, and every id comes from a counter. */
export class FakeState extends FakeService<WireRequest> {
  clusterId: string
  readonly version: string
  readonly nodes: number
  readonly lacks: ReadonlySet<Feature>
  readonly nodeId = 'fakeNode0000000000000'
  readonly indices = new Map<string, FakeIndex>()
  readonly componentTemplates = new Map<string, Stored>()
  readonly indexTemplates = new Map<string, Stored>()
  readonly pipelines = new Map<string, Stored>()
  readonly policies = new Map<string, { readonly version: number; readonly policy: Stored }>()
  /** Name → how many backing indices it had. */
  readonly dataStreams = new Map<string, number>()
  readonly persistent = new Map<string, Json>()
  readonly transient = new Map<string, Json>()
  readonly tasks = new Map<string, FakeTask>()
  /** Open scrolls: the documents that are left. */
  readonly scrolls = new Map<string, unknown>()
  /** Bytes on each node's disk. */
  disk = { total: 100_000_000_000, available: 60_000_000_000 }
  /** Indices that the user may not see: the server leaves them out as if there were none. */
  readonly invisible = new Set<string>()
  /** What is wrong with the cluster as a whole. */
  health: 'green' | 'yellow' | 'red' | undefined
  /** How many times the cluster state was written: a request that changes nothing leaves it. */
  stateVersion = 1
  #made = 0

  constructor(options: ClusterOptions = {}) {
    super()
    this.clusterId = options.clusterId ?? 'fake-search-cluster-00'
    this.version = options.version ?? '8.19.21'
    this.nodes = options.nodes ?? 1
    this.lacks = new Set(options.lacks ?? [])
  }

  /** 22 characters, as the server's own ids have; the same ones in every run. */
  newId(): string {
    return createHash('sha256').update(`id ${this.serial()}`).digest('base64url').slice(0, 22)
  }

  serial(): number {
    this.#made += 1
    return this.#made
  }

  addIndex(name: string): FakeIndex {
    const created = Date.UTC(2026, 0, 1) + this.#made * 1_000
    const index = new FakeIndex({ name, uuid: this.newId(), created, version: versionId(this.version) })
    this.indices.set(name, index)
    return index
  }

  /** Index names behind an alias. */
  aliased(alias: string): readonly FakeIndex[] {
    return [...this.indices.values()].filter(({ aliases }) => aliases.has(alias))
  }

  backing(dataStream: string): readonly FakeIndex[] {
    return [...this.indices.values()].filter((index) => index.dataStream === dataStream)
  }

  isTaken(name: string): boolean {
    return this.indices.has(name) || this.dataStreams.has(name) || this.aliased(name).length > 0
  }

  /** What an expression of a path names: indices, aliases, data streams, wildcards; by name. */
  resolve(expression: string, how: Resolution = {}): readonly FakeIndex[] {
    const found = new Set<FakeIndex>()
    for (const part of expression === '' ? ['*'] : expression.split(',')) {
      const named = part === '_all' || part.includes('*') ? this.#matching(part, how) : this.#named(part, how)
      for (const index of named) found.add(index)
    }
    return [...found]
      .filter(({ name }) => !this.invisible.has(name))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  #named(name: string, how: Resolution): readonly FakeIndex[] {
    const index = this.indices.get(name)
    const found = index === undefined ? [...this.aliased(name), ...this.backing(name)] : [index]
    if (found.length === 0 && how.ignoreUnavailable !== true) throw noSuchIndex(name)
    const closed = found.find((each) => each.closed)
    if (closed === undefined || how.forbidClosed !== true) return found
    if (how.ignoreUnavailable === true) return found.filter((each) => !each.closed)
    throw closedIndex(closed.name, closed.uuid)
  }

  #matching(pattern: string, how: Resolution): readonly FakeIndex[] {
    const matches = wildcard(pattern === '_all' ? '*' : pattern)
    return [...this.indices.values()].filter((index) => {
      if (index.closed && how.closed !== true) return false
      const hidden =
        index.settings.get('index.hidden') === 'true' && how.hidden !== true && !pattern.startsWith('.')
      if (matches(index.name)) return !hidden
      if (index.dataStream !== undefined && matches(index.dataStream)) return true
      const shown = [...index.aliases].filter(
        ([, alias]) => how.hidden === true || alias['is_hidden'] !== true,
      )
      return shown.some(([alias]) => matches(alias))
    })
  }

  /** The one index that a write by this name goes to. Undefined: there is nothing of that name. */
  writeIndex(name: string): FakeIndex | undefined {
    const index = this.indices.get(name)
    if (index !== undefined) return index
    if (this.dataStreams.has(name)) return this.backing(name).at(-1)
    const behind = this.aliased(name)
    if (behind.length === 0) return undefined
    const chosen = behind.find(({ aliases }) => aliases.get(name)?.['is_write_index'] === true)
    const only =
      behind.length === 1 && behind[0]?.aliases.get(name)?.['is_write_index'] !== false
        ? behind[0]
        : undefined
    const found = chosen ?? only
    if (found !== undefined) return found
    throw new ServerRefusal(
      'illegal_argument_exception',
      `no write index is defined for alias [${name}]. The write index may be explicitly disabled using is_write_index=false or the alias points to multiple indices without one being designated as a write index`,
    )
  }

  healthOf(index: FakeIndex): 'green' | 'yellow' | 'red' {
    if (index.health !== undefined) return index.health
    return index.replicas > this.nodes - 1 ? 'yellow' : 'green'
  }
}

/** `*` stands for any text. */
export function wildcard(pattern: string): (name: string) => boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')
  const expression = new RegExp(`^${source}$`, 's')
  return (name) => expression.test(name)
}

/** `8.19.21` → `8192199`, the way 7.17 and 8.x up to 8.10 wrote it; only that it differs by version matters. */
function versionId(version: string): string {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  return String(major * 1_000_000 + minor * 10_000 + patch * 100 + 99)
}
