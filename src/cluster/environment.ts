import { fieldsOf, listOf, type Manifest, nameOf, parseManifests, valueAt } from '../environments/manifest.ts'

/** What runs pods. */
export interface Workload {
  readonly kind: string
  readonly name: string
  readonly namespace: string
  readonly selector: Readonly<Record<string, string>>
  readonly images: readonly string[]
  readonly claims: readonly Claim[]
}

/** A wish for storage. */
export interface Claim {
  readonly name: string
  /** Undefined: whatever the cluster’s default is. */
  readonly storageClass: string | undefined
}

export interface ObjectName {
  readonly namespace: string
  readonly name: string
}

/** An environment as kustomize renders it, and what there is to know of it before it is applied. */
export interface Environment {
  readonly name: string
  readonly manifests: readonly Manifest[]
  readonly namespaces: readonly string[]
  /** Of these, what the environment makes itself; others must be there. */
  readonly ownNamespaces: readonly string[]
  readonly workloads: readonly Workload[]
  readonly desired: readonly ObjectName[]
}

const workloadKinds = new Set(['Deployment', 'StatefulSet', 'DaemonSet'])
const componentLabel = 'infometis.component'
const kindLabel = 'infometis.io/kind'

/** `kubectl kustomize` → environment. Pure. */
export function readEnvironment(name: string, rendered: string): Environment {
  const manifests = parseManifests(rendered)
  const ownNamespaces = manifests
    .filter(({ kind }) => kind === 'Namespace')
    .map(({ metadata }) => metadata.name)
  const used = manifests.flatMap(({ metadata }) => metadata.namespace ?? [])
  return {
    name,
    manifests,
    namespaces: [...new Set([...ownNamespaces, ...used])].sort(),
    ownNamespaces,
    workloads: manifests.filter(isWorkload).map(toWorkload),
    desired: manifests.filter(isDesired).map(objectName),
  }
}

export function objectName({ metadata }: Manifest): ObjectName {
  return { namespace: metadata.namespace ?? 'default', name: metadata.name }
}

export function isWorkload({ kind }: Pick<Manifest, 'kind'>): boolean {
  return workloadKinds.has(kind)
}

/** Storage outlives what uses it: it goes only when that is asked for. */
export function isData({ kind }: Pick<Manifest, 'kind'>): boolean {
  return kind === 'PersistentVolumeClaim' || kind === 'Namespace'
}

/** `statefulset/kafka`, as kubectl names it. */
export function resourceOf({ kind, name }: Pick<Workload, 'kind' | 'name'>): string {
  return `${kind.toLowerCase()}/${name}`
}

function isDesired({ kind, metadata: { labels = {} } }: Manifest): boolean {
  return kind === 'ConfigMap' && labels[componentLabel] !== undefined && labels[kindLabel] === undefined
}

function toWorkload(manifest: Manifest): Workload {
  const containers = listOf(valueAt(manifest, ['spec', 'template', 'spec', 'containers'])).map(fieldsOf)
  return {
    kind: manifest.kind,
    ...objectName(manifest),
    selector: texts(valueAt(manifest, ['spec', 'selector', 'matchLabels'])),
    images: containers.flatMap(({ image }) => (typeof image === 'string' ? [image] : [])),
    claims: listOf(valueAt(manifest, ['spec', 'volumeClaimTemplates'])).map(toClaim),
  }
}

function toClaim(template: unknown): Claim {
  const storageClass = valueAt(template, ['spec', 'storageClassName'])
  return {
    name: nameOf(fieldsOf(template)['metadata']) ?? '',
    storageClass: typeof storageClass === 'string' ? storageClass : undefined,
  }
}

function texts(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fieldsOf(value)).flatMap(([key, each]) => (typeof each === 'string' ? [[key, each]] : [])),
  )
}
