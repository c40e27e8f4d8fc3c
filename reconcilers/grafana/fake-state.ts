import type { JsonObject } from '../../src/core/json.ts'
import type { ObjectType } from './fake-refusal.ts'

/** A folder or a dashboard, as the storage behind both APIs keeps it. */
export interface StoredObject {
  readonly resource: ObjectType['resource']
  readonly name: string
  /** `metadata.uid`. */
  readonly uid: string
  /** `grafana.app/deprecatedInternalID`. */
  readonly id: number
  readonly resourceVersion: number
  readonly generation: number
  readonly created: number
  readonly createdBy: string
  readonly updated?: number
  readonly updatedBy?: string
  /** '': at the top. */
  readonly folder: string
  readonly labels: Readonly<Record<string, string>>
  /** Those that are not made of the other members. */
  readonly annotations: Readonly<Record<string, string>>
  readonly spec: JsonObject
  /** The version that it was written in. */
  readonly storedVersion: string
  /** Of a dashboard from files that the older API must not change. */
  readonly provisioned?: boolean
}

export interface StoredDatasource {
  readonly id: number
  readonly uid: string
  readonly version: number
  readonly readOnly: boolean
  /** `name`, `type`, `url` … as they are answered. */
  readonly members: JsonObject
  /** Never answered. */
  readonly secure: Readonly<Record<string, string>>
}

export interface StoredRule {
  readonly id: number
  readonly uid: string
  readonly guid: string
  readonly folderUID: string
  readonly ruleGroup: string
  /** Seconds. */
  readonly interval: number
  readonly index: number
  /** The members that a writer decides, all of them. */
  readonly members: JsonObject
  /** '': anybody may change it. */
  readonly provenance: string
  readonly version: number
  readonly updated: number
  readonly updatedBy: { readonly uid: string; readonly name: string } | null
}

/** Everything that is in the database. */
export interface Data {
  readonly folders: Map<string, StoredObject>
  readonly dashboards: Map<string, StoredObject>
  /** Every write of a dashboard, the oldest first. */
  readonly history: Map<string, readonly StoredObject[]>
  readonly datasources: Map<string, StoredDatasource>
  readonly rules: Map<string, StoredRule>
  /** Every state of a rule, the oldest first. */
  readonly ruleVersions: Map<string, readonly StoredRule[]>
  readonly contactPoints: Map<string, JsonObject>
  readonly libraryElements: Map<string, JsonObject>
}

export function emptyData(): Data {
  return {
    ...{ folders: new Map(), dashboards: new Map(), history: new Map(), datasources: new Map() },
    ...{ rules: new Map(), ruleVersions: new Map(), libraryElements: new Map() },
    contactPoints: new Map([
      [
        'grafana-default-email',
        {
          ...{ uid: '', name: 'grafana-default-email', type: 'email', disableResolveMessage: false },
          settings: { addresses: '<example@email.com>' },
        },
      ],
    ]),
  }
}

const begin = Date.UTC(2026, 10, 1, 8)

/** What a Grafana remembers. */
export class FakeState {
  data = emptyData()
  /** Datasources whose backend does not answer, and what the plugin says then. */
  readonly sick = new Map<string, string>()
  /** What Git Sync would have committed. */
  readonly commits: string[] = []
  readonly #clock: (() => number) | undefined
  #count = 0
  #last = begin

  constructor(now?: () => number) {
    this.#clock = now
  }

  /** The moment of the next write, in milliseconds: never the same twice. */
  moment(): number {
    // Without a clock a second passes with every write.
    const now = this.#clock === undefined ? this.#last + 1_000 : this.#clock()
    this.#last = Math.max(now, this.#last + 1)
    return this.#last
  }

  /** Never the same twice, even in another database. */
  newId(): number {
    this.#count += 1
    return this.#count
  }

  newUuid(): string {
    const text = this.newId().toString(16).padStart(12, '0')
    return `00000000-0000-4000-8000-${text}`
  }

  /** What Grafana makes up where no uid is given. */
  newName(prefix = ''): string {
    return `${prefix}fake${this.newId().toString(36).padStart(10, '0')}`
  }

  get counters(): { readonly count: number; readonly last: number } {
    return { count: this.#count, last: this.#last }
  }

  goOnFrom({ count, last }: { readonly count: number; readonly last: number }): void {
    this.#count = Math.max(count, this.#count)
    this.#last = Math.max(last, this.#last)
  }
}
