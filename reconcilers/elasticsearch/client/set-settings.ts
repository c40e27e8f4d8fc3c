import type { Json } from '../../../src/core/resource.ts'
import { objectOf } from '../../../src/core/json.ts'
import { allWords, refusalOf } from './failures.ts'
import type { Refusal } from './failures.ts'
import { pathPart, writeTimes } from './requests.ts'
import type { Wire, WireAnswer } from './wire.ts'

/** `index.…` → value, or null to return to the default. */
export type SettingChanges = ReadonlyMap<string, Json>

/**
 * Sets settings of an open index in one request. One key that this server does not change on an open index would void them all:
 * those are left out and told, and the rest is sent again.
 */
export async function putSettings(
  wire: Wire,
  index: string,
  settings: SettingChanges,
  signal: AbortSignal,
): Promise<readonly Refusal[]> {
  if (settings.size === 0) return []
  const answer = await sendSettings(wire, index, settings, signal)
  const refusal = refusalOf(answer)
  if (refusal === undefined) return []
  const fixed = notChangeable(allWords(answer)).filter((key) => settings.has(key))
  if (fixed.length === 0) return [refusal]
  const rest = new Map([...settings].filter(([key]) => !fixed.includes(key)))
  const told: Refusal = {
    reason: 'RejectedByServer',
    message: `the server does not change ${fixed.join(', ')} of an open index`,
  }
  return [told, ...(await putSettings(wire, index, rest, signal))]
}

export async function sendSettings(
  wire: Wire,
  index: string,
  settings: SettingChanges,
  signal: AbortSignal,
  query: Readonly<Record<string, string | boolean>> = {},
): Promise<WireAnswer> {
  return wire.send(
    {
      method: 'PUT',
      path: `/${pathPart(index)}/_settings`,
      query: { ...writeTimes, ...query },
      body: objectOf(settings),
    },
    signal,
  )
}

/** "Can't update non dynamic settings [[index.a, index.b]] for open indices …", "final orders setting [index.mode], not updateable". */
export function notChangeable(words: string): readonly string[] {
  const [, several] = /non dynamic settings \[\[([^\]]*)\]\]/.exec(words) ?? []
  const [, final] = /final \S+ setting \[([^\]]*)\], not updateable/.exec(words) ?? []
  return (several ?? final ?? '')
    .split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '')
}
