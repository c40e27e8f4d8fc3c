import type { Json } from '../../src/core/resource.ts'
import { emptyMapping, type Mapping } from './fake-mapping-nodes.ts'
import { ServerRefusal, blocked, closedIndex } from './fake-refusal.ts'
import type { JsonObject } from './resource.ts'

export interface FakeDocument {
  readonly id: string
  readonly source: JsonObject
  readonly version: number
  readonly seqNo: number
  readonly shard: number
  readonly routing?: string
}

/** One write of one document, with the conditions under which it is made. */
export interface DocumentWrite {
  readonly id: string
  /** Undefined: a deletion. */
  readonly source: JsonObject | undefined
  readonly routing?: string
  readonly create?: boolean
  readonly version?: number
  readonly versionType?: string
  readonly ifSeqNo?: number
}

export interface WriteResult {
  readonly result: 'created' | 'updated' | 'deleted' | 'not_found'
  readonly version: number
  readonly seqNo: number
}

/** What an index is made of at its birth. */
export interface IndexOrigin {
  readonly name: string
  readonly uuid: string
  /** Milliseconds since 1970. */
  readonly created: number
  readonly version: string
}

interface Entry {
  readonly version: number
  /** Undefined: deleted, and the version is remembered. */
  readonly document: FakeDocument | undefined
}

/** One physical index: what is set on it and the documents in it. Searches see what was there at the last refresh. */
export class FakeIndex {
  readonly name: string
  readonly uuid: string
  readonly created: number
  readonly version: string
  /** Flat; without what only the server sets (uuid, creation date …). */
  settings = new Map<string, Json>()
  mapping: Mapping = emptyMapping
  readonly aliases = new Map<string, JsonObject>()
  closed = false
  /** The data stream that it backs. */
  dataStream: string | undefined
  /** Its health, where something is wrong with it. */
  health: 'green' | 'yellow' | 'red' | undefined
  #entries = new Map<string, Entry>()
  #searchable: readonly FakeDocument[] = []
  #next: number[] = []

  constructor({ name, uuid, created, version }: IndexOrigin) {
    this.name = name
    this.uuid = uuid
    this.created = created
    this.version = version
  }

  get shards(): number {
    return Number(this.settings.get('index.number_of_shards') ?? 1)
  }

  get replicas(): number {
    return Number(this.settings.get('index.number_of_replicas') ?? 1)
  }

