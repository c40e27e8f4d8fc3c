import { type Document, isMap, isScalar, isSeq, type LineCounter, type Node } from 'yaml'
import { type Manifest, nameOf, type Path, pointerSteps, valueAt } from './manifest.ts'
import { textLineOf } from './kustomization.ts'
import type { Rendered } from './kustomize.ts'
import { foldersOf, type PatchSource, type Source, type SourceFolder, sourceOf } from './sources.ts'

/** Where something stands in Git. */
export interface Place {
  readonly file: string
  readonly line: number
}

interface Candidate extends Place {
  /** The file's line of the first line of the text that stands there. */
  readonly textLine: number
  /** How many steps of the path were found there. */
  readonly depth: number
  /** True when the last step was found and holds what was rendered. */
  readonly exact: boolean
}

/**
 * The place in Git of a path of a rendered object: a patch that sets it, else the file the object comes from; undefined where
 * neither can be told. The object's own line stands for what is nowhere.
 */
export function placeOf(folder: SourceFolder, { manifest, origin }: Rendered, path: Path): Place | undefined {
  const best = bestCandidate(folder, { manifest, origin }, path)
  if (best !== undefined) return { file: best.file, line: best.line }
  const kustomization = foldersOf(folder).find((each) => each.kustomization.file === origin)?.kustomization
  return kustomization === undefined ? undefined : generatorPlace(kustomization, manifest)
}

/** Where the text begins that stands at a path, where it stands in Git as it was rendered. */
export function textPlaceOf(folder: SourceFolder, rendered: Rendered, path: Path): Place | undefined {
  const best = bestCandidate(folder, rendered, path)
  return best?.exact === true ? { file: best.file, line: best.textLine } : undefined
}

/** The place of a path inside a text that is YAML itself. */
export function placeWithin(
  folder: SourceFolder,
  rendered: Rendered,
  path: Path,
  within: Path,
): Place | undefined {
  const start = textPlaceOf(folder, rendered, path)
  const text = valueAt(rendered.manifest, path)
  if (start === undefined || typeof text !== 'string') return undefined
  const source = sourceOf(start.file, text, start.line)
  const [document] = source.documents
  const { line } = locate(source, document?.contents, document?.toJS(), within)
  return { file: start.file, line }
}

function bestCandidate(
  folder: SourceFolder,
  { manifest, origin }: Rendered,
  path: Path,
): Candidate | undefined {
  const folders = foldersOf(folder)
  const patches = folders.flatMap((each) => each.patches.flatMap((patch) => inPatch(patch, manifest, path)))
  const generated = folders.flatMap((each) => inGenerated(each, manifest, path))
  const own = folders
    .flatMap((each) => each.resources)
    .filter(({ file }) => file === origin)
    .flatMap((source) => inObjects(source, manifest, path))
  // What a patch does not hold as it was rendered, it did not make.
  const made = [...patches, ...generated].filter(({ exact }) => exact)
  const all = [...made, ...own, ...patches.filter(({ depth }) => depth > 2)]
  return all.reduce<Candidate | undefined>((a, b) => (a === undefined || isBetter(b, a) ? b : a), undefined)
}

function isBetter(a: Candidate, b: Candidate): boolean {
  return a.exact === b.exact ? a.depth > b.depth : a.exact
}

function inObjects(source: Source, manifest: Manifest, path: Path): readonly Candidate[] {
  return source.documents
    .filter((document) => speaksOf(document, manifest))
    .map((document) => locate(source, document.contents, manifest, path))
}

function speaksOf(document: Document.Parsed, { kind, metadata }: Manifest): boolean {
  const name: unknown = document.getIn(['metadata', 'name'])
  return document.get('kind') === kind && typeof name === 'string' && isFormOf(metadata.name, name)
}

/** A rendered name may have gained a prefix or a suffix. */
function isFormOf(rendered: string, written: string): boolean {
  return rendered.startsWith(written) || rendered.endsWith(written)
}

function inPatch({ source, target }: PatchSource, manifest: Manifest, path: Path): readonly Candidate[] {
  return source.documents.flatMap((document) => {
    const { contents } = document
    if (isSeq(contents)) {
      if (target === undefined || !isMeant(target, manifest)) return []
      return contents.items.flatMap((operation) => inOperation(source, operation, manifest, path))
    }
    const meant = target === undefined ? speaksOf(document, manifest) : isMeant(target, manifest)
    return meant ? [locate(source, contents, manifest, path)] : []
  })
}

