import { inParallel } from '../../../../src/client/parallel.ts'
import { objectOf, own, ownObject } from '../../../../src/core/json.ts'
import { figureAt, textAt } from '../../../../src/core/members.ts'
import { placeOf } from '../../folder.ts'
import { ownManager } from '../../manager.ts'
import { accepted, isMissing } from '../failures.ts'
import type { Wire, WireAnswer } from '../wire.ts'
import { type FolderStore, type FolderWish, type LiveFolder, countsOf, readAtOnce } from './store.ts'

/** The most that Grafana gives in one page of what it finds, and of folders. */
const mostFound = 5_000
const mostFolders = 1_000

/** Folders by the older API alone: no list of it has all of them with their parents, so that each is read. */
export class LegacyFolders implements FolderStore {
  readonly #wire: Wire

  constructor(wire: Wire) {
    this.#wire = wire
  }

  async list(signal: AbortSignal): Promise<readonly string[]> {
    return this.#pages('/api/search', { type: 'dash-folder' }, mostFound, signal)
  }

  async readAll(
    names: readonly string[],
    _: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<readonly LiveFolder[]> {
    const found = await inParallel(names, readAtOnce, async (name) => this.read(name, signal))
    return found.filter((each) => each !== undefined)
  }

  async read(name: string, signal: AbortSignal): Promise<LiveFolder | undefined> {
    const answer = await this.#wire.send({ method: 'GET', path: pathOf(name) }, signal)
    return isMissing(answer) ? undefined : liveOf(name, accepted(answer, `reading folder "${name}"`))
  }

  async create(name: string, wish: FolderWish, signal: AbortSignal): Promise<WireAnswer> {
    const { title, description, parent = '' } = wish
    const body = { uid: name, title, description, ...(parent !== '' && { parentUid: parent }) }
    return this.#wire.send({ method: 'POST', path: '/api/folders', body }, signal)
  }

  /** A move is bound to nothing that was read: it knows no version. */
  async update(live: LiveFolder, wish: FolderWish, signal: AbortSignal): Promise<WireAnswer> {
    const { title, description, parent } = wish
    const path = pathOf(live.name)
    let answer: WireAnswer = { status: 200, body: undefined }
    if (title !== undefined || description !== undefined) {
      const version = Number(live.facts.version)
      const body = { title: title ?? live.title, description, version, overwrite: false }
      answer = await this.#wire.send({ method: 'PUT', path, body }, signal)
    }
    if (answer.status >= 400 || parent === undefined) return answer
    const body = { parentUid: parent }
    return this.#wire.send({ method: 'POST', path: `${path}/move`, body }, signal)
  }

  /** The older API deletes with everything that is in it: whoever calls has looked. */
  async remove({ name }: LiveFolder, signal: AbortSignal): Promise<WireAnswer> {
    const query = { forceDeleteRules: false }
    return this.#wire.send({ method: 'DELETE', path: pathOf(name), query }, signal)
  }

  async childrenOf(
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly string[]>> {
    return new Map(
      await inParallel(
        names,
        readAtOnce,
        async (name) =>
          [name, await this.#pages('/api/folders', { parentUid: name }, mostFolders, signal)] as const,
      ),
    )
  }

  /** What is counted, and what is found: neither alone is known to have everything. */
  async contentsOf(name: string, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    const doing = `counting what is in folder "${name}"`
    const query = { folderUIDs: name, type: 'dash-db', limit: mostFound }
    const [counted, found] = await Promise.all([
      this.#wire.send({ method: 'GET', path: `${pathOf(name)}/counts` }, signal),
      this.#wire.send({ method: 'GET', path: '/api/search', query }, signal),
    ])
    const hits = accepted(found, doing)
    const dashboards = Array.isArray(hits) ? hits.length : 0
    const told = isMissing(counted) ? undefined : accepted(counted, doing)
    const counts = Object.entries(ownObject({ counts: told }, 'counts'))
    return countsOf([...counts, ['dashboards', dashboards]])
  }

  /** The uids in a list; of a folder that is not there none. */
  async #pages(
    path: string,
    asked: Readonly<Record<string, string>>,
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const names: string[] = []
    for (let page = 1; ; page += 1) {
      const query = { ...asked, limit, page }
      const answer = await this.#wire.send({ method: 'GET', path, query }, signal)
      const items = isMissing(answer) ? [] : accepted(answer, 'listing folders')
      const found = Array.isArray(items) ? items.map((item) => textAt(item, 'uid')) : []
      names.push(...found.filter((uid) => uid !== '' && uid !== 'general' && uid !== 'sharedwithme'))
      if (found.length < limit) return names
    }
  }
}

function pathOf(name: string): string {
  return `/api/folders/${encodeURIComponent(name)}`
}

function liveOf(name: string, body: unknown): LiveFolder {
  const id = figureAt(body, 'id')
  const kind = textAt(body, 'managedBy')
  const description = own(body, 'description')
  return {
    name,
    title: textAt(body, 'title'),
    // Most releases take one and show none.
    description: typeof description === 'string' ? description : undefined,
    parent: placeOf(textAt(body, 'parentUid')),
    ids: id === undefined ? [] : [String(id)],
    facts: {
      version: String(figureAt(body, 'version') ?? 0),
      // Ours cannot be told from another one of the same kind: the older API does not say which.
      manager: kind === '' || kind === ownManager.kind ? undefined : { kind, id: '' },
      provisioned: false,
    },
    metadata: objectOf([]),
    spec: objectOf([]),
  }
}
