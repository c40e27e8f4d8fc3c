import { inParallel } from '../../../../src/client/parallel.ts'
import {
  type JsonObject,
  objectOf,
  ownObject,
  toJsonObject,
  withMembers,
  without,
} from '../../../../src/core/json.ts'
import { at, listAt, textAt } from '../../../../src/core/members.ts'
import { apiPath } from '../apis.ts'
import {
  annotationsFor,
  annotationsOfNew,
  deletionOf,
  editsOf,
  folderOf,
  idsOf,
  managerOf,
  putAsOurs,
} from '../object-metadata.ts'
import { accepted, isMissing } from '../failures.ts'
import { listObjects } from '../object-list.ts'
import type { Apis } from '../tools.ts'
import type { Wire, WireAnswer } from '../wire.ts'
import { type FolderStore, type FolderWish, type LiveFolder, countsOf, readAtOnce } from './store.ts'

/** The same kind of object in both; in the order of preference. */
const versions = ['v1', 'v1beta1']

/** Folders by the newer API, `/apis/folder.grafana.app`: one list has all of them, with everything. */
export class ObjectFolders implements FolderStore {
  readonly #wire: Wire
  readonly #apis: Apis
  readonly #version: string

  constructor(wire: Wire, apis: Apis) {
    this.#wire = wire
    this.#apis = apis
    this.#version = versions.find((version) => apis.folders.includes(version)) ?? 'v1'
  }

  async list(signal: AbortSignal): Promise<readonly string[]> {
    return Array.fromAsync(this.#all(signal), nameOf)
  }

  async readAll(
    names: readonly string[],
    known: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<readonly LiveFolder[]> {
    const missing = new Set(names)
    const found: (LiveFolder | undefined)[] = []
    for await (const folder of this.#all(signal)) {
      if (missing.delete(nameOf(folder))) found.push(liveOf(folder))
    }
    // What we knew and the list does not have may be gone, or only not for us to see: reading it tells.
    const lost = [...missing].filter((name) => known.has(name))
    found.push(...(await inParallel(lost, readAtOnce, async (name) => this.read(name, signal))))
    return found.filter((each) => each !== undefined)
  }

  async read(name: string, signal: AbortSignal): Promise<LiveFolder | undefined> {
    const answer = await this.#wire.send({ method: 'GET', path: this.#path(name) }, signal)
    return isMissing(answer) ? undefined : liveOf(accepted(answer, `reading folder "${name}"`))
  }

  async create(name: string, wish: FolderWish, signal: AbortSignal): Promise<WireAnswer> {
    const annotations = annotationsOfNew({ folder: wish.parent ?? '', edits: 'locked' })
    return this.#write('POST', { name, annotations }, specOf(objectOf([]), wish), signal)
  }

  async update(live: LiveFolder, wish: FolderWish, signal: AbortSignal): Promise<WireAnswer> {
    const spec = specOf(live.spec, wish)
    const place = {
      folder: wish.parent ?? folderOf(live.metadata),
      edits: editsOf(live.metadata) ?? 'locked',
    }
    return putAsOurs(live.metadata, annotationsFor(place, live.metadata), async (metadata) =>
      this.#write('PUT', metadata, spec, signal),
    )
  }

  async remove({ name, metadata }: LiveFolder, signal: AbortSignal): Promise<WireAnswer> {
    const body = deletionOf({ uid: textAt(metadata, 'uid') })
    return this.#wire.send({ method: 'DELETE', path: this.#path(name), body }, signal)
  }

  async childrenOf(
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly string[]>> {
    const children = new Map(names.map((name): [string, string[]] => [name, []]))
    for await (const folder of this.#all(signal))
      children.get(folderOf(at(folder, 'metadata')))?.push(nameOf(folder))
    return children
  }

  async contentsOf(name: string, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    const answer = await this.#wire.send({ method: 'GET', path: this.#path(name, 'counts') }, signal)
    if (isMissing(answer)) return new Map()
    const counts = listAt(accepted(answer, `counting what is in folder "${name}"`), 'counts')
    return countsOf(counts.map((each) => [textAt(each, 'resource'), at(each, 'count')]))
  }

  #all(signal: AbortSignal): AsyncGenerator<unknown, void> {
    return listObjects(this.#wire, { path: this.#path(), doing: 'listing folders' }, signal)
  }

  async #write(
    method: 'POST' | 'PUT',
    metadata: JsonObject,
    spec: JsonObject,
    signal: AbortSignal,
  ): Promise<WireAnswer> {
    const path = method === 'POST' ? this.#path() : this.#path(textAt(metadata, 'name'))
    const apiVersion = `folder.grafana.app/${this.#version}`
    return this.#wire.send({ method, path, body: { apiVersion, kind: 'Folder', metadata, spec } }, signal)
  }

  #path(...names: readonly string[]): string {
    return apiPath(this.#apis, 'folder', this.#version, 'folders', ...names)
  }
}

function nameOf(folder: unknown): string {
  return textAt(folder, 'metadata', 'name')
}

function liveOf(folder: unknown): LiveFolder {
  const metadata = toJsonObject(at(folder, 'metadata'))
  const manager = managerOf(metadata)
  return {
    name: nameOf(folder),
    title: textAt(folder, 'spec', 'title'),
    description: textAt(folder, 'spec', 'description'),
    parent: folderOf(metadata),
    ids: idsOf(metadata),
    facts: { version: textAt(metadata, 'resourceVersion'), manager, provisioned: false },
    metadata,
    spec: toJsonObject(ownObject(folder, 'spec')),
  }
}

function specOf(spec: JsonObject, { title, description }: FolderWish): JsonObject {
  const rest = description === undefined ? spec : without(spec, new Set(['description']))
  return withMembers(rest, {
    ...(title !== undefined && { title }),
    ...(description !== undefined && description !== '' && { description }),
  })
}
