import { type Component, componentsOf, groupsOf } from '../definition/components.ts'
import type { Instance, Queue, Snapshot } from '../resource.ts'
import type { Found } from './canvas.ts'
import { versionControl } from './canvas.ts'
import { type GroupStatus, withDescendants } from './canvas-status.ts'
import { at, listAt, textAt } from './members.ts'
import type { ServiceStatus } from './services.ts'

/** A component of a flow with its state on the server. */
export interface Standing {
  readonly component: Component
  readonly id: string
  /** NiFi's word: Running, Stopped, Invalid, Disabled, Validating, Transmitting; of a service ENABLED, ENABLING and so on. */
  readonly state: string
}

/** What the status of the canvas says of one flow, by the identifiers of its definition. */
export interface FlowState {
  readonly components: ReadonlyMap<string, Component>
  readonly instances: ReadonlyMap<string, Instance>
  /** Processors, ports, remote groups and services. */
  readonly standing: readonly Standing[]
  /** By identifier of the connection. */
  readonly queues: ReadonlyMap<string, Queue>
  /** Connections that hold back what feeds them. */
  readonly full: readonly Component[]
}

/** Joins a definition, whose components bear the ids that they have on the server, with what the server says of these. */
export function flowState(
  download: Snapshot,
  status: GroupStatus | undefined,
  services: readonly ServiceStatus[],
): FlowState {
  const groupIds = new Map(groupsOf(download).map(({ identifier, json }) => [identifier, instanceId(json)]))
  const groups = status === undefined ? [] : withDescendants(status)
  const states = new Map([
    ...groups.flatMap(({ components }) => components.map(({ id, runStatus }) => [id, runStatus] as const)),
    ...services.map(({ id, state }) => [id, state] as const),
  ])
  const connections = new Map(groups.flatMap((group) => group.connections.map((each) => [each.id, each])))
  const instances = new Map<string, Instance>()
  const standing: Standing[] = []
  const queues = new Map<string, Queue>()
  const full: Component[] = []
  const components = componentsOf(download)
  for (const [identifier, component] of components) {
    const id = instanceId(component.json)
    instances.set(identifier, { id, kind: component.kind, groupId: groupIds.get(component.groupId) ?? '' })
    const state = states.get(id)
    if (state !== undefined) standing.push({ component, id, state })
    const connection = component.kind === 'connection' ? connections.get(id) : undefined
    if (connection === undefined) continue
    const { flowFiles, bytes } = connection
    if (flowFiles > 0) queues.set(identifier, { flowFiles, bytes })
    if (connection.full) full.push(component)
  }
  return { components, instances, standing, queues, full }
}

export function instanceId(json: unknown): string {
  return textAt(json, 'instanceIdentifier')
}

const runs = new Set(['Running', 'Transmitting'])

/** Processors, ports and remote groups that run. */
export function runningOf({ standing }: FlowState): ReadonlySet<string> {
  return new Set(standing.filter(({ state }) => runs.has(state)).map(({ component }) => component.identifier))
}

/** What could run and does not; a service that is disabled and valid, too, for what needs it cannot run. */
export function stoppedOf({ standing }: FlowState, services: readonly ServiceStatus[]): ReadonlySet<string> {
  const valid = new Set(services.filter(({ validation }) => validation === 'VALID').map(({ id }) => id))
  const stopped = standing.filter(({ component, id, state }) => {
    if (component.kind === 'controller-service') return state === 'DISABLED' && valid.has(id)
    if (component.kind === 'remote-process-group') return state === 'NotTransmitting' && hasPorts(component)
    return state === 'Stopped'
  })
  return new Set(stopped.map(({ component }) => component.identifier))
}

function hasPorts({ json }: Component): boolean {
  return listAt(json, 'inputPorts').length + listAt(json, 'outputPorts').length > 0
}

/** Of the group, or of one in it. */
export function controlOf(found: Found, download: Snapshot): string | undefined {
  if (found.group.versionControl !== undefined) return found.group.versionControl
  for (const { json } of groupsOf(download)) {
    const control = versionControl(at(json, 'versionedFlowCoordinates'))
    if (control !== undefined) return control
  }
  return undefined
}
