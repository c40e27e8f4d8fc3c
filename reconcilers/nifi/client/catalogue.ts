import { accepted } from './failures.ts'
import { at, listAt, textAt } from './members.ts'
import type { Wire } from './wire.ts'

/** A type of processor or service as a bundle has it. */
export interface ComponentType {
  /** `org.apache.nifi:nifi-standard-nar:2.3.0`. */
  readonly bundle: string
  readonly version: string
  /** What its properties say is run: NiFi asks its users for the permission "execute code". */
  readonly runsCode: boolean
}

/** Bundles by type; more than one where several versions are installed. */
export type Types = ReadonlyMap<string, readonly ComponentType[]>

const fresh = 5 * 60_000
/** What was not in it can have been installed meanwhile, but not each second. */
const askAgain = 10_000

/** What this NiFi can run. Asked anew after five minutes, or where something is missed. */
export class Catalogue {
  readonly #wire: Wire
  readonly #now: () => number
  #types: Types = new Map()
  #readAt = -Infinity
  #version = ''

  constructor(wire: Wire, now: () => number) {
    this.#wire = wire
    this.#now = now
  }

  /** `needed`: types that are asked for; `version`: NiFi's, for another one has other bundles. */
  async types(needed: readonly string[], version: string, signal: AbortSignal): Promise<Types> {
    const age = this.#now() - this.#readAt
    const complete = needed.every((type) => this.#types.has(type))
    if (this.#version === version && age < (complete ? fresh : askAgain)) return this.#types
    const [processors, services] = await Promise.all([
      this.#read('/flow/processor-types', 'processorTypes', signal),
      this.#read('/flow/controller-service-types', 'controllerServiceTypes', signal),
    ])
    this.#types = byType([...processors, ...services])
    this.#readAt = this.#now()
    this.#version = version
    return this.#types
  }

  async #read(path: string, list: string, signal: AbortSignal): Promise<readonly unknown[]> {
    const answer = await this.#wire.send({ method: 'GET', path }, signal)
    return listAt(accepted(answer, 'reading what NiFi can run'), list)
  }
}

function byType(told: readonly unknown[]): Types {
  const types = new Map<string, ComponentType[]>()
  for (const each of told) {
    const type = textAt(each, 'type')
    const found = types.get(type) ?? []
    found.push(readType(each))
    types.set(type, found)
  }
  return types
}

function readType(told: unknown): ComponentType {
  const restrictions = listAt(told, 'explicitRestrictions')
  const codes = restrictions.map((each) => textAt(each, 'requiredPermission', 'id'))
  return {
    bundle: coordinate(at(told, 'bundle')),
    version: textAt(told, 'bundle', 'version'),
    // Restricted without saying by what: by everything.
    runsCode: codes.includes('execute-code') || (at(told, 'restricted') === true && codes.length === 0),
  }
}

export function coordinate(bundle: unknown): string {
  return ['group', 'artifact', 'version'].map((part) => textAt(bundle, part)).join(':')
}
