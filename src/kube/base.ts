import type { Issue } from '../reconcile/written.ts'
import { isLocated, locateDocument } from './data-key.ts'
import type { Holder } from './definition.ts'
import { parseDocument } from './document.ts'
import { mergeEntries } from './merge-patch.ts'
import { annotationPrefix, labels } from './names.ts'
import type { ConfigMap } from './objects.ts'

/** ConfigMaps by `namespace/name`; a Map is one. */
export interface Bases {
  get(key: string): ConfigMap | undefined
}

/** What a chain of bases comes to. `raw` changes whenever one of them does. */
export interface ResolvedBase {
  readonly entries: ReadonlyMap<string, unknown> | undefined
  readonly issues: readonly Issue[]
  readonly reason: 'BaseNotFound' | 'InvalidDocument' | undefined
  readonly raw: readonly unknown[]
  /** The chain itself, the nearest first, where all of it can be read: further data keys are inherited, too. */
  readonly holders: readonly Holder[]
}

export const extendsAnnotation = `${annotationPrefix}extends`

/** A base may itself extend one, and so on: this many in all. */
const maxChain = 3

/** The document of the base `name`, with its own bases underneath. `chain`: the names on the way here, the child's first. */
export function resolveBase(
  bases: Bases,
  namespace: string,
  name: string,
  type: string,
  chain: readonly string[],
): ResolvedBase {
  const way = [...chain, name].join(' → ')
  if (chain.includes(name)) return unresolved('InvalidDocument', `extends itself: ${way}`)
  if (chain.length > maxChain)
    return unresolved('InvalidDocument', `extends more than ${maxChain} bases: ${way}`)
  const base = bases.get(`${namespace}/${name}`)
  if (base?.metadata.labels[labels.kind] !== 'base') {
    return unresolved(
      'BaseNotFound',
      `there is no ConfigMap ${name} labelled ${labels.kind}=base in namespace ${namespace}`,
    )
  }
  const own = readBase(base, type)
  const below = base.metadata.annotations[extendsAnnotation]?.trim()
  if (own.entries === undefined || below === undefined) return own
  const under = resolveBase(bases, namespace, below, type, [...chain, name])
  const raw = [...own.raw, ...under.raw]
  if (under.entries === undefined) return { ...under, raw }
  const holders = [...own.holders, ...under.holders]
  return { ...own, entries: mergeEntries(under.entries, own.entries), raw, holders }
}

function readBase(base: ConfigMap, type: string): ResolvedBase {
  const { name, annotations } = base.metadata
  const raw = [base.data, base.binaryData, annotations[extendsAnnotation]]
  const located = locateDocument(base, [type])
  const { entries, issues } = isLocated(located)
    ? parseDocument(located.text, located.key)
    : { entries: undefined, issues: [located] }
  const named = issues.map((issue) => ({ ...issue, path: `base ${name}: ${issue.path}` }))
  const holders = isLocated(located) ? [{ configMap: base, documentKey: located.key }] : []
  return {
    entries,
    issues: named,
    reason: entries === undefined ? 'InvalidDocument' : undefined,
    raw,
    holders,
  }
}

function unresolved(reason: 'BaseNotFound' | 'InvalidDocument', message: string): ResolvedBase {
  const issues = [{ path: extendsAnnotation, message }]
  return { entries: undefined, issues, reason, raw: [message], holders: [] }
}
