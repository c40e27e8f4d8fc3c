import { own, ownObject } from '../../src/core/json.ts'
import {
  type Call,
  type Handler,
  assertRevision,
  checkedRevision,
  flag,
  named,
  ok,
  revisionAsked,
  revisionIn,
  textOf,
  touch,
} from './fake-call.ts'
import { processorType } from './fake-catalogue.ts'
import { findType, newComponent } from './fake-components.ts'
import { memberOf } from './fake-definition.ts'
import { componentEntity } from './fake-entities.ts'
import { descriptorOf, isSensitive, mask } from './fake-properties.ts'
import { badRequest, conflict } from './fake-refusal.ts'
import { find, kindWord } from './fake-run-states.ts'
import { describe } from './fake-running.ts'
import type { Component, FakeState, Members } from './fake-state.ts'
import { looked } from './fake-status.ts'

export const listProcessors: Handler = (call) => list(call, 'processor', 'processors')
export const listInputPorts: Handler = (call) => list(call, 'input-port', 'inputPorts')
export const listOutputPorts: Handler = (call) => list(call, 'output-port', 'outputPorts')
export const listFunnels: Handler = (call) => list(call, 'funnel', 'funnels')
export const listLabels: Handler = (call) => list(call, 'label', 'labels')

function list(call: Call, kind: Component['kind'], member: string): ReturnType<Handler> {
  const { state } = call
  const group = state.group(named(call))
  const parts = flag(call, 'includeDescendantGroups')
    ? state.componentsBelow(group.id, kind)
    : state.componentsIn(group.id, kind)
  const answer = ok({ [member]: parts.map((part) => componentEntity(state, part)) })
  looked(state, parts)
  return answer
}

export const getProcessor: Handler = (call) => get(call, 'processor')
export const getInputPort: Handler = (call) => get(call, 'input-port')
export const getOutputPort: Handler = (call) => get(call, 'output-port')

function get(call: Call, kind: Component['kind']): ReturnType<Handler> {
  const part = find(call.state, named(call), [kind])
  const answer = ok(componentEntity(call.state, part))
  looked(call.state, [part])
  return answer
}

const ofNewProcessors: Members = {
  ...{ comments: '', schedulingStrategy: 'TIMER_DRIVEN', executionNode: 'ALL', penaltyDuration: '30 sec' },
  ...{ yieldDuration: '1 sec', bulletinLevel: 'WARN', concurrentlySchedulableTaskCount: 1 },
  ...{ autoTerminatedRelationships: [], retryCount: 10, retriedRelationships: [], style: {} },
  ...{ backoffMechanism: 'PENALIZE_FLOWFILE', maxBackoffPeriod: '10 mins' },
}

/** As somebody draws one. */
export const postProcessor: Handler = (call) => {
  const component = own(call.body, 'component')
  const type = textOf(component, 'type') ?? ''
  const bundle = own(component, 'bundle')
  const known = processorType(type, bundle)
  if (known === undefined) {
    const { group, artifact, version } = ownObject(component, 'bundle')
    throw conflict(`Found bundle ${[group, artifact, version].join(':')} but does not support ${type}`)
  }
  return add(call, 'processor', {
    ...{ ...ofNewProcessors, type, bundle: memberOf(component, 'bundle') ?? null },
    ...{ schedulingPeriod: known.period, runDurationMillis: known.duration, properties: {} },
    name: textOf(component, 'name') ?? type.replace(/^.*\./, ''),
  })
}

export const postInputPort: Handler = (call) => addPort(call, 'input-port')
export const postOutputPort: Handler = (call) => addPort(call, 'output-port')
export const postFunnel: Handler = (call) => add(call, 'funnel', {})

export const postLabel: Handler = (call) => {
  const component = own(call.body, 'component')
  const label = memberOf(component, 'label') ?? ''
  const [width, height] = [memberOf(component, 'width') ?? 150, memberOf(component, 'height') ?? 150]
  return add(call, 'label', { label, width, height, zIndex: 0, style: {} })
}

function addPort(call: Call, kind: 'input-port' | 'output-port'): ReturnType<Handler> {
  const name = textOf(own(call.body, 'component'), 'name') ?? ''
  const type = kind.toUpperCase().replace('-', '_')
  const port = { name, type, concurrentlySchedulableTaskCount: 1, allowRemoteAccess: false }
  return add(call, kind, { ...port, portFunction: 'STANDARD' })
}

