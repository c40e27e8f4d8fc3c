import { parseAllDocuments } from 'yaml'

/** A Kubernetes object as kustomize renders it. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Metadata
  readonly [field: string]: unknown
}

export interface Metadata {
  readonly name: string
  readonly namespace?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

export type Fields = Readonly<Record<string, unknown>>

/** Steps from an object to a place inside it: keys of maps and positions in lists. */
export type Path = readonly (string | number)[]

/** The objects of rendered YAML, in its order. What is no object of Kubernetes is left out. */
export function parseManifests(text: string): readonly Manifest[] {
  return [...parseAllDocuments(text)].flatMap((document) => toManifest(document.toJS()))
}

export function toManifest(value: unknown): readonly Manifest[] {
  const { apiVersion, kind, metadata } = fieldsOf(value)
  const { name, ...more } = fieldsOf(metadata)
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || typeof name !== 'string') return []
  return [{ ...fieldsOf(value), apiVersion, kind, metadata: { ...more, name } }]
}

/** A map's fields; none for anything else. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {}
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A list's elements; none for anything else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** What stands at a path; undefined where nothing does. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, step) => (typeof step === 'number' ? listOf(at)[step] : fieldsOf(at)[step]),
    value,
  )
}

/** The steps of a JSON pointer, each as it was before it was escaped. */
export function pointerSteps(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** `StatefulSet/kafka`. */
export function titleOf({ kind, metadata }: Manifest): string {
  return `${kind}/${metadata.name}`
}

/** The group of an API; empty for the core. */
export function groupOf({ apiVersion }: Manifest): string {
  return apiVersion.includes('/') ? apiVersion.replace(/\/.*$/, '') : ''
}

/** `spec.containers[kafka].env[REPLICAS].value`: elements of lists go by their name where they have one. */
export function showPath(value: unknown, path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${nameOf(valueAt(value, path.slice(0, index + 1))) ?? step}]`
      if (!/^[\w$-]+$/.test(step)) return `["${step}"]`
      return index === 0 ? step : `.${step}`
    })
    .join('')
}

/** The way back from `showPath`, in the object that it was made of. */
export function readPath(value: unknown, shown: string): Path {
  return [...shown.matchAll(/\["([^"]+)"\]|\[([^\]]+)\]|([^.[\]]+)/g)].reduce<Path>(
    (path, [, key, element, word]) => {
      if (element === undefined) return [...path, key ?? word ?? '']
      const index = listOf(valueAt(value, path)).findIndex((each) => nameOf(each) === element)
      return [...path, index === -1 ? Number(element) : index]
    },
    [],
  )
}

/** The name by which people know an element of a list. */
export function nameOf(element: unknown): string | undefined {
  const { name } = fieldsOf(element)
  return typeof name === 'string' && name !== '' ? name : undefined
}
