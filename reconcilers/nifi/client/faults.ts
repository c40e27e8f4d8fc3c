import type { Component } from '../definition/components.ts'
import type { Standing } from './flow-facts.ts'
import { own, ownObject } from '../../../src/core/json.ts'
import { accepted, isMissing } from './failures.ts'
import { at, textAt } from './members.ts'
import { inParallel } from '../../../src/client/parallel.ts'
import { type ServiceStatus, texts } from './services.ts'
import type { Wire } from './wire.ts'

/** Why a component cannot run. */
export interface Fault {
  /** NiFi's own reasons, sorted. Empty: there are too many such components to ask for each. */
  readonly errors: readonly string[]
  /** Its bundle is not there. */
  readonly ghost: boolean
}

/** Components that are asked why: a flow with more faults than that has one cause. */
const mostAsked = 20
const asksAtOnce = 4

const paths: ReadonlyMap<string, string> = new Map([
  ['processor', 'processors'],
  ['input-port', 'input-ports'],
  ['output-port', 'output-ports'],
])

/** Why these processors and ports are invalid. */
export async function readFaults(
  wire: Wire,
  invalid: readonly Standing[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Fault>> {
  const asked = invalid.slice(0, mostAsked)
  const answers = await inParallel(asked, asksAtOnce, async ({ component, id }) => {
    const kind = paths.get(component.kind)
    if (kind === undefined) return noReason
    const path = `/${kind}/${encodeURIComponent(id)}`
    const answer = await wire.send({ method: 'GET', path }, signal)
    if (isMissing(answer)) return noReason
    const told = at(accepted(answer, `reading ${component.kind} ${component.name}`), 'component')
    return {
      errors: reasonsOf(texts(at(told, 'validationErrors')), component),
      ghost: at(told, 'extensionMissing') === true,
    }
  })
  return new Map(
    invalid.map(({ component }, index) => [component.identifier, answers[index] ?? noReason] as const),
  )
}

/** Why services are invalid: they said so themselves. */
export function serviceFaults(
  standing: readonly Standing[],
  services: readonly ServiceStatus[],
): ReadonlyMap<string, Fault> {
  const found = new Map<string, Fault>()
  const byId = new Map(services.map((each) => [each.id, each]))
  for (const { component, id } of standing) {
    const service = byId.get(id)
    if (service === undefined || (service.validation !== 'INVALID' && !service.ghost)) continue
    found.set(component.identifier, { errors: reasonsOf(service.errors, component), ghost: service.ghost })
  }
  return found
}

const noReason: Fault = { errors: [], ghost: false }

/** Each reason once, in an order that does not change, and nothing after "is invalid" where that could tell a secret. */
export function reasonsOf(errors: readonly string[], component: Component): readonly string[] {
  const sensitive = new Map<string, boolean>()
  for (const [name, descriptor] of Object.entries(ownObject(component.json, 'propertyDescriptors'))) {
    const hidden = own(descriptor, 'sensitive') !== false
    sensitive.set(name, hidden)
    sensitive.set(textAt(descriptor, 'displayName'), hidden)
  }
  const told = errors.map((error) => {
    const [, subject = '', input] = validation.exec(error) ?? []
    // What a validator calls by a name of its own may be any property.
    const hidden = sensitive.get(subject) ?? input !== undefined
    return hidden ? `'${subject}' is invalid` : error.replace(/\s+/g, ' ').trim()
  })
  return [...new Set(told)].sort()
}

/** `'Batch Size' validated against 'many' is invalid because …`: it was validated against the property's value. */
const validation = /^'([^']*)'( validated against ')?/
