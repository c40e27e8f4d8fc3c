import { isMap, isScalar, isSeq, LineCounter, parseDocument, type YAMLMap } from 'yaml'
import { fieldsOf, listOf } from './manifest.ts'

/** A change of some objects that stands in a kustomization or in a file that it names. */
export interface PatchEntry {
  /** Relative to the kustomization; undefined for a patch that stands in it. */
  readonly path: string | undefined
  readonly text: string | undefined
  /** The kustomization's line of the first line of `text`. */
  readonly firstLine: number
  readonly target: { readonly kind?: string; readonly name?: string } | undefined
}

/** A file whose text becomes a value of a generated ConfigMap or Secret. */
export interface GeneratedEntry {
  readonly name: string
  readonly key: string
  readonly path: string
}

/** What a kustomization takes from elsewhere, in the order in which it stands there. */
export interface Kustomization {
  /** Files and folders. */
  readonly resources: readonly string[]
  readonly patches: readonly PatchEntry[]
  readonly generated: readonly GeneratedEntry[]
  /** What can only be had over a network. */
  readonly remote: readonly { readonly entry: string; readonly line: number }[]
}

const names = new Set(['kustomization.yaml', 'kustomization.yml', 'Kustomization'])
/** URLs and the short forms of Git hosts that kustomize itself knows. */
const remoteResource =
  /^[a-z+]+:\/\/|^git@|^gh:|^(github\.com|gitlab\.com|bitbucket\.org)[/:]|\?ref=|\.git(\/|$)/

export function isKustomization(name: string): boolean {
  return names.has(name)
}

/** True for what kustomize would fetch. */
export function isRemote(entry: string): boolean {
  return remoteResource.test(entry)
}

/** Never throws: what is no kustomization takes nothing, and kustomize has the words for it. */
export function readKustomization(text: string): Kustomization {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const root = isMap(document.contents) ? document.contents : undefined
  const fields = fieldsOf(document.errors.length > 0 ? undefined : document.toJS())
  const patches = ['patches', 'patchesJson6902', 'patchesStrategicMerge'].flatMap((field) =>
    listOf(fields[field]).map((entry, index) =>
      patchOf(entry, (key) =>
        textLine(root, lines, key === undefined ? [field, index] : [field, index, key]),
      ),
    ),
  )
  const entries = entriesOf(fields)
  const paths = patches.flatMap(({ path }) => path ?? [])
  const line = (entry: string): number => lineOfText(text, entry)
  const remote = [...entries, ...paths].filter(isRemote).map((entry) => ({ entry, line: line(entry) }))
  const charts = ['helmCharts', 'helmChartInflationGenerator']
    .filter((field) => listOf(fields[field]).length > 0)
    .map((entry) => ({ entry, line: line(entry) }))
  return {
    resources: entries.filter((entry) => !isRemote(entry) && !entry.includes('\n')),
    patches,
    generated: ['configMapGenerator', 'secretGenerator'].flatMap((field) =>
      listOf(fields[field]).flatMap((each) => generatedBy(fieldsOf(each))),
    ),
    remote: [...remote, ...charts],
  }
}

const listsOfEntries = [
  'resources',
  'components',
  'bases',
  'crds',
  'configurations',
  'generators',
  'transformers',
  'validators',
]

function entriesOf(fields: Readonly<Record<string, unknown>>): readonly string[] {
  const replacements = listOf(fields['replacements']).map((each) => fieldsOf(each)['path'])
  const openapi = fieldsOf(fields['openapi'])['path']
  return [...listsOfEntries.flatMap((field) => listOf(fields[field])), ...replacements, openapi].filter(
    (entry) => typeof entry === 'string',
  )
}

/** A patch is a text or a path; of old, both stood in one list as texts. */
function patchOf(entry: unknown, lineOf: (key?: string) => number): PatchEntry {
  if (typeof entry === 'string') {
    const inline = entry.includes('\n')
    const place = { target: undefined, firstLine: lineOf() }
    return { ...place, path: inline ? undefined : entry, text: inline ? entry : undefined }
  }
  const { path, patch, target } = fieldsOf(entry)
  return {
    path: typeof path === 'string' ? path : undefined,
    text: typeof patch === 'string' ? patch : undefined,
    firstLine: lineOf('patch'),
    target: target === undefined ? undefined : targetOf(fieldsOf(target)),
  }
}

function targetOf({ kind, name }: Readonly<Record<string, unknown>>): {
  readonly kind?: string
  readonly name?: string
} {
  return {
    ...(typeof kind === 'string' ? { kind } : {}),
    ...(typeof name === 'string' ? { name } : {}),
  }
}

function generatedBy({ name, files }: Readonly<Record<string, unknown>>): readonly GeneratedEntry[] {
  return listOf(files)
    .filter((entry) => typeof entry === 'string')
    .map((entry) => {
      const [, key, path = entry] = /^([^=]+)=(.*)$/.exec(entry) ?? []
      return { name: String(name), key: key ?? path.replace(/^.*\//, ''), path }
    })
}

function textLine(root: YAMLMap | undefined, lines: LineCounter, path: readonly (string | number)[]): number {
  const node: unknown = root?.getIn(path, true)
  if (!isScalar(node) && !isMap(node) && !isSeq(node)) return 1
  return textLineOf(node, lines.linePos(node.range?.[0] ?? 0).line)
}

/** The line where the text of a node begins: below the `|` of a block, else the node's own. */
export function textLineOf(node: unknown, line: number): number {
  return isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED') ? line + 1 : line
}

function lineOfText(text: string, entry: string): number {
  return text.slice(0, Math.max(0, text.indexOf(entry))).split('\n').length
}
