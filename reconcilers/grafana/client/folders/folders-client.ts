import type { Change } from '../../../../src/core/resource.ts'
import type { Outcome, Sought, Verdict } from '../../../../src/reconcile/service-client.ts'
import { observedFolder } from '../../folder.ts'
import type { Folder } from '../../resource.ts'
import { identity } from '../object-metadata.ts'
import type { Tools } from '../tools.ts'
import type { TypeClient } from '../type-client.ts'
import { applyFolder } from './apply-folder.ts'
import { emptiness } from './emptiness.ts'
import { LegacyFolders } from './legacy-folders.ts'
import { ObjectFolders } from './object-folders.ts'
import type { FolderStore, LiveFolder } from './store.ts'

/** Folders: one list for all by the newer API, one look at each by the older. */
export class FoldersClient implements TypeClient<Folder> {
  readonly #tools: Tools

  constructor(tools: Tools) {
    this.#tools = tools
  }

  async list(signal: AbortSignal): Promise<readonly string[]> {
    return (await this.#store(signal)).list(signal)
  }

  async observe(
    names: readonly string[],
    signal: AbortSignal,
    sought: ReadonlyMap<string, Sought<Folder>>,
  ): Promise<readonly Folder[]> {
    if (names.length === 0) return []
    const store = await this.#store(signal)
    const known = new Set([...sought].filter(([, { id }]) => id !== undefined).map(([name]) => name))
    const found = await store.readAll([...new Set(names)], known, signal)
    return found.map((live) => {
      const { id, desired } = sought.get(live.name) ?? {}
      return shown(live, id, desired)
    })
  }

  /** Only of deletions. */
  async validate(changes: readonly Change<Folder>[], signal: AbortSignal): Promise<readonly Verdict[]> {
    const leaving = changes.filter(({ action }) => action === 'delete').map(({ name }) => name)
    const verdicts = await emptiness(await this.#store(signal), leaving, signal)
    return changes.map(({ name }) => verdicts.get(name) ?? { ok: true })
  }

  async apply(change: Change<Folder>, signal: AbortSignal): Promise<Outcome<Folder>> {
    const store = await this.#store(signal)
    const live = await applyFolder(store, change, signal)
    if (live === undefined) return { state: 'done' }
    const made = shown(live, change.id, change.desired)
    return { state: 'done', shown: made, ...(made.id !== undefined && { id: made.id }) }
  }

  /** Asked with each call: Grafana may be another release by now. */
  async #store(signal: AbortSignal): Promise<FolderStore> {
    const apis = await this.#tools.apis(signal)
    const { wire } = this.#tools
    return apis.folders.length > 0 ? new ObjectFolders(wire, apis) : new LegacyFolders(wire)
  }
}

/** What is not told is taken for what is written. */
function shown(live: LiveFolder, id: string | undefined, desired: Folder | undefined): Folder {
  const written = desired?.fields.get('description')
  const description = live.description ?? (typeof written === 'string' ? written : '')
  return observedFolder(live.name, { ...live, description }, live.facts, identity(live.ids, id).id)
}
