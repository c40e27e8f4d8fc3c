import type { Difference } from './differences.ts'

/** A place in which core services may differ from one environment to another. Everything that is not here must be equal. */
export interface AllowedPath {
  readonly kinds: readonly string[]
  /** In brackets `*` stands for any part of a name; `**` at the end for everything below. */
  readonly path: string
  readonly why: string
}

const workloads = ['StatefulSet', 'Deployment']
const pod = 'spec.template.spec'

export const allowList: readonly AllowedPath[] = [
  { kinds: ['*'], path: 'metadata.namespace', why: 'every environment has a namespace of its own' },
  {
    kinds: ['RoleBinding'],
    path: 'subjects[*].namespace',
    why: 'the service account is in that namespace',
  },
  { kinds: workloads, path: 'spec.replicas', why: 'how many there are is what an environment is sized by' },
  {
    kinds: workloads,
    path: `${pod}.containers[*].env[REPLICAS].value`,
    why: 'repeats the replicas for the start script',
  },
  { kinds: workloads, path: `${pod}.containers[*].resources.**`, why: 'requests and limits are sizes' },
  { kinds: workloads, path: `${pod}.initContainers[*].resources.**`, why: 'requests and limits are sizes' },
  {
    kinds: workloads,
    path: `${pod}.containers[*].env[*HEAP*].value`,
    why: 'a heap follows the memory limit',
  },
  {
    kinds: ['StatefulSet'],
    path: 'spec.volumeClaimTemplates[*].spec.resources.requests.storage',
    why: 'the size of the storage',
  },
  {
    kinds: ['StatefulSet'],
    path: 'spec.volumeClaimTemplates[*].spec.storageClassName',
    why: 'what storage there is, is the cluster’s',
  },
  {
    kinds: ['PersistentVolumeClaim'],
    path: 'spec.resources.requests.storage',
    why: 'the size of the storage',
  },
  {
    kinds: ['PersistentVolumeClaim'],
    path: 'spec.storageClassName',
    why: 'what storage there is, is the cluster’s',
  },
]

/** Objects that an environment may have or not, because others may give them. */
export const allowedObjects: readonly { readonly kind: string; readonly why: string }[] = [
  { kind: 'Namespace', why: 'a shared environment lives in a namespace that it was given' },
]

/** The entry of the allow-list that a difference is covered by; undefined where it is none. */
export function allowanceOf({ kind, path }: Difference): string | undefined {
  if (path === '') return allowedObjects.find((each) => each.kind === kind)?.why
  return allowList.find(
    (each) => (each.kinds.includes('*') || each.kinds.includes(kind)) && patternOf(each.path).test(path),
  )?.why
}

function patternOf(path: string): RegExp {
  const words = path
    .replace(/[.[\]]/g, '\\$&')
    .replace(/\\\.\*\*$/, '([.[].*)?')
    .replace(/\\\[(.+?)\\\]/g, (element) => element.replaceAll('*', '[^\\]]*'))
  return new RegExp(`^${words}$`)
}
