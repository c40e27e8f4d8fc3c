import type { Change } from '../../../../src/core/resource.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import { folderFields } from '../../folder.ts'
import { isKeptElsewhere } from '../../manager.ts'
import type { Folder } from '../../resource.ts'
import { accepted, failureOf, isConflict, isMissing } from '../failures.ts'
import type { WireAnswer } from '../wire.ts'
import { requireEmpty } from './emptiness.ts'
import type { FolderStore, FolderWish, LiveFolder } from './store.ts'

type FolderChange = Change<Folder>

/** How often a write is tried that somebody else's comes before. */
const mostTries = 3

const paths = ['title', 'description', 'parent'] as const

/** One change, and the folder as it is then; undefined: it is gone. Throws ReconcileError where Grafana does not do it. */
export async function applyFolder(
  store: FolderStore,
  change: FolderChange,
  signal: AbortSignal,
): Promise<LiveFolder | undefined> {
  if (change.action === 'create') return create(store, change, signal)
  if (change.action === 'delete') return remove(store, change, signal)
  return update(store, change, signal)
}

/** "Already exists" is done where it is what is meant: then our own request had arrived, and only its answer was lost. */
async function create(store: FolderStore, change: FolderChange, signal: AbortSignal): Promise<LiveFolder> {
  const { name } = change
  const wish = wishOf(change)
  const answer = await store.create(name, wish, signal)
  if (!isConflict(answer)) {
    carriedOut(answer, `creating folder "${name}"`, wish)
    return shown(store, name, signal)
  }
  const live = await store.read(name, signal)
  if (live !== undefined && !differs(live, wish)) return live
  throw busy(name, 'made')
}

async function update(store: FolderStore, change: FolderChange, signal: AbortSignal): Promise<LiveFolder> {
  const { name } = change
  const wish = wishOf(change)
  for (let tries = 1; tries <= mostTries; tries += 1) {
    const live = await ours(store, change, signal)
    if (live === undefined) throw busy(name, 'deleted')
    if (isAsMeant(live, wish)) return live
    if (isOvertaken(live, change)) throw busy(name, 'changed')
    const answer = await store.update(live, wanting(live, wish), signal)
    if (isConflict(answer)) continue
    carriedOut(answer, `changing folder "${name}"`, wish)
    return shown(store, name, signal)
  }
  throw busy(name, 'changed')
}

/** Never with anything in it, whatever the server would do; "already gone" is done, and so is another one of that name. */
async function remove(store: FolderStore, change: FolderChange, signal: AbortSignal): Promise<undefined> {
  const live = await ours(store, change, signal)
  if (live === undefined) return
  await requireEmpty(store, change.name, signal)
  const answer = await store.remove(live, signal)
  if (isMissing(answer)) return
  // Bound to the very folder that was looked at: by now it is another one, or none.
  if (isConflict(answer)) throw busy(change.name, 'changed')
  accepted(answer, `deleting folder "${change.name}"`)
}

/** The folder of the change; undefined where it is not there, or another one by now. Throws where it is somebody else's by now. */
async function ours(
  store: FolderStore,
  { name, id }: FolderChange,
  signal: AbortSignal,
): Promise<LiveFolder | undefined> {
  const live = await store.read(name, signal)
  if (live === undefined || (id !== undefined && !live.ids.includes(id))) return undefined
  if (!isKeptElsewhere(live.facts)) return live
  throw new ReconcileError(
    'ChangesFailed',
    `folder "${name}" is managed by ${live.facts.manager?.kind ?? 'files'} by now: take it out of there first, or remove the entry here`,
  )
}

async function shown(store: FolderStore, name: string, signal: AbortSignal): Promise<LiveFolder> {
  const live = await store.read(name, signal)
  if (live !== undefined) return live
  throw busy(name, 'deleted')
}

/** What is to be: all that is written of a new one, of another one what the plan has. */
function wishOf({ fields }: FolderChange): FolderWish {
  const wish: { -readonly [path in keyof FolderWish]: FolderWish[path] } = {}
  for (const path of paths) {
    const field = fields.find((each) => each.path === path)
    if (field !== undefined) wish[path] = typeof field.after === 'string' ? field.after : ''
  }
  return wish
}

function isAsMeant(live: LiveFolder, wish: FolderWish): boolean {
  return Object.keys(wanting(live, wish)).length === 0
}

/** What of a wish is not so yet, or not told. */
function wanting(live: LiveFolder, wish: FolderWish): FolderWish {
  return Object.fromEntries(
    Object.entries(wish).filter(([path, value]) => folderFields(live).get(path) !== value),
  )
}

/** As far as it is told. */
function differs(live: LiveFolder, wish: FolderWish): boolean {
  return Object.keys(wanting(live, wish)).some((path) => folderFields(live).has(path))
}

/** What somebody did since the plan was made is in nobody's plan. */
function isOvertaken(live: LiveFolder, { fields, observed }: FolderChange): boolean {
  const now = folderFields(live)
  return fields.some(({ path, after }) => {
    return now.has(path) && now.get(path) !== after && now.get(path) !== observed?.fields.get(path)
  })
}

function carriedOut(answer: WireAnswer, doing: string, { parent = '' }: FolderWish): void {
  const failed = answer.status >= 400 ? failureOf(answer, doing) : undefined
  if (failed === undefined) return
  // Which status tells that the parent is not there depends on the release; its words do not.
  const lacking = parent !== '' && (answer.status === 404 || /not found/i.test(failed.message))
  throw lacking ? new ReconcileError('DependencyMissing', failed.message) : failed
}

function busy(name: string, what: 'made' | 'changed' | 'deleted'): ReconcileError {
  return new ReconcileError(
    'ServiceBusy',
    `somebody ${what} folder "${name}" in this moment; it is looked at again`,
  )
}