export function add(call: Call, kind: Component['kind'], members: Members): ReturnType<Handler> {
  const { state, body } = call
  const group = state.group(named(call))
  const revision = revisionIn(own(body, 'revision'))
  if (revision?.version !== 0)
    throw badRequest(
      `A revision of 0 must be specified when creating a new ${kindWord({ kind } as Component)}.`,
    )
  const component = own(body, 'component')
  const part = newComponent(state, group.id, kind, undefined)
  part.members = { ...members, ...positionOf(component, kind) }
  findType(part)
  configure(part, own(component, 'config') ?? component)
  touch(part, revision)
  state.components.set(part.id, part)
  record(state, part, 'Add')
  return ok(componentEntity(state, part), 201)
}

function positionOf(component: unknown, kind: Component['kind']): Members {
  return kind === 'controller-service' ? {} : { position: memberOf(component, 'position') ?? { x: 0, y: 0 } }
}

const configurable = [
  ...['comments', 'schedulingPeriod', 'schedulingStrategy', 'executionNode', 'penaltyDuration'],
  ...['yieldDuration', 'bulletinLevel', 'runDurationMillis', 'concurrentlySchedulableTaskCount'],
  ...['autoTerminatedRelationships', 'retryCount', 'retriedRelationships', 'backoffMechanism'],
  ...['maxBackoffPeriod'],
]

/** What a person enters: only what is named changes; a property that is null is unset. */
export function configure(part: Component, config: unknown): void {
  for (const name of configurable) {
    const value = memberOf(config, name)
    if (value !== undefined) part.members[name] = value
  }
  const given = Object.entries(ownObject(config, 'properties'))
  if (given.length === 0) return
  const properties: Members = { ...(part.members['properties'] as Members | undefined) }
  for (const [name, value] of given) {
    if (value === mask && isSensitive(part, name)) continue
    // What is required cannot be unset by hand.
    if (value === null && descriptorOf(part, name)?.required === true) continue
    if (typeof value === 'string') properties[name] = value
    else Reflect.deleteProperty(properties, name)
  }
  part.members['properties'] = properties
}

export const putProcessor: Handler = (call) => put(call, ['processor'])
export const putPort: Handler = (call) => put(call, ['input-port', 'output-port'])
export const putLabel: Handler = (call) => put(call, ['label'])

function put(call: Call, kinds: readonly Component['kind'][]): ReturnType<Handler> {
  const { state, body } = call
  const part = find(state, named(call), kinds)
  const component = own(body, 'component')
  const revision = checkedRevision(part, own(body, 'revision'))
  const config = own(component, 'config')
  const edits = config !== undefined || textOf(component, 'name') !== undefined
  if (edits && part.state === 'RUNNING')
    throw conflict(`${describe(part)} cannot be updated because it is not stopped`)
  for (const name of ['name', 'position', 'style', 'label', 'width', 'height']) {
    const value = memberOf(component, name)
    if (value !== undefined) part.members[name] = value
  }
  configure(part, config)
  touch(part, revision)
  record(state, part, 'Configure')
  return ok(componentEntity(state, part))
}

export const deleteComponent: Handler = (call) => {
  const { state } = call
  const part = find(state, named(call, 1), [singular[named(call)] ?? 'processor'])
  assertRevision(part, revisionAsked(call))
  if (part.state === 'RUNNING')
    throw conflict(`Cannot delete ${describe(part)} because ${kindWord(part)} is running`)
  if (part.kind === 'controller-service' && part.state !== 'DISABLED')
    throw conflict(`${describe(part)} cannot be deleted because it is not disabled`)
  const attached = [...state.into(part.id), ...state.outOf(part.id)]
  const held = attached.find(({ flowFiles }) => flowFiles > 0)
  if (held !== undefined) throw conflict(`Queue not empty for ${held.id}`)
  for (const { id } of attached) state.connections.delete(id)
  state.components.delete(part.id)
  record(state, part, 'Remove')
  return ok(componentEntity(state, part))
}

const singular: Readonly<Record<string, Component['kind']>> = {
  processors: 'processor',
  'input-ports': 'input-port',
  'output-ports': 'output-port',
  funnels: 'funnel',
  labels: 'label',
  'controller-services': 'controller-service',
}

const words: Readonly<Record<Component['kind'], string>> = {
  processor: 'Processor',
  'input-port': 'InputPort',
  'output-port': 'OutputPort',
  funnel: 'Funnel',
  label: 'Label',
  'controller-service': 'ControllerService',
}

export function record(state: FakeState, part: Component, operation: string): void {
  const sourceName = textOf(part.members, 'name') ?? ''
  state.record({ sourceId: part.id, sourceName, sourceType: words[part.kind], operation, details: undefined })
}
