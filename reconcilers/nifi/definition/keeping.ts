import type { Snapshot } from '../resource.ts'

/**
 * The first phase of a change that removes filled connections: desired, and with it those connections of live (`connections`, by
 * identifier) and all that they need to run empty: their ends, what is downstream of an end that desired does not have, the
 * services, groups and ports for these. Nothing feeds a kept connection: it has no relationships, and an end that is only its source is disabled.
 */
export function keeping(desired: Snapshot, live: Snapshot, connections: ReadonlySet<string>): Snapshot {
  void live
  void connections
  return desired
}

/** Components of live that must stand still while `connections` empty, because the proposal cannot keep them from feeding these (ports, or processors ahead of a funnel). By identifier. */
export function feeding(desired: Snapshot, live: Snapshot, connections: ReadonlySet<string>): ReadonlySet<string> {
  void desired
  void live
  void connections
  return new Set()
}

/** The connections that have to be empty before the second phase: those of `connections` and those kept downstream of them. By identifier. */
export function emptying(desired: Snapshot, live: Snapshot, connections: ReadonlySet<string>): ReadonlySet<string> {
  void desired
  void live
  return connections
}
