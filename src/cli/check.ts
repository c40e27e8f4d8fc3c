import type { Change, FieldChange, Resource } from '../core/resource.ts'
import { describePlace, readDocument } from '../reconcile/document.ts'
import type { Issue } from '../reconcile/written.ts'
import type { DesiredDocument } from './desired.ts'
import type { Problem } from './manifests.ts'

/** An entry that keeps its schema, with the document it stands in. */
interface ValidEntry {
  readonly document: DesiredDocument
  readonly resource: Resource
}

/**
 * Everything that is wrong with desired documents and can be known without a server: the document as a whole, each entry against
 * its schema, entries written twice, and the rules that need no server. A base is judged through the documents that extend it.
 */
export function check(documents: readonly DesiredDocument[]): readonly Problem[] {
  const problems = [...documentProblems(documents)]
  const valid: ValidEntry[] = []
  for (const document of documents) {
    if (document.base) continue
    const { desired, invalid } = readDocument(document.type, document.written)
    problems.push(...invalid.flatMap(({ issues }) => issues.map((issue) => problemAt(document, issue))))
    valid.push(...desired.map((resource) => ({ document, resource })))
  }
  return [...problems, ...duplicates(valid), ...refusals(valid)]
}

/** Why documents cannot be used as a whole: syntax, a duplicate key, a wrong control, a base that is not there. */
export function documentProblems(documents: readonly DesiredDocument[]): readonly Problem[] {
  return documents.flatMap((document) => document.written.issues.map((issue) => problemAt(document, issue)))
}

/** A line within the document's text becomes the file's; without one it is the object's own line. */
function problemAt(document: DesiredDocument, issue: Issue): Problem {
  if (issue.definition !== undefined) return problemInDefinition(document, issue)
  const { file, firstLine, line } = document
  const inFile = issue.line === undefined || firstLine === undefined ? line : firstLine + issue.line - 1
  const { path, message } = issue
  return inFile === undefined ? { file, path, message } : { file, line: inFile, path, message }
}

/** A line within a definition becomes that of its file; where that is not known it stays in the words. */
function problemInDefinition({ file, line, textOf }: DesiredDocument, issue: Issue): Problem {
  const { line: inside, message, ...place } = issue
  const text = issue.definition === undefined ? undefined : textOf?.(issue.definition)
  if (text !== undefined && inside !== undefined)
    return { file: text.file, line: text.line + inside - 1, path: describePlace(place), message }
  const path = describePlace(issue)
  return line === undefined ? { file, path, message } : { file, line, path, message }
}

function problemIn({ document, resource }: ValidEntry, message: string, field?: string): Problem {
  const path = field === undefined ? resource.name : `${resource.name}.${field}`
  const line = document.written.lineOf?.([resource.name])
  return problemAt(document, line === undefined ? { path, message } : { path, message, line })
}

/** The scope of a resource's identity: one service, one of its instances. */
function scopeOf({ service, instance, type }: DesiredDocument): string {
  return `${service.kind}/${instance}/${type.name}`
}

function duplicates(entries: readonly ValidEntry[]): readonly Problem[] {
  const first = new Map<string, ValidEntry>()
  const problems: Problem[] = []
  for (const entry of entries) {
    const key = `${scopeOf(entry.document)}/${entry.resource.name}`
    const other = first.get(key)
    if (other === undefined) first.set(key, entry)
    else
      problems.push(
        problemIn(entry, `is written in ${other.document.written.key} too; one ConfigMap must name it`),
      )
  }
  return problems
}

/** What a rule refuses for good, judged as if the server were empty: wrong names, collisions among what is written. */
function refusals(entries: readonly ValidEntry[]): readonly Problem[] {
  const scopes = Map.groupBy(entries, ({ document }) => scopeOf(document))
  return [...scopes.values()].flatMap((peers) => {
    const desired = peers.map(({ resource }) => resource)
    const context = { desired, names: [], emptyDocument: false }
    return peers.flatMap((entry) =>
      entry.document.type.rules
        .filter((rule) => rule.severity === 'refused')
        .flatMap((rule) => rule.judge?.(creation(entry.resource), context) ?? [])
        .map((finding) => problemIn(entry, finding.message, finding.fields?.[0])),
    )
  })
}

function creation(desired: Resource): Change {
  const { type, name } = desired
  const fields = [...desired.fields].map(([path, after]): FieldChange => ({ path, after, cause: 'written' }))
  return { action: 'create', type, name, cause: 'written', fields, desired }
}
