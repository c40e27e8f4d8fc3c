import { canonicalJson, sha256 } from '../../src/core/canonical.ts'
import type { Json } from '../../src/core/resource.ts'

/** A value that is no longer than this in JSON is kept and shown as it is. */
const longest = 64

/** What is compared and kept of a value: itself where it is small, else its digest. */
export function digestOf(value: Json): Json {
  const text = canonicalJson(value)
  return text.length <= longest ? value : `sha256:${sha256(text).slice(0, 16)}`
}
