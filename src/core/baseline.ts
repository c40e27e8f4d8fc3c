import { equal } from './canonical.ts'
import { type InventoryEntry, sameFields } from './inventory.ts'
import type { Fields, Json, Resource } from './resource.ts'

/** What the service spelled, as kept: null stands for "shows nothing". */
type Spelling = Pick<InventoryEntry, 'spelled' | 'spelledBy' | 'edition'>

/** Whether it is known what the service made of what is written, so that everything it shows can be judged. */
export function hasBaseline(desired: Resource, entry: InventoryEntry | undefined): boolean {
  return desired.baseline === true && entry?.spelled !== undefined
}

/** Whether another release of the service answers than the one whose spelling is known. */
export function isRespelled({ spelledBy }: Resource, entry: InventoryEntry | undefined): boolean {
  return entry?.spelledBy !== undefined && spelledBy !== undefined && spelledBy !== entry.spelledBy
}

/** Whether nobody has saved it since the service took what is written: what differs then is the service's own doing. */
export function isUntouched({ edition }: Resource, entry: InventoryEntry | undefined): boolean {
  return edition !== undefined && edition === entry?.edition
}

/** What the service showed right after it took what is written. */
export function lastShown({ fields, spelled }: InventoryEntry): Fields {
  const shown = new Map(fields)
  for (const [path, value] of spelled ?? []) {
    if (value === null) shown.delete(path)
    else shown.set(path, value)
  }
  return shown
}

/** What the service is expected to show: desired, and in place of it what the service made of the very same when it took it. */
export function expected(desired: Resource, entry: InventoryEntry | undefined): Fields {
  if (entry?.spelled === undefined || desired.baseline !== true) return desired.fields
  const fields = new Map(desired.fields)
  for (const [path, shown] of entry.spelled) {
    const moved = !equal(entry.fields.get(path), desired.fields.get(path))
    if (moved) continue
    if (shown === null) fields.delete(path)
    else fields.set(path, shown)
  }
  return fields
}

export interface Showing {
  /** As kept until now. */
  readonly entry: InventoryEntry
  readonly desired: Resource
  /** As applied now. */
  readonly fields: Fields
  readonly observed: Resource | undefined
  /** Paths that were withheld: what is seen there is not the service's spelling of what is written. */
  readonly withheld: ReadonlySet<string>
  /** True where the service took all of it just now. */
  readonly taken: boolean
}

/** What is to be kept of the service's spelling. The same as before where nothing was taken and no other release answers. */
export function spelling(showing: Showing): Spelling {
  const { entry, desired, observed, withheld } = showing
  if (desired.baseline !== true) return {}
  if (observed === undefined || observed.unread === true) return keptSpelling(entry)
  if (stands(showing, observed)) return { ...keptSpelling(entry), ...editionOf(showing, observed) }
  const { spelledBy, edition } = observed
  return {
    spelled: spelledNow(showing, observed),
    ...(spelledBy === undefined ? {} : { spelledBy }),
    // With something withheld it may be another's doing.
    ...(edition === undefined || withheld.size > 0 ? {} : { edition }),
  }
}

/** Whether what is known of the spelling is true of what is applied now. */
function stands({ entry, fields, taken }: Showing, observed: Resource): boolean {
  if (entry.spelled === undefined || taken) return false
  if (isRespelled(observed, entry) || isUntouched(observed, entry)) return false
  return sameFields(entry.fields, fields)
}

/** Saved anew and yet the same: from now on that is the edition nobody has changed. With something withheld it is not the same. */
function editionOf(showing: Showing, observed: Resource): Pick<Spelling, 'edition'> {
  const { edition } = observed
  if (edition === undefined || showing.withheld.size > 0) return {}
  return sameFields(spelledNow(showing, observed), showing.entry.spelled) ? { edition } : {}
}

function spelledNow(showing: Showing, observed: Resource): Fields {
  const spelled = new Map<string, Json>()
  for (const path of pathsOf(showing, observed)) {
    const shown = shownAt(path, showing, observed)
    if (shown !== undefined) spelled.set(path, shown)
  }
  return spelled
}

export function keptSpelling({ spelled, spelledBy, edition }: InventoryEntry): Spelling {
  return {
    ...(spelled === undefined ? {} : { spelled }),
    ...(spelledBy === undefined ? {} : { spelledBy }),
    ...(edition === undefined ? {} : { edition }),
  }
}

/** Of a resource that is written as a whole, everything that is shown; else only what is written. */
function pathsOf({ desired, fields }: Showing, observed: Resource): Iterable<string> {
  return desired.whole === true ? new Set([...fields.keys(), ...observed.fields.keys()]) : fields.keys()
}

/** Undefined where the service shows what is written. */
function shownAt(path: string, { entry, fields, withheld }: Showing, observed: Resource): Json | undefined {
  if (withheld.has(path)) return entry.spelled?.get(path)
  const shown = observed.fields.get(path)
  return equal(shown, fields.get(path)) ? undefined : (shown ?? null)
}
