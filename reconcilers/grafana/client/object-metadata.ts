import { type JsonObject, objectOf, ownObject, toJsonObject, without } from '../../../src/core/json.ts'
import { textAt } from '../../../src/core/members.ts'
import { placeOf } from '../folder.ts'
import { isColleagues, ownManager } from '../manager.ts'
import type { Edits, Manager } from '../resource.ts'
import type { WireAnswer } from './wire.ts'

const prefix = 'grafana.app/'

/** What a manager says of itself, and nobody after it. */
const managing = [
  'managedBy',
  'managerId',
  'managerAllowsEdits',
  'managerSuspended',
  'sourcePath',
  'sourceChecksum',
  'sourceTimestamp',
].map((name) => `${prefix}${name}`)

export function managerOf(metadata: unknown): Manager | undefined {
  const kind = said(metadata, 'managedBy')
  return kind === '' ? undefined : { kind, id: said(metadata, 'managerId') }
}

/** Grafana's pages lock what is managed unless its manager allows edits, in whatever words. */
export function editsOf(metadata: unknown): Edits | undefined {
  if (managerOf(metadata) === undefined) return undefined
  return said(metadata, 'managerAllowsEdits') === '' ? 'locked' : 'allowed'
}

export function folderOf(metadata: unknown): string {
  return placeOf(said(metadata, 'folder'))
}

/** `metadata.uid`, and the number that the older API has for it. */
export function idsOf(metadata: unknown): readonly string[] {
  return [textAt(metadata, 'uid'), textAt(metadata, 'labels', `${prefix}deprecatedInternalID`)].filter(
    (id) => id !== '',
  )
}

/** The one it was known by, where that is one of its own still: so it stays ours over the move to the newer API. */
export function identity(ids: readonly string[], known: string | undefined): { readonly id?: string } {
  const id = known !== undefined && ids.includes(known) ? known : ids[0]
  return id === undefined ? {} : { id }
}

export function savedBy(metadata: unknown): { readonly by?: string; readonly at?: string } {
  const by = said(metadata, 'updatedBy') || said(metadata, 'createdBy')
  const at = said(metadata, 'updatedTimestamp') || textAt(metadata, 'creationTimestamp')
  return { ...(by !== '' && { by }), ...(at !== '' && { at }) }
}

/** What is said of an object besides what is in it. */
interface Place {
  readonly folder: string
  readonly edits: Edits
}

/** The annotations of something new. */
export function annotationsOfNew(place: Place): JsonObject {
  // Without it nobody but administrators sees what is made at the top.
  const granted = { [`${prefix}grant-permissions`]: 'default' }
  return { ...annotationsFor(place, objectOf([])), ...(place.folder === '' && granted) }
}

/** The annotations that are sent: what others have put there stays, except what another manager has. */
export function annotationsFor({ folder, edits }: Place, metadata: JsonObject): JsonObject {
  const annotations = new Map(Object.entries(withoutManager(metadata)))
  const mine = {
    folder,
    managedBy: ownManager.kind,
    managerId: ownManager.id,
    managerAllowsEdits: edits === 'allowed' ? 'true' : '',
    message: ownManager.id,
  }
  for (const [name, value] of Object.entries(mine)) {
    if (value === '') annotations.delete(`${prefix}${name}`)
    else annotations.set(`${prefix}${name}`, value)
  }
  return objectOf(annotations)
}

/** The body of a DELETE that is bound to what was read. Never with a grace period: Grafana takes that of zero as force. */
export function deletionOf(preconditions: JsonObject): JsonObject {
  return { kind: 'DeleteOptions', apiVersion: 'v1', preconditions }
}

/** Members that only the server writes. */
const serverOwn = new Set(['managedFields', 'generation', 'creationTimestamp', 'selfLink'])

/** What of an object's metadata is sent back. */
function writable(metadata: JsonObject): JsonObject {
  return without(metadata, serverOwn)
}

function withoutManager(metadata: JsonObject): JsonObject {
  const annotations = toJsonObject(ownObject(metadata, 'annotations'))
  return objectOf(Object.entries(annotations).filter(([name]) => !managing.includes(name)))
}

/** Nobody but our own writing leaves this. */
export function isOurs(manager: Manager | undefined): boolean {
  return manager?.kind === ownManager.kind && manager.id === ownManager.id
}

/** A write under our name: where somebody else manages it by the same kind, Grafana wants to see him go before we come. */
export async function putAsOurs(
  metadata: JsonObject,
  annotations: JsonObject,
  put: (metadata: JsonObject) => Promise<WireAnswer>,
): Promise<WireAnswer> {
  const whole = writable(metadata)
  const isAnothers = isColleagues({ manager: managerOf(metadata), provisioned: false })
  if (!isAnothers) return put({ ...whole, annotations })
  const freed = await put({ ...whole, annotations: withoutManager({ annotations }) })
  if (freed.status >= 400) return freed
  const resourceVersion = textAt(freed.body, 'metadata', 'resourceVersion')
  return put({ ...whole, annotations, resourceVersion })
}

function said(metadata: unknown, name: string): string {
  return textAt(metadata, 'annotations', `${prefix}${name}`)
}
