import { objectOf } from '../../../src/core/json.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { FieldChange, Json } from '../../../src/core/resource.ts'
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
export function sendable(desired: Flow, { position, live, fields }: Target): Snapshot {
  const chosen =
    live === undefined || fields === undefined
      ? undefined
      : { live, paths: new Set(fields.map(({ path }) => path)) }
  const base = cleaned(
    live === undefined || fields === undefined ? desired.snapshot : patched(live, desired.snapshot, fields),
  )
  const contexts = contextsFor(base, desired, chosen)
  const pieces = new Map(
    [...piecesOf(base)].map(
      ([identifier, piece]) => [identifier, completed(piece, contexts.get(identifier))] as const,
    ),
  )
  const own = ownPiece(base)
  const settings = {
    // NiFi derives this identifier by itself; with another one it would take every connection of the group for a changed one.
    identifier: textOf((live ?? base).flowContents, 'identifier'),
    name:
      chosen?.paths.has('name') === false
        ? textOf(own, 'name')
        : (desired.options?.groupName ?? desired.name),
    comments: withMarker(
      textOf(chosen?.paths.has('comments') === false ? own : desired.snapshot.flowContents, 'comments'),
      'flows',
      desired.name,
    ),
    position: { x: position.x, y: position.y },
    parameterContextName: contexts.get(ownGroup) ?? null,
    componentType: 'PROCESS_GROUP',
  }
  return {
    ...base,
    flowContents: assemble(members(own, settings), pieces),
    parameterContexts: {},
    parameterProviders: {},
  }
}

function completed({ kind, groupId, json }: Piece, context: string | undefined): Piece {
  const whole = complete(kind, json)
  return {
    kind,
    groupId,
    json: kind === 'group' ? members(whole, { parameterContextName: context ?? null }) : whole,
  }
}

function members(json: JsonObject, more: Readonly<Record<string, Json>>): JsonObject {
  return objectOf([...Object.entries(json), ...Object.entries(more)])
}

/** What is chosen of a change: the server's side of it, and the paths that are to change. */
interface Chosen {
  readonly live: Snapshot
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
