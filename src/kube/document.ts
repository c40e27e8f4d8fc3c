import {
  LineCounter,
  isMap,
  isPair,
  isNode,
  isScalar,
  isSeq,
  parseDocument as parseYaml,
  visit,
  type Document,
  type YAMLMap,
} from 'yaml'
import { isObject } from '../core/json.ts'
import type { Issue } from '../reconcile/written.ts'
import { NotPlain, toPlain } from './plain-value.ts'
import { plainJson } from './plain-json.ts'

/** A document is a map: entry → value. Undefined entries come with at least one issue. */
export interface ParsedDocument {
  readonly entries: ReadonlyMap<string, unknown> | undefined
  readonly issues: readonly Issue[]
}

/** A text that is one map. Without a value it comes with at least one issue. */
export interface ParsedMap {
  readonly value: Readonly<Record<string, unknown>> | undefined
  readonly issues: readonly Issue[]
}

/** What is said, and borne, of one kind of text. */
export interface TextRules {
  /** Of a text with nothing in it. */
  readonly empty: string
  /** How an empty map is asked for, after the sentence that something else stands there; may be empty. */
  readonly advice: string
  /** Texts longer than this must be plain JSON: the YAML parser needs 0.4 s and 100 MiB for one of 1 MiB. */
  readonly maxYaml: number
}

const documentRules: TextRules = {
  empty: 'is empty; write {} for a document without entries',
  advice: '; write {} for none',
  maxYaml: Infinity,
}

/** Aliases may be used, but not to blow a small text up ("billion laughs"). */
const maxAliasCount = 100

/** A document of JSON or YAML 1.2, read by one grammar (YAML 1.2 holds JSON). `where` names it in issues: the data key. */
export function parseDocument(text: string, where: string): ParsedDocument {
  const { value, issues } = parseMap(text, where, documentRules)
  return { entries: value === undefined ? undefined : new Map(Object.entries(value)), issues }
}

/** The same of any text that must be a map. */
export function parseMap(text: string, where: string, rules: TextRules): ParsedMap {
  const bare = text.startsWith('\uFEFF') ? text.slice(1) : text
  try {
    if (bare.trim() === '') return failed(where, rules.empty)
    const simple = plainJson(bare)
    if (simple !== undefined) return toMap(simple, where, rules)
    return bare.length > rules.maxYaml ? failed(where, notPlain(rules)) : readYaml(bare, where, rules)
  } catch (error) {
    if (error instanceof NotPlain) return failed(error.path.join('.') || where, error.message)
    // The parser recurses, so a text nested past the stack ends here; so do too many aliases.
    const cause = error instanceof RangeError ? 'is nested too deeply' : 'expands its aliases too often'
    return failed(where, cause)
  }
}

function notPlain({ maxYaml }: TextRules): string {
  return `is larger than ${maxYaml} characters, so it must be plain JSON: no comment, no key twice, no integer beyond 2^53`
}

/**
 * The 1-based line of a path of keys. The text is read again for it, once, when somebody asks: only texts with issues are asked.
 */
export function lineIndex(text: string): (path: readonly string[]) => number | undefined {
  const lines = new LineCounter()
  let yaml: Document.Parsed | undefined
  return (path) => {
    yaml ??= parseTree(text.startsWith('\uFEFF') ? text.slice(1) : text, lines)
    let line: number | undefined
    let node: unknown = yaml.contents
    for (const segment of path) {
      const below = stepInto(node, segment)
      if (below === undefined) return line
      line = lineOfNode(below.named, lines) ?? line
      node = below.node
    }
    return line
  }
}

/** A member by its key, an element by its index; `named` is the node at whose line it begins. */
function stepInto(
  node: unknown,
  segment: string,
): { readonly named: unknown; readonly node: unknown } | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(segment)]
    return item === undefined ? undefined : { named: item, node: item }
  }
  const pair = isMap(node)
    ? node.items.find((each) => isScalar(each.key) && String(each.key.value) === segment)
    : undefined
  return pair === undefined ? undefined : { named: pair.key, node: pair.value }
}

function readYaml(text: string, where: string, rules: TextRules): ParsedMap {
  const lines = new LineCounter()
  const yaml = parseTree(text, lines)
  const problems = [...yaml.errors, ...yaml.warnings]
  if (problems.length > 0) {
    const issues = problems.slice(0, 20).map((problem) => ({
      path: where,
      message: sentenceOf(problem.code, problem.message),
      line: lines.linePos(problem.pos[0]).line,
    }))
    return { value: undefined, issues }
  }
  const repeated = findRepeatedKeys(yaml, lines)
  if (repeated.length > 0) return { value: undefined, issues: repeated }
  return toMap(yaml.toJS({ mapAsMap: true, maxAliasCount }), where, rules)
}

function parseTree(text: string, lineCounter: LineCounter): Document.Parsed {
  return parseYaml(text, {
    version: '1.2',
    schema: 'core',
    // Its own check compares every key with every other: seconds for 20,000 entries.
    uniqueKeys: false,
    intAsBigInt: true,
    resolveKnownTags: false,
    stringKeys: true,
    prettyErrors: false,
    logLevel: 'error',
    lineCounter,
  })
}

function toMap(value: unknown, where: string, { advice }: TextRules): ParsedMap {
  const plain = toPlain(value)
  if (isObject(plain)) return { value: plain, issues: [] }
  return failed(where, `must be a map of names to values, not ${sayKind(plain)}${advice}`)
}

function findRepeatedKeys(yaml: Document.Parsed, lines: LineCounter): readonly Issue[] {
  const issues: Issue[] = []
  visit(yaml, {
    Map(_, map, ancestors) {
      issues.push(...repeatedIn(map, ancestors, lines))
    },
  })
  return issues
}

function repeatedIn(map: YAMLMap, ancestors: readonly unknown[], lines: LineCounter): readonly Issue[] {
  const seen = new Map<string, number | undefined>()
  const issues: Issue[] = []
  for (const { key } of map.items) {
    const name = isScalar(key) ? String(key.value) : ''
    const line = lineOfNode(key, lines)
    if (seen.has(name)) {
      const path = [...pathOf(ancestors), name].join('.')
      issues.push({
        path,
        message: `is written twice, first in line ${seen.get(name) ?? '?'}`,
        ...(line && { line }),
      })
    } else {
      seen.set(name, line)
    }
  }
  return issues
}

function pathOf(ancestors: readonly unknown[]): readonly string[] {
  return ancestors.filter((each) => isPair(each)).map(({ key }) => (isScalar(key) ? String(key.value) : '?'))
}

function lineOfNode(node: unknown, lines: LineCounter): number | undefined {
  return isNode(node) && node.range ? lines.linePos(node.range[0]).line : undefined
}

const sentences: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'holds more than one document (---); keep one',
  NON_STRING_KEY: 'has a key that is not a string',
  TAG_RESOLVE_FAILED: 'has a tag (!…) that JSON does not know',
}

function sentenceOf(code: string, message: string): string {
  return sentences[code] ?? `cannot be read: ${message.split('\n')[0] ?? ''}`
}

function sayKind(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`
}

function failed(path: string, message: string): ParsedMap {
  return { value: undefined, issues: [{ path, message }] }
}
