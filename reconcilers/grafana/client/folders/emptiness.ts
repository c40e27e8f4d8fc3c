import { inParallel } from '../../../../src/client/parallel.ts'
import { wholeCallReasons } from '../../../../src/client/turn.ts'
import { listed } from '../../../../src/core/text.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import type { Verdict } from '../../../../src/reconcile/service-client.ts'
import { type FolderStore, readAtOnce } from './store.ts'

/** Whether each of these folders holds nothing but others of them that go as well. */
export async function emptiness(
  store: FolderStore,
  leaving: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Verdict>> {
  if (leaving.length === 0) return new Map()
  const children = await store.childrenOf(leaving, signal)
  const contents = await inParallel(leaving, readAtOnce, async (name) => contentsOf(store, name, signal))
  const inside = new Map(leaving.map((name, index) => [name, contents[index] ?? []]))
  const verdicts = new Map<string, Verdict>()
  const judge = (name: string): Verdict => {
    const known = verdicts.get(name)
    if (known !== undefined) return known
    const content = inside.get(name) ?? remaining
    if ('ok' in content) return content
    // A folder that is its own ancestor is none that a server has: this only ends the walk.
    verdicts.set(name, { ok: true })
    const left = (children.get(name) ?? []).filter((child) => !judge(child).ok)
    const verdict: Verdict = left.length + content.length === 0 ? { ok: true } : staying(name, content, left)
    verdicts.set(name, verdict)
    return verdict
  }
  return new Map(leaving.map((name) => [name, judge(name)]))
}

/** A folder that nobody wants to delete. */
const remaining: Staying = { ok: false, code: 'FolderNotEmpty', message: 'it stays' }

/** Throws where anything at all is in it: the older API would delete that as well. */
export async function requireEmpty(store: FolderStore, name: string, signal: AbortSignal): Promise<void> {
  const [children, contents] = await Promise.all([
    store.childrenOf([name], signal),
    store.contentsOf(name, signal),
  ])
  const left = children.get(name) ?? []
  if (left.length + contents.size > 0)
    throw new ReconcileError('ChangesFailed', staying(name, counted(contents), left).message)
}

type Staying = Extract<Verdict, { ok: false }>

/** What is counted in a folder, or why that cannot be told. */
type Inside = readonly string[] | Staying

async function contentsOf(store: FolderStore, name: string, signal: AbortSignal): Promise<Inside> {
  try {
    return counted(await store.contentsOf(name, signal))
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof ReconcileError) || wholeCallReasons.has(error.reason)) throw error
    return { ok: false, code: 'RejectedByServer', message: error.message }
  }
}

function counted(contents: ReadonlyMap<string, number>): readonly string[] {
  return [...contents].map(([noun, count]) => `${count} ${count === 1 ? noun.replace(/s$/, '') : noun}`)
}

function staying(name: string, contents: readonly string[], folders: readonly string[]): Staying {
  const inside = [...contents, ...(folders.length === 0 ? [] : [`the folders ${listed(folders)}`])]
  return {
    ok: false,
    code: 'FolderNotEmpty',
    message: `folder "${name}" still holds ${inside.join(', ')}: move or delete that, or keep the folder; each pass looks again`,
  }
}
