import type { z } from 'zod'
import { nearest } from '../core/nearest.ts'
import { quote } from '../core/quote.ts'

/** Of a map's unknown keys, what was probably meant. `elsewhere`: keys that people look for here, and where they belong. */
export function strict(what: string, shape: z.ZodRawShape, elsewhere: Readonly<Record<string, string>> = {}) {
  const known = Object.keys(shape)
  return (issue: z.core.$ZodRawIssue): string => {
    if (issue.code !== 'unrecognized_keys') return `${what} is a map of ${listed(known)}`
    const said = (issue.keys as readonly string[]).map((key) => {
      const meant = Object.hasOwn(elsewhere, key) ? elsewhere[key] : nearest(key, known)
      return meant === undefined ? quote(key) : `${quote(key)} (did you mean ${quote(meant)}?)`
    })
    return `${said.join(', ')} is not known here; ${what} has ${listed(known)}`
  }
}

function listed(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`
}