function isMeant(target: NonNullable<PatchSource['target']>, { kind, metadata }: Manifest): boolean {
  const { kind: wanted, name } = target
  if (wanted !== undefined && !new RegExp(`^(${wanted})$`).test(kind)) return false
  return name === undefined || isFormOf(metadata.name, name) || new RegExp(`^(${name})$`).test(metadata.name)
}

/** One operation of a JSON patch: what it sets, where its path leads to what is looked for. */
function inOperation(
  source: Source,
  operation: unknown,
  manifest: Manifest,
  path: Path,
): readonly Candidate[] {
  if (!isMap(operation)) return []
  const pointer: unknown = operation.get('path')
  if (typeof pointer !== 'string') return []
  const steps = pointerSteps(pointer)
  const leads =
    steps.length <= path.length && steps.every((step, at) => step === '-' || step === String(path[at]))
  if (!leads) return []
  const value: unknown = operation.get('value', true)
  const below = locate(source, value, manifest, path, steps.length)
  const line = lineIn(source, isScalar(value) || isMap(value) || isSeq(value) ? value : operation)
  return [below.depth === steps.length ? { ...below, line } : below]
}

/** A value of a generated ConfigMap is the text of a file. */
function inGenerated({ generated }: SourceFolder, manifest: Manifest, path: Path): readonly Candidate[] {
  const [field, key] = path
  if ((field !== 'data' && field !== 'stringData') || key === undefined) return []
  const text = valueAt(manifest, path)
  return generated
    .filter((each) => isMadeAs(manifest, each.name) && each.key === key && each.source.text === text)
    .map(({ source }) => ({ file: source.file, line: 1, textLine: 1, depth: path.length, exact: true }))
}

/** Follows a path as far as it goes; elements of lists are known by the name of the rendered one. */
function locate(source: Source, from: unknown, rendered: unknown, path: Path, start = 0): Candidate {
  let node: unknown = from
  let line = lineIn(source, from)
  let depth = start
  for (const step of path.slice(start)) {
    const next = nextNode(node, step, valueAt(rendered, path.slice(0, depth + 1)))
    if (next === undefined) break
    line = lineIn(source, next.named)
    node = next.node
    depth += 1
  }
  const exact = depth === path.length && holds(node, valueAt(rendered, path))
  return { file: source.file, line, textLine: textLineOf(node, lineIn(source, node)), depth, exact }
}

function nextNode(
  node: unknown,
  step: string | number,
  rendered: unknown,
): { readonly named: unknown; readonly node: unknown } | undefined {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
    return pair === undefined ? undefined : { named: pair.key, node: pair.value }
  }
  if (!isSeq(node) || typeof step !== 'number') return undefined
  const name = nameOf(rendered)
  const named = node.items.find((item) => name !== undefined && isMap(item) && item.get('name') === name)
  const item = named ?? (name === undefined ? node.items[step] : undefined)
  return item === undefined ? undefined : { named: item, node: item }
}

/** A map or a list is taken to hold what was rendered: it may have been merged. */
function holds(node: unknown, value: unknown): boolean {
  if (!isScalar(node)) return typeof value === 'object'
  return String(node.value) === String(value)
}

function lineIn(
  { lines, firstLine }: { readonly lines: LineCounter; readonly firstLine: number },
  node: unknown,
): number {
  const at = isNode(node) ? (node.range?.[0] ?? 0) : 0
  return lines.linePos(at).line + firstLine - 1
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value)
}

/** A generator ends its names with a hash of the content, unless it was told not to. */
function isMadeAs({ metadata: { name } }: Manifest, written: string): boolean {
  return isFormOf(name, written) || isFormOf(name.replace(/-[a-z0-9]{10}$/, ''), written)
}

/** The generator that made an object. */
function generatorPlace(kustomization: Source, manifest: Manifest): Place {
  const [document] = kustomization.documents
  const generators = ['configMapGenerator', 'secretGenerator'].flatMap((field) => {
    const list: unknown = document?.get(field)
    return isSeq(list) ? list.items : []
  })
  const found = generators.find((each) => {
    const name: unknown = isMap(each) ? each.get('name') : undefined
    return typeof name === 'string' && isMadeAs(manifest, name)
  })
  return { file: kustomization.file, line: found === undefined ? 1 : lineIn(kustomization, found) }
}
