import { withMembers } from '../../../src/core/json.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { FieldChange } from '../../../src/core/resource.ts'
import { withMarker } from '../marker.ts'
import type { Flow, Snapshot } from '../resource.ts'
import { cleaned } from './clean.ts'
import { groupsOf, ownGroup, textOf } from './components.ts'
import { complete } from './defaults.ts'
import { patched } from './patch.ts'
import { type Piece, assemble, ownPiece, piecesOf } from './pieces.ts'

export interface Place {
  readonly x: number
  readonly y: number
}

/** Where a proposal goes to. */
export interface Target {
  /** Of the flow's own group. A replace moves the group there, so give the one that it has. */
  readonly position: Place
  /** The definition as it is on the server, fresh; absent: the flow is to be made. */
  readonly live?: Snapshot
  /** What is to be changed of it, and nothing else: `change.fields`. Absent: everything is to be as desired. */
  readonly fields?: readonly FieldChange[]
}

/**
 * What is sent to NiFi for a desired flow, in an import or a replace-request: complete, without members that NiFi refuses or would
 * act upon (state, version control, contexts with values), with name, position, comments and marker of the flow's own group, and
 * with the parameter context of every group, since NiFi takes each of these from the proposal.
 */
export function sendable(desired: Flow, target: Target): Snapshot {
  const chosen = chosenOf(target)
  const base = cleaned(
    chosen === undefined ? desired.snapshot : patched(chosen.live, desired.snapshot, chosen.fields),
  )
  const contexts = contextsFor(base, desired, chosen)
  const pieces = [...piecesOf(base)].map(([identifier, piece]) => {
    return [identifier, completed(piece, contexts.get(identifier))] as const
  })
  const own = withMembers(ownPiece(base), {
    // NiFi derives this identifier by itself; with another one it would take every connection of the group for a changed one.
    identifier: textOf((target.live ?? base).flowContents, 'identifier'),
    ...words(desired, base, chosen),
    position: { x: target.position.x, y: target.position.y },
    parameterContextName: contexts.get(ownGroup) ?? null,
    componentType: 'PROCESS_GROUP',
  })
  const flowContents = assemble(own, new Map(pieces))
  return { ...base, flowContents, parameterContexts: {}, parameterProviders: {} }
}

function chosenOf({ live, fields }: Target): Chosen | undefined {
  if (live === undefined || fields === undefined) return undefined
  return { live, fields, paths: new Set(fields.map(({ path }) => path)) }
}

/** Name and comments of the flow's own group: as desired, or as they are where they are not to change. */
function words(desired: Flow, base: Snapshot, chosen: Chosen | undefined): Readonly<Record<string, string>> {
  const stays = (path: string) => chosen?.paths.has(path) === false
  const group = stays('comments') ? base.flowContents : desired.snapshot.flowContents
  return {
    name: stays('name') ? textOf(base.flowContents, 'name') : (desired.options?.groupName ?? desired.name),
    comments: withMarker(textOf(group, 'comments'), 'flows', desired.name),
  }
}

function completed({ kind, groupId, json }: Piece, context: string | undefined): Piece {
  const whole = complete(kind, json)
  return {
    kind,
    groupId,
    json: kind === 'group' ? withMembers(whole, { parameterContextName: context ?? null }) : whole,
  }
}

/** What is chosen of a change: the server's side of it, and the paths that are to change. */
interface Chosen {
  readonly live: Snapshot
  readonly fields: readonly FieldChange[]
  readonly paths: ReadonlySet<string>
}

/** The context of each group, by identifier: desired's, or the one it has where that is not to change. */
function contextsFor(
  proposal: Snapshot,
  desired: Flow,
  chosen: Chosen | undefined,
): ReadonlyMap<string, string | undefined> {
  const has = new Map(
    groupsOf(chosen?.live ?? proposal).map(({ identifier, json }) => [identifier, contextOf(json)]),
  )
  return new Map(
    groupsOf(proposal).map(({ identifier, path }) => {
      const stays =
        chosen !== undefined && has.has(identifier) && !chosen.paths.has(`parameter-context.${path}`)
      return [identifier, stays ? has.get(identifier) : desired.options?.contexts.get(path)] as const
    }),
  )
}

/** The parameter context that a group of a definition names. */
export function contextOf(group: JsonObject): string | undefined {
  return textOf(group, 'parameterContextName') || undefined
}
