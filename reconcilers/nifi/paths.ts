import { quote } from '../../src/core/quote.ts'
import { escapeName, unescapeName } from './definition/components.ts'
import { nameOf } from './names.ts'

/** Names of groups from the root downwards → `root/Team A/Ingest`; a slash in a name is written `~1`, a tilde `~0`. */
export function parentPath(names: readonly string[]): string {
  return ['root', ...names.map(escapeName)].join('/')
}

/** The inverse; the empty list is the root itself. */
export function parentNames(path: string): readonly string[] {
  return path.split('/').slice(1).map(unescapeName)
}

/** Why a parent cannot be used. */
export function parentIssue(path: string): string | undefined {
  const [root, ...names] = path.split('/')
  if (root !== 'root') return `parent begins with "root", such as "root/Team A"; ${quote(path)} does not`
  return names.some((name) => name.trim() === '')
    ? `parent has an empty name between slashes: ${quote(path)}; a slash in a name is written ~1`
    : undefined
}

/** Why an entry of `parameter-contexts` cannot be used. */
export function contextPathIssue(path: string, context: unknown): string | undefined {
  if (path !== '/' && !/^(\/[^/]+)+$/.test(path))
    return `a group path is "/" for the flow’s own group, or such as "/ingest/parse"; ${quote(path)} is not (a slash in a name is written ~1)`
  if (context === null) return undefined
  const checked = nameOf('a parameter context').safeParse(context)
  return checked.success ? undefined : `${checked.error.issues[0]?.message ?? ''}; null is none`
}
