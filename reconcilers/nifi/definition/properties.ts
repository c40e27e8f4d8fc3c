import { own, ownObject } from '../../../src/core/json.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { Snapshot } from '../resource.ts'
import { type Component, componentsOf, textOf } from './components.ts'

/** A property of a processor or service that has a value. */
export interface Property {
  readonly name: string
  readonly value: string
  /** Undefined where the definition does not describe the property. */
  readonly sensitive: boolean | undefined
}

/** The properties that have a value, in the order in which they stand. */
export function propertiesOf(json: JsonObject): readonly Property[] {
  const descriptors = ownObject(json, 'propertyDescriptors')
  const dynamic = own(json, 'sensitiveDynamicPropertyNames')
  const named: readonly unknown[] = Array.isArray(dynamic) ? dynamic : []
  return Object.entries(ownObject(json, 'properties')).flatMap(([name, value]) => {
    if (value === null || value === undefined) return []
    const said = own(own(descriptors, name), 'sensitive')
    const sensitive = named.includes(name) || (typeof said === 'boolean' ? said : undefined)
    return [{ name, value: typeof value === 'string' ? value : JSON.stringify(value), sensitive }]
  })
}

/** `#{name}` or `#{'a name'}` and nothing else: the only value of a sensitive property that a definition may have. */
export function isParameterReference(value: string): boolean {
  return /^#\{\s*('[^']+'|[^{}']+)\s*\}$/.test(value)
}

/** The names of the parameters that a value refers to. `##{x}` is the text `#{x}`. */
export function parametersIn(value: string): readonly string[] {
  const names = [...value.matchAll(/(#+)\{\s*('(?<quoted>[\w .-]+)'|(?<bare>[\w .-]+?))\s*\}/g)].flatMap(
    (match) => {
      const name = match.groups?.['quoted'] ?? match.groups?.['bare']
      return name === undefined || (match[1] ?? '').length % 2 === 0 ? [] : [name]
    },
  )
  return [...new Set(names)]
}

export interface ParameterUse {
  readonly component: Component
  readonly property: string
  readonly parameter: string
}

/** Where a definition refers to parameters. */
export function parameterUses(snapshot: Snapshot): readonly ParameterUse[] {
  return [...componentsOf(snapshot).values()]
    .filter(hasProperties)
    .flatMap((component) =>
      propertiesOf(component.json).flatMap(({ name, value }) =>
        parametersIn(value).map((parameter) => ({ component, property: name, parameter })),
      ),
    )
}

export function hasProperties({ kind }: Component): boolean {
  return kind === 'processor' || kind === 'controller-service'
}

/** Services outside of the flow that it uses, by the identifier that stands for them in it → their names. */
export function externalServices(snapshot: Snapshot): ReadonlyMap<string, string> {
  const services = Object.entries(ownObject(snapshot, 'externalControllerServices'))
  return new Map(services.map(([id, service]) => [id, textOf(service, 'name') || id]))
}

/** The services of the definition that a component uses. */
export function servicesUsedBy(json: JsonObject, all: ReadonlyMap<string, Component>): readonly Component[] {
  return propertiesOf(json).flatMap(({ value }) => {
    const service = all.get(value)
    return service?.kind === 'controller-service' ? [service] : []
  })
}
