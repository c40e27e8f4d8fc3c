import { own, ownObject } from '../../src/core/json.ts'
import {
  type Call,
  type Handler,
  assertRevision,
  checkedRevision,
  named,
  ok,
  revisionIn,
  textOf,
  touch,
} from './fake-call.ts'
import { componentEntity } from './fake-entities.ts'
import { recordGroup } from './fake-groups.ts'
import { runOnce } from './fake-engine.ts'
import { badRequest, conflict, missing } from './fake-refusal.ts'
import { canRun, describe, startAll, stopAll } from './fake-running.ts'
import type { Component, FakeState, Revision } from './fake-state.ts'
import { errorsOf, isValid } from './fake-validation.ts'

const words = new Set(['RUNNING', 'STOPPED', 'ENABLED', 'DISABLED'])

/** `PUT /flow/process-groups/{id}`: all that is in a group, or the components that are named. */
export const putGroupState: Handler = (call) => {
  const { state, body } = call
  const group = state.group(named(call))
  const asked = textOf(body, 'id') ?? ''
  const wanted = textOf(body, 'state') ?? ''
  if (asked !== group.id) {
    throw badRequest(
      `The process group id (${asked}) in the request body does not equal the process group id of the requested resource (${group.id}).`,
    )
  }
  if (!words.has(wanted)) throw badRequest('The scheduled must be one of [].')
  const named_ = own(body, 'components')
  if (named_ === undefined || named_ === null) setAll(state, state.componentsBelow(group.id), wanted)
  else setNamed(state, ownObject(body, 'components'), wanted)
  recordGroup(state, group, operations[wanted] ?? wanted)
  return ok({ id: group.id, state: wanted })
}

const operations: Readonly<Record<string, string>> = {
  RUNNING: 'Start',
  STOPPED: 'Stop',
  ENABLED: 'Enable',
  DISABLED: 'Disable',
}

function setAll(state: FakeState, parts: readonly Component[], wanted: string): void {
  if (wanted === 'RUNNING') startAll(state, parts, undefined)
  else if (wanted === 'STOPPED') stopAll(parts, undefined)
  else {
    const [from, to] = wanted === 'ENABLED' ? ['DISABLED', 'STOPPED'] : ['STOPPED', 'DISABLED']
    for (const part of parts) if (canRun(part) && part.state === from) change(part, to, undefined)
  }
}

function setNamed(state: FakeState, named_: Readonly<Record<string, unknown>>, wanted: string): void {
  const parts = Object.entries(named_).map(([id, revision]) => {
    const part = state.component(id)
    if (part === undefined) throw missing(`Unable to find component with id ${id}`)
    assertRevision(part, revisionIn(revision) ?? { version: 0 })
    return part
  })
  for (const part of parts) {
    if (wanted === 'RUNNING' && part.state === 'STOPPED' && !isValid(state, part)) throw invalid(state, part)
  }
  setAll(state, parts, wanted)
}

function invalid(state: FakeState, part: Component): Error {
  const port = part.kind === 'input-port' ? 'Input Port' : 'Output Port'
  const what = part.kind === 'processor' ? `Processor with ID ${part.id}` : `${port} ${part.id}`
  const why = errorsOf(state, part).map((error) => error.replace(/^.* is invalid because /, ''))
  return conflict(`${what} is not in a valid state: ${why.join('; ')}`)
}

function change(part: Component, to: string, by: Revision | undefined): void {
  if (part.state === to) return
  part.state = to
  touch(part, by)
}

export const putProcessorState: Handler = (call) => putState(call, ['processor'])
export const putInputPortState: Handler = (call) => putState(call, ['input-port'])
export const putOutputPortState: Handler = (call) => putState(call, ['output-port'])

/** `PUT /processors/{id}/run-status`, and of ports. */
function putState(call: Call, kinds: readonly Component['kind'][]): ReturnType<Handler> {
  const { state, body } = call
  const part = find(state, named(call), kinds)
  const wanted = textOf(body, 'state') ?? ''
  if (!['RUNNING', 'STOPPED', 'DISABLED', 'RUN_ONCE'].includes(wanted))
    throw badRequest(`The desired state '${wanted}' is not supported.`)
  const revision = checkedRevision(part, own(body, 'revision'))
  assertPossible(state, part, wanted)
  part.starting = wanted === 'RUNNING' && part.state === 'STOPPED' && !isValid(state, part)
  if (wanted === 'RUN_ONCE') runOnce(state, part)
  else if (!part.starting) part.state = wanted
  if (part.state !== 'DISABLED') part.unchecked = false
  touch(part, revision)
  return ok(componentEntity(state, part))
}

function assertPossible(state: FakeState, part: Component, wanted: string): void {
  if (wanted === 'DISABLED' && part.state === 'RUNNING')
    throw conflict(`${describe(part)} cannot be disabled because is not stopped`)
  if (wanted !== 'RUNNING') return
  if (part.state === 'DISABLED') throw conflict(`${kindWord(part)} is disabled`)
  if (part.kind !== 'processor' && part.state === 'STOPPED' && !isValid(state, part))
    throw invalid(state, part)
}

export function kindWord({ kind }: Component): string {
  return kind === 'processor' ? 'Processor' : 'Port'
}

const nouns: Readonly<Record<string, string>> = {
  processor: 'find processor',
  'input-port': 'find port',
  'output-port': 'find port',
  'controller-service': 'locate controller service',
  funnel: 'find funnel',
  label: 'find label',
}

export function find(state: FakeState, id: string, kinds: readonly Component['kind'][]): Component {
  const part = state.component(id)
  if (part === undefined || !kinds.includes(part.kind))
    throw missing(`Unable to ${nouns[kinds[0] ?? ''] ?? 'find component'} with id '${id}'.`)
  return part
}
