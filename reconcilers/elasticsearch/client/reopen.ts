import { reopeningAlias } from '../markers.ts'
import type { Index } from '../resource.ts'
import { settingClass } from '../setting-class.ts'
import { addMark, removeAlias } from './alias-actions.ts'
import { allWords, refusalOf } from './failures.ts'
import type { Refusal } from './failures.ts'
import { pathPart, writeTimes } from './requests.ts'
import { putSettings, sendSettings } from './set-settings.ts'
import type { SettingChanges } from './set-settings.ts'
import type { Wire, WireRequest } from './wire.ts'

/** However a pass ends, the index that it closed is opened again, and that takes no longer than this. */
const openingMs = 20_000

/** Closed by us for new settings, by a pass that was cut off before it could open the index again. */
function isCutOff({ body, facts }: Index): boolean {
  return facts?.closed === true && Object.hasOwn(body.aliases, reopeningAlias(facts.index))
}

/**
 * An index that was left closed that way, shown as if the settings for which it was closed were not made yet: so the change is
 * planned once more, and making it opens the index. Every other index is shown as it is.
 */
export function showCutOff(index: Index): Index {
  if (!isCutOff(index)) return index
  const open = ([path]: readonly [string, unknown]) =>
    !path.startsWith('settings.') || settingClass(path.slice('settings.'.length)) !== 'static'
  const fields = new Map([...index.fields].filter(open))
  const explicit = new Set([...(index.explicit ?? [])].filter((path) => fields.has(path)))
  return { ...index, fields, explicit, unavailable: 'it is closed while its settings are changed' }
}

/** Settings that an open index does not change. One that somebody else closed stays closed. */
export async function setStatic(
  wire: Wire,
  index: string,
  settings: SettingChanges,
  observed: Index | undefined,
  signal: AbortSignal,
): Promise<readonly Refusal[]> {
  if (observed !== undefined && isCutOff(observed)) {
    return [...(await putSettings(wire, index, settings, signal)), ...(await openAgain(wire, index, signal))]
  }
  if (settings.size === 0) return []
  return observed?.facts?.closed === true
    ? putSettings(wire, index, settings, signal)
    : reopenWith(wire, index, settings, signal)
}

/**
 * Since 8.12 the server takes the shards down and up itself, and nothing can come between; before, the index is closed by us,
 * marked with a hidden alias, and opened again on every path.
 */
async function reopenWith(
  wire: Wire,
  index: string,
  settings: SettingChanges,
  signal: AbortSignal,
): Promise<readonly Refusal[]> {
  const answer = await sendSettings(wire, index, settings, signal, { reopen: true })
  const refusal = refusalOf(answer)
  if (refusal === undefined) return []
  if (!/unrecognized parameter: \[reopen\]/.test(allWords(answer))) return [refusal]
  return whileClosed(wire, index, signal, async () =>
    refusalOf(await sendSettings(wire, index, settings, signal)),
  )
}

async function openAgain(wire: Wire, index: string, signal: AbortSignal): Promise<readonly Refusal[]> {
  const opened = refusalOf(await wire.send(opening(index), signal))
  if (opened !== undefined) return [opened]
  const unmarked = refusalOf(await wire.send(marking(index, 'remove'), signal))
  return unmarked === undefined ? [] : [unmarked]
}

async function whileClosed(
  wire: Wire,
  index: string,
  signal: AbortSignal,
  change: () => Promise<Refusal | undefined>,
): Promise<readonly Refusal[]> {
  const marked = refusalOf(await wire.send(marking(index, 'add'), signal))
  if (marked !== undefined) return [marked]
  try {
    const closing = { method: 'POST', path: `/${pathPart(index)}/_close`, query: writeTimes } as const
    const refusal = refusalOf(await wire.send(closing, signal)) ?? (await change())
    return refusal === undefined ? [] : [refusal]
  } finally {
    await openAgain(wire, index, AbortSignal.timeout(openingMs))
  }
}

function opening(index: string): WireRequest {
  return {
    method: 'POST',
    path: `/${pathPart(index)}/_open`,
    query: { ...writeTimes, wait_for_active_shards: 1 },
  }
}

function marking(index: string, action: 'add' | 'remove'): WireRequest {
  const alias = reopeningAlias(index)
  const step = action === 'add' ? addMark(index, alias) : removeAlias(index, alias, false)
  return {
    method: 'POST',
    path: '/_aliases',
    query: writeTimes,
    body: { actions: [step] },
  }
}
