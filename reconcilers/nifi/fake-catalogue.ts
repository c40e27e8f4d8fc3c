import { processorTypes } from './fake-processor-types.ts'
import { serviceTypes } from './fake-service-types.ts'

/** What a property takes, as its descriptor says. */
export interface PropertyType {
  /** Default: the name. */
  readonly title?: string
  /** Its default. */
  readonly usual?: string
  readonly required?: boolean
  /** Set where a definition does not have it: NiFi takes the definition for one of an older version. */
  readonly older?: string
  readonly sensitive?: boolean
  /** The API of the controller service that it names. */
  readonly service?: string
  readonly values?: readonly string[]
  readonly expressions?: boolean
  /** Other properties that must have one of these values (none listed: any), or this one does not count. */
  readonly when?: Readonly<Record<string, readonly string[]>>
}

interface ExtensionType {
  readonly artifact: string
  /** Takes properties that it does not know. */
  readonly dynamic: boolean
  readonly properties: Readonly<Record<string, PropertyType>>
}

export interface ProcessorType extends ExtensionType {
  readonly input: string
  readonly relationships: readonly string[]
  readonly restricted: boolean
  readonly batching: boolean
  readonly period: string
  readonly duration: number
}

export interface ServiceType extends ExtensionType {
  readonly apis: readonly string[]
}

export const bundleVersion = '2.3.0'

const ofProcessors = 'org.apache.nifi.processors.standard.'

/** The type that an instance has; undefined: no NAR here has it, and NiFi puts a ghost in its place. */
export function processorType(type: string, bundle: unknown): ProcessorType | undefined {
  const found = type.startsWith(ofProcessors)
    ? own(processorTypes, type.slice(ofProcessors.length))
    : undefined
  return found !== undefined && isBundle(bundle, found.artifact) ? found : undefined
}

export function serviceType(type: string, bundle: unknown): ServiceType | undefined {
  const found = own(serviceTypes, type)
  return found !== undefined && isBundle(bundle, found.artifact) ? found : undefined
}

/** The one bundle that has the type: NiFi takes it in the place of one that is not there. */
export function compatibleBundle(
  kind: 'processor' | 'controller-service',
  type: string,
  asked: unknown,
): unknown {
  const found =
    kind === 'processor' ? own(processorTypes, type.slice(ofProcessors.length)) : own(serviceTypes, type)
  return found === undefined ? asked : bundleOf(found.artifact)
}

export function bundleOf(artifact: string): Readonly<Record<string, string>> {
  return { group: 'org.apache.nifi', artifact, version: bundleVersion }
}

export function allProcessorTypes(): readonly (readonly [string, ProcessorType])[] {
  return Object.entries(processorTypes).map(([name, type]) => [ofProcessors + name, type] as const)
}

export function allServiceTypes(): readonly (readonly [string, ServiceType])[] {
  return Object.entries(serviceTypes)
}

function own<T>(of: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(of, name) ? of[name] : undefined
}

function isBundle(bundle: unknown, artifact: string): boolean {
  return JSON.stringify(bundle) === JSON.stringify(bundleOf(artifact))
}
