import { conflict } from './fake-refusal.ts'
import { wordOf, type Component, type FakeState, type Group, type Revision } from './fake-state.ts'
import { touch } from './fake-call.ts'
import { isValid } from './fake-validation.ts'

/** What can run: processors and ports; funnels always do, labels never. */
export function canRun({ kind }: Component): boolean {
  return kind === 'processor' || kind === 'input-port' || kind === 'output-port'
}

export function simpleType(part: Component): string {
  return wordOf(part, 'type').split('.').slice(-1).join('')
}

/** As NiFi names a component in a sentence. */
export function describe(part: Component, group?: Group): string {
  if (part.kind === 'processor')
    return part.ghost ? `GhostProcessor[id=${part.id}]` : `${simpleType(part)}[id=${part.id}]`
  if (part.kind === 'controller-service') {
    const type = part.ghost ? 'GhostControllerService' : simpleType(part)
    const ghost = part.ghost ? `, type=${wordOf(part, 'type')}` : ''
    const active = part.state === 'ENABLED'
    return `StandardControllerServiceNode[service=${type}[id=${part.id}${ghost}], name=${wordOf(part, 'name')}, active=${String(active)}]`
  }
  const type = part.kind.toUpperCase().replace('-', '_')
  const where = group === undefined ? '' : wordOf(group, 'name')
  return `LocalPort[id=${part.id}, type=${type}, name=${wordOf(part, 'name')}, group=${where}]`
}

/** Starts what does not run; what is disabled is left alone. An invalid processor starts when it is valid, and until then stands in the way. */
export function startAll(state: FakeState, parts: readonly Component[], by: Revision | undefined): void {
  for (const part of parts) {
    if (!canRun(part) || part.state !== 'STOPPED') continue
    if (part.starting) {
      throw conflict(
        `${describe(part)} cannot be started because it is not stopped. Current state is STARTING`,
      )
    }
    if (isValid(state, part)) part.state = 'RUNNING'
    else part.starting = part.kind === 'processor'
    touch(part, by)
  }
}

/** What was told to run while it was invalid runs once it is valid. */
export function stepStarts(state: FakeState): void {
  for (const part of state.components.values()) {
    if (!part.starting || !isValid(state, part)) continue
    part.starting = false
    part.state = 'RUNNING'
  }
}

export function stopAll(parts: readonly Component[], by: Revision | undefined): readonly Component[] {
  for (const part of parts) part.starting = false
  const stopped = parts.filter((part) => canRun(part) && part.state === 'RUNNING')
  for (const part of stopped) {
    part.state = 'STOPPED'
    touch(part, by)
  }
  return stopped
}

/** Threads that still run: of what runs and does not end when told to. */
export function threadsOf(state: FakeState, part: Component): number {
  return state.stubborn.has(part.id) ? 1 : 0
}
