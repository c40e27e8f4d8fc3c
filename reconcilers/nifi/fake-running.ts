import { conflict } from './fake-refusal.ts'
import type { Component, FakeState, Group, Revision } from './fake-state.ts'
import { touch } from './fake-call.ts'
import { isValid } from './fake-validation.ts'

/** What can run: processors and ports; funnels always do, labels never. */
export function canRun({ kind }: Component): boolean {
  return kind === 'processor' || kind === 'input-port' || kind === 'output-port'
}

export function simpleType(part: Component): string {
  return String(part.members['type'] ?? '')
    .split('.')
    .slice(-1)
    .join('')
}

/** As NiFi names a component in a sentence. */
export function describe(part: Component, group?: Group): string {
  if (part.kind === 'processor')
    return part.ghost ? `GhostProcessor[id=${part.id}]` : `${simpleType(part)}[id=${part.id}]`
  if (part.kind === 'controller-service') {
    const type = part.ghost ? 'GhostControllerService' : simpleType(part)
    const ghost = part.ghost ? `, type=${String(part.members['type'])}` : ''
    const active = part.state === 'ENABLED'
    return `StandardControllerServiceNode[service=${type}[id=${part.id}${ghost}], name=${String(part.members['name'])}, active=${String(active)}]`
  }
  const type = part.kind.toUpperCase().replace('-', '_')
  const where = String(group?.members['name'])
  return `LocalPort[id=${part.id}, type=${type}, name=${String(part.members['name'])}, group=${where}]`
}

/** Starts what could run and does not; what is invalid or disabled is left alone, as NiFi does for a whole group. */
export function startAll(state: FakeState, parts: readonly Component[], by: Revision | undefined): void {
  for (const part of parts) {
    if (!canRun(part) || part.state !== 'STOPPED' || !isValid(state, part)) continue
    if (part.starting) {
      throw conflict(
        `${describe(part)} cannot be started because it is not stopped. Current state is STARTING`,
      )
    }
    part.state = 'RUNNING'
    touch(part, by)
  }
}

export function stopAll(parts: readonly Component[], by: Revision | undefined): readonly Component[] {
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