  /** Documents as a GET by id sees them, whether refreshed or not. */
  live(): readonly FakeDocument[] {
    return [...this.#entries.values()].flatMap(({ document }) => document ?? [])
  }

  searchable(): readonly FakeDocument[] {
    return this.#searchable
  }

  refresh(): void {
    this.#searchable = this.live().toSorted((a, b) => a.shard - b.shard || a.seqNo - b.seqNo)
  }

  find(id: string, routing?: string): FakeDocument | undefined {
    return this.#entries.get(this.#key(id, routing))?.document
  }

  /** The highest `_seq_no` of a shard; -1 before the first write. */
  maxSeqNo(shard: number): number {
    return (this.#next[shard] ?? 0) - 1
  }

  /** Throws version_conflict_engine_exception in the words of 8.19.21. */
  write(write: DocumentWrite): WriteResult {
    const key = this.#key(write.id, write.routing)
    const there = this.#entries.get(key)
    this.#check(write, there)
    const shard = this.#shardOf(write.id, write.routing)
    const seqNo = this.#next[shard] ?? 0
    this.#next[shard] = seqNo + 1
    const version = write.version ?? (there?.version ?? 0) + 1
    const { id, source, routing } = write
    const document =
      source === undefined
        ? undefined
        : { id, source, version, seqNo, shard, ...(routing === undefined ? {} : { routing }) }
    this.#entries.set(key, { version, document })
    return { result: resultOf(there?.document !== undefined, document !== undefined), version, seqNo }
  }

  /** All documents of another index, as hard links would bring them. */
  copyFrom(source: FakeIndex): void {
    this.#entries = new Map(source.#entries)
    this.#next = [...source.#next]
    this.refresh()
  }

  /** Throws where a block or a closed index forbids it. */
  checkBlocks(operation: 'write' | 'delete' | 'metadata' | 'read-metadata' | 'remove'): void {
    const on = (block: string) => this.settings.get(`index.blocks.${block}`) === 'true'
    const changes = operation !== 'read-metadata'
    const documents = operation === 'write' || operation === 'delete'
    if (documents && this.closed) throw closedIndex(this.name, this.uuid)
    if (changes && on('read_only')) throw blocked(this.name, 'FORBIDDEN/5/index read-only (api)')
    if (!documents && on('metadata')) throw blocked(this.name, 'FORBIDDEN/9/index metadata (api)')
    if (documents && on('write')) throw blocked(this.name, 'FORBIDDEN/8/index write (api)')
    if (operation === 'write' && on('read_only_allow_delete')) throw blocked(this.name, floodStage)
  }

  /** By number, as `GET /_cluster/state/blocks` shows them (8.19.21). */
  blocks(): Readonly<Record<string, Block>> {
    const set = blockTable.filter(([name]) => this.settings.get(`index.blocks.${name}`) === 'true')
    const shown = set.map(
      ([, number, description, ...levels]) => [number, { description, retryable: false, levels }] as const,
    )
    const closed = { description: 'index closed', retryable: false, levels: ['read', 'write'] }
    return Object.fromEntries([...(this.closed ? [['4', closed] as const] : []), ...shown])
  }

  #check(write: DocumentWrite, there: Entry | undefined): void {
    const { id, version, versionType } = write
    const document = there?.document
    if (write.create === true && document !== undefined) {
      throw this.#conflict(id, `document already exists (current version [${document.version}])`)
    }
    if (write.ifSeqNo !== undefined && document?.seqNo !== write.ifSeqNo) {
      const found =
        document === undefined
          ? '. but no document was found'
          : `, current document has seqNo [${document.seqNo}]`
      throw this.#conflict(id, `required seqNo [${write.ifSeqNo}], primary term [1]${found}`)
    }
    if (version !== undefined && there !== undefined)
      this.#checkVersion(id, there.version, version, versionType)
  }

  #checkVersion(id: string, current: number, version: number, type: string | undefined): void {
    const gte = type === 'external_gte'
    if (gte ? current <= version : current < version) return
    const words = gte ? 'higher than' : 'higher or equal to'
    throw this.#conflict(id, `current version [${current}] is ${words} the one provided [${version}]`)
  }

  #conflict(id: string, words: string): ServerRefusal {
    return new ServerRefusal('version_conflict_engine_exception', `[${id}]: version conflict, ${words}`, {
      status: 409,
      extra: { index_uuid: this.uuid, shard: String(this.#shardOf(id)), index: this.name },
    })
  }

  #key(id: string, routing?: string): string {
    return `${this.#shardOf(id, routing)}/${id}`
  }

  /** Another hash than the server's; only that it is always the same one matters. */
  #shardOf(id: string, routing = id): number {
    let hash = 0
    for (const letter of routing) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003
    return hash % this.shards
  }
}

interface Block {
  readonly description: string
  readonly retryable: boolean
  readonly levels: readonly string[]
}

const fullDisk =
  'disk usage exceeded flood-stage watermark, index has read-only-allow-delete block; for more information, see https://www.elastic.co/guide/en/elasticsearch/reference/8.19/fix-watermark-errors.html'
const floodStage = `TOO_MANY_REQUESTS/12/${fullDisk}`

/** Setting, number, description, and what it forbids. */
const blockTable: readonly (readonly [
  name: string,
  number: string,
  description: string,
  ...levels: string[],
])[] = [
  ['read_only', '5', 'index read-only (api)', 'write', 'metadata_write'],
  ['read', '7', 'index read (api)', 'read'],
  ['write', '8', 'index write (api)', 'write'],
  ['metadata', '9', 'index metadata (api)', 'metadata_read', 'metadata_write'],
  ['read_only_allow_delete', '12', fullDisk, 'write'],
]

function resultOf(before: boolean, after: boolean): WriteResult['result'] {
  if (after) return before ? 'updated' : 'created'
  return before ? 'deleted' : 'not_found'
}
