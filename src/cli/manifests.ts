import { basename } from 'node:path'
import type { Document, ParsedNode } from 'yaml'
import { isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml'
import type { SourceFile } from './source-file.ts'

/** A place where desired state is wrong, for people: `file:line: path: message`. */
export interface Problem {
  readonly file: string
  readonly line?: number
  readonly path: string
  readonly message: string
}

/** A Kubernetes object found in a file. `lineOf` gives the file's line of a data key's first line of text, where it is known. */
export interface Manifest {
  readonly file: string
  readonly object: Readonly<Record<string, unknown>>
  readonly lineOf: (path: readonly (string | number)[]) => number | undefined
  /** Where the text of a data key begins, when that may be in another file; absent: where `lineOf` says. */
  readonly textOf?: (key: string) => TextPlace | undefined
}

export interface TextPlace {
  readonly file: string
  readonly line: number
}

/** A document without a ConfigMap around it: `topics.yaml` as a person edits it. */
export interface BareDocument {
  readonly file: string
  readonly type: string
  readonly text: string
}

export interface Manifests {
  readonly manifests: readonly Manifest[]
  readonly bare: readonly BareDocument[]
  readonly problems: readonly Problem[]
}

/** Reads files as Kubernetes does (several YAML documents, Lists), and bare documents by their file name. Pure. */
export function readManifests(files: readonly SourceFile[], types: readonly string[]): Manifests {
  const all = files.map((file) => readFile(file, types))
  return {
    manifests: all.flatMap((each) => each.manifests),
    bare: all.flatMap((each) => each.bare),
    problems: all.flatMap((each) => each.problems),
  }
}

function readFile(file: SourceFile, types: readonly string[]): Manifests {
  const counter = new LineCounter()
  const documents = parseAllDocuments(file.text, { lineCounter: counter, version: '1.2' })
  const type = bareType(file.path, types)
  if (type !== undefined && !documents.some(isObject)) {
    return { manifests: [], bare: [{ file: file.path, type, text: file.text }], problems: [] }
  }
  const parts = [...documents].map((document) => readDocument(file.path, document, counter, types))
  return {
    manifests: parts.flatMap((part) => part.manifests),
    bare: [],
    problems: parts.flatMap((part) => part.problems),
  }
}

function bareType(path: string, types: readonly string[]): string | undefined {
  const stem = basename(path).replace(/\.(ya?ml|json)$/, '')
  return types.includes(stem) ? stem : undefined
}

function isObject(document: Document): boolean {
  return isMap(document.contents) && document.contents.has('apiVersion') && document.contents.has('kind')
}

function readDocument(
  file: string,
  document: Document.Parsed,
  counter: LineCounter,
  types: readonly string[],
): Pick<Manifests, 'manifests' | 'problems'> {
  const [error] = document.errors
  if (error !== undefined) {
    const message = error.message.split('\n')[0] ?? error.message
    return { manifests: [], problems: [{ file, line: error.linePos?.[0].line ?? 1, path: '', message }] }
  }
  if (document.contents === null || isEmptyScalar(document.contents)) return { manifests: [], problems: [] }
  if (!isObject(document)) {
    const line = counter.linePos(document.contents.range[0]).line
    const named = types.map((type) => `${type}.yaml`).join(', ')
    const message = `not a Kubernetes object (no apiVersion and kind); a document on its own must be called ${named}`
    return { manifests: [], problems: [{ file, line, path: '', message }] }
  }
  const lineOf = (path: readonly (string | number)[]): number | undefined => textLine(document, counter, path)
  return { manifests: unpack({ file, object: toObject(document.toJS()), lineOf }), problems: [] }
}

function isEmptyScalar(node: ParsedNode): boolean {
  return isScalar(node) && node.value === null
}

/** The items of a List (`kubectl get -o yaml`), or the object itself. */
function unpack(manifest: Manifest): Manifest[] {
  const { kind, items } = manifest.object
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) return [manifest]
  return items.map((item: unknown, index) => ({
    file: manifest.file,
    object: toObject(item),
    lineOf: (path) => manifest.lineOf(['items', index, ...path]),
  }))
}

function toObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

/** The line where the node's text begins: below the `|` of a block scalar, else its own. */
function textLine(
  document: Document,
  counter: LineCounter,
  path: readonly (string | number)[],
): number | undefined {
  const node: unknown = document.getIn(path, true)
  if (!isScalar(node) && !isMap(node) && !isSeq(node)) return undefined
  if (node.range == null) return undefined
  const { line } = counter.linePos(node.range[0])
  return isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED') ? line + 1 : line
}
