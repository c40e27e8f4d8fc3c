import { type Component, isOuterPort, titleOf } from '../definition/components.ts'
import type { Flow } from '../resource.ts'
import type { Bulletins } from './bulletins.ts'
import { coordinate } from './catalogue.ts'
import type { Fault } from './faults.ts'
import type { FlowState, Standing } from './flow-facts.ts'
import { textAt } from './members.ts'

/** What the health of a flow is told from. */
export interface Vitals {
  readonly state: FlowState
  /** Of what is invalid, by identifier; services among them. */
  readonly faults: ReadonlyMap<string, Fault>
  /** By id on the server. */
  readonly bulletins: ReadonlyMap<string, Bulletins>
  readonly running: ReadonlySet<string>
  readonly stopped: ReadonlySet<string>
  readonly activeThreads: number
  readonly desired: Flow | undefined
}

export type Health = Pick<Flow, 'unavailable' | 'unhealthy' | 'warnings' | 'figures'>

/** What one sentence names; the rest is "more". */
const mostFaults = 3
const mostReasons = 2
const mostWarnings = 20

/** How a flow does, in words that stay the same as long as it does the same. */
export function healthOf(vitals: Vitals): Health {
  const { heavy, light } = weighed(vitals)
  // NiFi goes on trying to enable what is invalid: that is told as a fault.
  const passing = vitals.state.standing
    .filter(({ component }) => !vitals.faults.has(component.identifier))
    .flatMap(passingWords)
  const warnings = [...light, ...backPressure(vitals.state), ...complaints(vitals)]
  return {
    ...(passing.length > 0 && { unavailable: shortList(passing, mostFaults).join('; ') }),
    ...(heavy.length > 0 && { unhealthy: shortList(heavy, mostFaults).join('; ') }),
    ...(warnings.length > 0 && { warnings: shortList(warnings, mostWarnings) }),
    figures: figuresOf(vitals),
  }
}

/** Faults that keep the flow from its work, and those that need not: nobody wired a port yet, or the flow is to stand still. */
function weighed({ state, faults, desired }: Vitals): {
  readonly heavy: readonly string[]
  readonly light: readonly string[]
} {
  const heavy: string[] = []
  const light: string[] = []
  for (const { component } of state.standing) {
    const fault = faults.get(component.identifier)
    if (fault === undefined) continue
    const tolerable = !fault.ghost && (isOuterPort(component) || desired?.options?.runState === 'stopped')
    ;(tolerable ? light : heavy).push(fault.ghost ? missingBundle(component) : invalid(component, fault))
  }
  return { heavy: heavy.sort(), light: light.sort() }
}

function invalid(component: Component, { errors }: Fault): string {
  const reasons = shortList(errors, mostReasons).join(', ')
  return `${titleOf(component)} is invalid${reasons === '' ? '' : `: ${reasons}`}`
}

/** A component whose code this NiFi does not have: it keeps its place and its settings, and does nothing. */
function missingBundle(component: Component): string {
  const bundle = coordinate(component.json['bundle'])
  return `${titleOf(component)}: missing bundle ${bundle} with ${textAt(component.json, 'type')}`
}

const underWay: ReadonlyMap<string, string> = new Map([
  ['Validating', 'is being validated'],
  ['ENABLING', 'is being enabled'],
  ['DISABLING', 'is being disabled'],
])

function passingWords({ component, state }: Standing): readonly string[] {
  const words = underWay.get(state)
  return words === undefined ? [] : [`${titleOf(component)} ${words}`]
}

function backPressure({ full }: FlowState): readonly string[] {
  return full.map((component) => `${titleOf(component)} is full, so that what feeds it waits`).sort()
}

/** What is invalid complains as well: that is told already. */
function complaints({ state, faults, bulletins }: Vitals): readonly string[] {
  return [...state.instances]
    .flatMap(([identifier, { id }]) => {
      const said = faults.has(identifier) ? undefined : bulletins.get(id)
      const component = state.components.get(identifier)
      if (said === undefined || component === undefined) return []
      return [`${titleOf(component)} reports ${said.errors ? 'errors' : 'warnings'}: see its bulletins`]
    })
    .sort()
}

function figuresOf(vitals: Vitals): ReadonlyMap<string, number> {
  const { state, faults, bulletins, running, stopped, activeThreads } = vitals
  const queues = [...state.queues.values()]
  const sum = (values: readonly number[]) => values.reduce((total, each) => total + each, 0)
  return new Map([
    ['queued_flowfiles', sum(queues.map(({ flowFiles }) => flowFiles))],
    ['queued_bytes', sum(queues.map(({ bytes }) => bytes))],
    ['running_components', running.size],
    ['stopped_components', stopped.size],
    ['invalid_components', faults.size],
    ['active_threads', activeThreads],
    ['bulletins', sum([...state.instances.values()].map(({ id }) => bulletins.get(id)?.count ?? 0))],
    ['backpressured_connections', state.full.length],
  ])
}

/** The first of them, and that there are more: without a number, which would change all the time. */
function shortList(texts: readonly string[], most: number): readonly string[] {
  return texts.length > most ? [...texts.slice(0, most), 'and more'] : texts
}
