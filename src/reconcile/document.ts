import type { z } from 'zod'
import type { Resource } from '../core/resource.ts'
import type { ResourceType } from './resource-type.ts'
import type { Issue, Written } from './written.ts'

/** An entry that cannot be used, with why. It is left alone on the service; the other entries go on. */
export interface InvalidEntry {
  readonly name: string
  readonly issues: readonly Issue[]
}

export interface Document<R extends Resource> {
  readonly desired: readonly R[]
  readonly invalid: readonly InvalidEntry[]
}

/** Every entry through the schema of its type, one by one. Pure, so a document that did not change is read once. */
export function readDocument<R extends Resource>(type: ResourceType<R>, written: Written): Document<R> {
  const known = documents.get(written)
  if (known?.type === type) return known.document as Document<R>
  const document = readEntries(type, written)
  documents.set(written, { type, document })
  return document
}

const documents = new WeakMap<Written, { readonly type: unknown; readonly document: Document<Resource> }>()

function readEntries<R extends Resource>(type: ResourceType<R>, written: Written): Document<R> {
  const desired: R[] = []
  const invalid: InvalidEntry[] = []
  for (const [name, value] of written.entries ?? []) {
    const key = type.entryName.safeParse(name)
    const entry = type.schema.safeParse(value)
    if (key.success && entry.success) desired.push(type.normalize(name, entry.data))
    else
      invalid.push({
        name,
        issues: [...issuesOf(name, key.error, written), ...issuesOf(name, entry.error, written)],
      })
  }
  return { desired, invalid }
}

function issuesOf(name: string, error: z.ZodError | undefined, written: Written): readonly Issue[] {
  return (error?.issues ?? []).map((issue) => {
    const path = [name, ...issue.path.map(String)]
    const line = written.lineOf?.(path)
    const found = { path: path.join('.'), message: issue.message }
    return line === undefined ? found : { ...found, line }
  })
}

/** `user-events.partitions (line 3): must be a positive integer`. */
export function describeIssue(issue: Issue): string {
  const line = issue.line === undefined ? '' : ` (line ${issue.line})`
  return `${issue.path}${line}: ${issue.message}`
}
