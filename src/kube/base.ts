import type { Issue } from '../reconcile/written.ts'
import { isLocated, locateDocument } from './data-key.ts'
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
  return { ...own, entries: mergeEntries(under.entries, own.entries), raw }
}

function readBase(base: ConfigMap, type: string): ResolvedBase {
  const { name, annotations } = base.metadata
  const raw = [base.data, base.binaryData, annotations[extendsAnnotation]]
  const located = locateDocument(base, [type])
  const { entries, issues } = isLocated(located)
    ? parseDocument(located.text, located.key)
    : { entries: undefined, issues: [located] }
  const named = issues.map((issue) => ({ ...issue, path: `base ${name}: ${issue.path}` }))
  return { entries, issues: named, reason: entries === undefined ? 'InvalidDocument' : undefined, raw }
}

function unresolved(reason: 'BaseNotFound' | 'InvalidDocument', message: string): ResolvedBase {
  return { entries: undefined, issues: [{ path: extendsAnnotation, message }], reason, raw: [message] }
}
