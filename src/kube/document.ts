import {
  LineCounter,
  isMap,
  isPair,
  isScalar,
  parseDocument as parseYaml,
  visit,
  type Document,
  type YAMLMap,
} from 'yaml'
import type { Issue } from '../reconcile/written.ts'
import { NotPlain, toPlain } from './plain-value.ts'
import { plainJson } from './plain-json.ts'

/** A document is a map: entry → value. Undefined entries come with at least one issue. */
export interface ParsedDocument {
  readonly entries: ReadonlyMap<string, unknown> | undefined
  readonly issues: readonly Issue[]
}

/** Aliases may be used, but not to blow a small text up ("billion laughs"). */
const maxAliasCount = 100

/** A document of JSON or YAML 1.2, read by one grammar (YAML 1.2 holds JSON). `where` names it in issues: the data key. */
export function parseDocument(text: string, where: string): ParsedDocument {
  const bare = text.startsWith('\uFEFF') ? text.slice(1) : text
  try {
    if (bare.trim() === '') return failed(where, 'is empty; write {} for a document without entries')
    const simple = plainJson(bare)
    return simple === undefined ? readYaml(bare, where) : toEntries(simple, where)
  } catch (error) {
    if (error instanceof NotPlain) return failed(error.path.join('.') || where, error.message)
    // The parser recurses, so a text nested past the stack ends here; so do too many aliases.
    const cause = error instanceof RangeError ? 'is nested too deeply' : 'expands its aliases too often'
    return failed(where, cause)
  }
}

/** The 1-based line of a path of keys, found by reading the text again: only documents with issues are asked. */
export function lineIndex(text: string): (path: readonly string[]) => number | undefined {
  const lines = new LineCounter()
  const yaml = parseTree(text.startsWith('\uFEFF') ? text.slice(1) : text, lines)
  return (path) => {
    let line: number | undefined
    let node: unknown = yaml.contents
    for (const segment of path) {
      const pair = isMap(node)
        ? node.items.find((each) => isScalar(each.key) && String(each.key.value) === segment)
        : undefined
      if (pair === undefined) return line
      line = lineOfNode(pair.key, lines) ?? line
      node = pair.value
    }
    return line
  }
}

function readYaml(text: string, where: string): ParsedDocument {
  const lines = new LineCounter()
  const yaml = parseTree(text, lines)
  const problems = [...yaml.errors, ...yaml.warnings]
  if (problems.length > 0) {
    const issues = problems.slice(0, 20).map((problem) => ({
      path: where,
      message: sentenceOf(problem.code, problem.message),
      line: lines.linePos(problem.pos[0]).line,
    }))
    return { entries: undefined, issues }
  }
  const repeated = findRepeatedKeys(yaml, lines)
  if (repeated.length > 0) return { entries: undefined, issues: repeated }
  return toEntries(yaml.toJS({ mapAsMap: true, maxAliasCount }), where)
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

function toEntries(value: unknown, where: string): ParsedDocument {
  const plain = toPlain(value)
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) {
    return failed(where, `must be a map of names to values, not ${sayKind(plain)}; write {} for none`)
  }
  return { entries: new Map(Object.entries(plain)), issues: [] }
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
  return isScalar(node) && node.range ? lines.linePos(node.range[0]).line : undefined
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

function failed(path: string, message: string): ParsedDocument {
  return { entries: undefined, issues: [{ path, message }] }
}
