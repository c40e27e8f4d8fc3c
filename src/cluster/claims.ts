import { valueAt } from '../environments/manifest.ts'
import type { Environment, ObjectName } from './environment.ts'

const claimKind = 'PersistentVolumeClaim'

/** Tells the environment’s own claims from others’ in its namespaces: by the names that Kubernetes gives to those of a StatefulSet. */
export function ownsClaim({ workloads, manifests }: Environment, claim: ObjectName): boolean {
  const isWritten = manifests.some(
    ({ kind, metadata }) =>
      kind === claimKind && metadata.name === claim.name && metadata.namespace === claim.namespace,
  )
  if (isWritten) return true
  const starts = workloads
    .filter(({ namespace }) => namespace === claim.namespace)
    .flatMap(({ name, claims }) => claims.map((each) => `${each.name}-${name}-`))
  return starts.some((start) => claim.name.startsWith(start) && /^\d+$/.test(claim.name.slice(start.length)))
}

/** The storage classes that claims ask for; undefined stands for the cluster’s default. */
export function storageClassesOf({ workloads, manifests }: Environment): readonly (string | undefined)[] {
  const written = manifests
    .filter(({ kind }) => kind === claimKind)
    .map((each) => valueAt(each, ['spec', 'storageClassName']))
    .map((name) => (typeof name === 'string' ? name : undefined))
  return [
    ...new Set([...workloads.flatMap(({ claims }) => claims.map((each) => each.storageClass)), ...written]),
  ]
}
