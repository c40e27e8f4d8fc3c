import { own, ownObject } from '../../src/core/json.ts'
import { processorType, serviceType } from './fake-catalogue.ts'
import type { PropertyType } from './fake-extension.ts'
import { type Component, type FakeState, type Members, identifierOf } from './fake-state.ts'

export const mask = '********'

/** What is known of a component's type; undefined for a ghost, and for what has no properties. */
export function typeOf(part: Component): ReturnType<typeof processorType> | ReturnType<typeof serviceType> {
  const { type, bundle } = part.members
  if (part.ghost || typeof type !== 'string') return undefined
  return part.kind === 'processor' ? processorType(type, bundle) : serviceType(type, bundle)
}

export function descriptorsOf(part: Component): Readonly<Record<string, PropertyType>> {
  return typeOf(part)?.properties ?? {}
}

/** Of the name a property is known by; what is not known is dynamic. */
export function descriptorOf(part: Component, name: string): PropertyType | undefined {
  return own(descriptorsOf(part), name) as PropertyType | undefined
}

/** Every property that is set or could be, with defaults where none is set; a service by its instance's id. */
export function valuesOf(part: Component): ReadonlyMap<string, string | null> {
  const values = new Map<string, string | null>()
  for (const [name, { usual }] of Object.entries(descriptorsOf(part))) values.set(name, usual ?? null)
  for (const [name, value] of Object.entries(ownObject(part.members, 'properties'))) {
    if (typeof value === 'string') values.set(name, value)
    else if (!values.has(name) && part.ghost) values.set(name, null)
  }
  return values
}

/** As the API shows them: sensitive values behind a mask. */
export function shownProperties(part: Component): Readonly<Record<string, string | null>> {
  const shown = [...valuesOf(part)].map(
    ([name, value]) => [name, value !== null && isSensitive(part, name) ? mask : value] as const,
  )
  return Object.fromEntries(shown)
}

/** As a download has them: services by identifier, and no sensitive value but a reference to a parameter. */
export function exportedProperties(state: FakeState, part: Component): Members {
  const exported: Members = {}
  for (const [name, value] of valuesOf(part)) {
    if (isSensitive(part, name) && !isReference(value)) continue
    const service = isServiceName(part, name) && value !== null ? state.component(value) : undefined
    exported[name] = service === undefined ? value : identifierOf(service)
  }
  return exported
}

export function exportedDescriptors(part: Component): Members {
  const exported: Members = {}
  for (const name of valuesOf(part).keys()) {
    const known = descriptorOf(part, name)
    exported[name] = {
      name,
      displayName: known?.title ?? name,
      identifiesControllerService: known?.service !== undefined,
      sensitive: known?.sensitive === true,
      dynamic: known === undefined,
    }
  }
  return exported
}

export function isSensitive(part: Component, name: string): boolean {
  const known = descriptorOf(part, name)
  if (known !== undefined) return known.sensitive === true
  const sensitive = own(part.members, 'sensitiveDynamicPropertyNames')
  return Array.isArray(sensitive) && sensitive.includes(name)
}

export function isServiceName(part: Component, name: string): boolean {
  return descriptorOf(part, name)?.service !== undefined
}

function isReference(value: string | null): boolean {
  return value !== null && /^#\{[^}]+\}$/.test(value)
}

/** Names of the parameters that a value refers to. `##{x}` is none. */
export function parametersIn(value: string | null): readonly string[] {
  if (value === null) return []
  return [...value.matchAll(/(#+)\{'?([^}']+)'?\}/g)]
    .filter(([, hashes = '']) => hashes.length % 2 === 1)
    .map(([, , name = '']) => name)
}

/** Components that have a property which names this service. */
export function usersOf(state: FakeState, service: Component): readonly Component[] {
  return [...state.components.values()].filter((part) =>
    [...valuesOf(part)].some(([name, value]) => value === service.id && isServiceName(part, name)),
  )
}
