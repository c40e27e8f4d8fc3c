import type { ProcessorType, ServiceType } from './fake-extension.ts'
import { processorTypes } from './fake-processor-types.ts'
import { serviceTypes } from './fake-service-types.ts'

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
