import { isRecord } from './answer.ts'

/** JSON merge patch (RFC 7396): maps merge, null takes a member away, everything else replaces. Neither argument is changed. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch
  const merged = Object.create(null) as Record<string, unknown>
  if (isRecord(target)) for (const [name, value] of Object.entries(target)) merged[name] = value
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(merged, name)
    else merged[name] = mergePatch(merged[name], value)
  }
  return merged
}

/** The same for whole documents: an entry of null takes the base's entry away. */
export function mergeEntries(
  base: ReadonlyMap<string, unknown>,
  patch: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, unknown> {
  const merged = new Map(base)
  for (const [name, value] of patch) {
    if (value === null) merged.delete(name)
    else merged.set(name, mergePatch(merged.get(name), value))
  }
  return merged
}
