import { type JsonObject, own, ownObject, toJsonObject } from '../../../../src/core/json.ts'
import { at, textAt } from '../../../../src/core/members.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import { modelOfVersion } from '../../dashboard/model.ts'
import type { DashboardContent } from '../../resource.ts'
import { apiPath } from '../apis.ts'
import { accepted, isMissing } from '../failures.ts'
import { listObjects } from '../object-list.ts'
import type { Apis } from '../tools.ts'
import type { Wire, WireAnswer } from '../wire.ts'
import {
  annotationsFor,
  annotationsOfNew,
  deletionOf,
  editsOf,
  folderOf,
  idsOf,
  managerOf,
  putAsOurs,
  savedBy,
} from '../object-metadata.ts'
import type { DashboardStore, ListedDashboard, LiveDashboard, NextDashboard } from './store.ts'
import { faithfulTo, isFaithful, plainVersion, versionFor } from './versions.ts'

/** Without the contents where the server knows how; else with them, and they are not kept. */
const metadataOnly = {
  accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1, application/json',
}

type Query = Readonly<Record<string, string>>

/** Dashboards by the newer API, `/apis/dashboard.grafana.app`. */
export class ObjectStore implements DashboardStore {
  readonly locks = true
  readonly served: readonly string[]
  readonly #wire: Wire
  readonly #apis: Apis
  readonly #query: Query

  /** `query` goes with each write. */
  constructor(wire: Wire, apis: Apis, query: Query = {}) {
    this.#query = query
    this.#wire = wire
    this.#apis = apis
    this.served = apis.dashboards
  }

  async list(signal: AbortSignal): Promise<ReadonlyMap<string, ListedDashboard>> {
    const listed = new Map<string, ListedDashboard>()
    const path = this.#path(plainVersion(this.served))
    const all = { path, doing: 'listing dashboards', headers: metadataOnly }
    for await (const item of listObjects(this.#wire, all, signal)) {
      const metadata = own(item, 'metadata')
      listed.set(textAt(metadata, 'name'), { edition: editionOf(metadata), ids: idsOf(metadata) })
    }
    return listed
  }

  async read(name: string, signal: AbortSignal, like?: DashboardContent): Promise<LiveDashboard | undefined> {
    const likely = like && versionFor(like, this.served)
    const version = likely ?? plainVersion(this.served)
    const shown = await this.#get(name, version, signal)
    const stored = textAt(shown, 'status', 'conversion', 'storedVersion')
    if (shown === undefined || stored === '' || isFaithful(version, stored)) return liveOf(shown, version)
    // A conversion is no word of what is stored: it loses some of it, and adds to it.
    const faithful = faithfulTo(stored, this.served)
    if (faithful !== undefined) return liveOf(await this.#get(name, faithful, signal), faithful)
    throw new ReconcileError(
      'NotSupportedByServer',
      `dashboard "${name}" is stored as ${stored}, which this Grafana does not serve`,
    )
  }

  async create(next: NextDashboard, signal: AbortSignal): Promise<WireAnswer> {
    return this.#write('POST', next, { name: next.name, annotations: annotationsOfNew(next) }, signal)
  }

  async update(next: NextDashboard, live: LiveDashboard, signal: AbortSignal): Promise<WireAnswer> {
    return putAsOurs(live.metadata, annotationsFor(next, live.metadata), async (metadata) =>
      this.#write('PUT', next, metadata, signal),
    )
  }

  async remove({ name, metadata, content }: LiveDashboard, signal: AbortSignal): Promise<WireAnswer> {
    const path = this.#path(content.version ?? plainVersion(this.served), name)
    const body = deletionOf({ uid: textAt(metadata, 'uid'), resourceVersion: editionOf(metadata) })
    return this.#wire.send({ method: 'DELETE', path, body }, signal)
  }

  async #get(name: string, version: string, signal: AbortSignal): Promise<unknown> {
    const answer = await this.#wire.send({ method: 'GET', path: this.#path(version, name) }, signal)
    return isMissing(answer) ? undefined : accepted(answer, `reading dashboard "${name}"`)
  }

  async #write(
    method: 'POST' | 'PUT',
    { name, content }: NextDashboard,
    metadata: JsonObject,
    signal: AbortSignal,
  ): Promise<WireAnswer> {
    const version = versionFor(content, this.served)
    if (version === undefined)
      throw new ReconcileError('NotSupportedByServer', `dashboard "${name}": Grafana has no version for it`)
    const path = method === 'POST' ? this.#path(version) : this.#path(version, name)
    const apiVersion = `dashboard.grafana.app/${version}`
    const body = { apiVersion, kind: 'Dashboard', metadata, spec: content.spec }
    return this.#wire.send({ method, path, query: this.#query, body }, signal)
  }

  #path(version: string, ...names: readonly string[]): string {
    return apiPath(this.#apis, 'dashboard', version, 'dashboards', ...names)
  }
}

function editionOf(metadata: unknown): string {
  return textAt(metadata, 'resourceVersion')
}

function liveOf(shown: unknown, version: string): LiveDashboard | undefined {
  if (shown === undefined) return undefined
  const metadata = toJsonObject(at(shown, 'metadata'))
  const edition = editionOf(metadata)
  return {
    name: textAt(metadata, 'name'),
    ids: idsOf(metadata),
    edition,
    content: {
      model: modelOfVersion(version) ?? 'classic',
      version,
      spec: toJsonObject(ownObject(shown, 'spec')),
    },
    folder: folderOf(metadata),
    edits: editsOf(metadata),
    facts: { version: edition, manager: managerOf(metadata), provisioned: false },
    metadata,
    ...savedBy(metadata),
  }
}
