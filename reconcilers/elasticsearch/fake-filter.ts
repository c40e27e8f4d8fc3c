import { wildcard } from './fake-state.ts'
import { isObject } from '../../src/core/json.ts'

/** `filter_path`: what the answer is cut down to. `*` is one member, `**` any way down; a dot within a name is escaped. */
export function filterPath(body: unknown, paths: string): unknown {
  const patterns = paths
    .split(',')
    .map((path) => path.split(/(?<!\\)\./).map((part) => part.replaceAll('\\.', '.')))
  return cut(body, patterns) ?? {}
}

function cut(value: unknown, patterns: readonly (readonly string[])[]): unknown {
  if (patterns.some((pattern) => pattern.length === 0)) return value
  if (Array.isArray(value)) {
    const items = value.map((item) => cut(item, patterns)).filter((item) => item !== undefined)
    return items.length === 0 ? undefined : items
  }
  if (!isObject(value)) return undefined
  const members = Object.entries(value).flatMap(([name, member]): [string, unknown][] => {
    const rest = patterns.flatMap((pattern) => next(pattern, name))
    const kept = rest.length === 0 ? undefined : cut(member, rest)
    return kept === undefined ? [] : [[name, kept]]
  })
  return members.length === 0 ? undefined : Object.fromEntries(members)
}

function next([head = '', ...rest]: readonly string[], name: string): readonly (readonly string[])[] {
  if (head === '**') {
    const [follow = '', ...others] = rest
    const taken = rest.length > 0 && wildcard(follow)(name) ? [others] : []
    return [['**', ...rest], ...taken]
  }
  return wildcard(head)(name) ? [rest] : []
}
