import type { Environment, EnvironmentObject } from './environment.ts'
import { type Fields, fieldsOf, isFields, listOf, type Manifest, type Path, valueAt } from './manifest.ts'

/** The template of pods in an object: where it stands, and what it says. */
export interface PodTemplate {
  readonly object: EnvironmentObject
  /** Leads to the map with `metadata` and `spec`. */
  readonly path: Path
  readonly labels: Fields
  readonly annotations: Fields
  readonly spec: Fields
}

export interface Container {
  readonly path: Path
  readonly fields: Fields
  /** True for one that has ended when the others start. */
  readonly first: boolean
}

const templatePaths: Readonly<Record<string, Path>> = {
  Pod: [],
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
}

/** Everything in an environment that becomes pods. */
export function podTemplates({ objects }: Environment): readonly PodTemplate[] {
  return objects.flatMap((object) => {
    const template = podTemplate(object.manifest)
    return template === undefined ? [] : [{ ...template, object }]
  })
}

export function podTemplate(manifest: Manifest): Omit<PodTemplate, 'object'> | undefined {
  const path = Object.hasOwn(templatePaths, manifest.kind) ? templatePaths[manifest.kind] : undefined
  const template = path === undefined ? undefined : valueAt(manifest, path)
  if (path === undefined || !isFields(template)) return undefined
  const metadata = fieldsOf(template['metadata'])
  return {
    path,
    labels: fieldsOf(metadata['labels']),
    annotations: fieldsOf(metadata['annotations']),
    spec: fieldsOf(template['spec']),
  }
}

/** All containers of a pod, with the path of each from the object. */
export function containersOf({ path, spec }: Pick<PodTemplate, 'path' | 'spec'>): readonly Container[] {
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap((field) =>
    listOf(spec[field])
      .map(fieldsOf)
      .map((fields, index) => ({
        path: [...path, 'spec', field, index],
        fields,
        first: field === 'initContainers' && fields['restartPolicy'] !== 'Always',
      })),
  )
}

/** True for a StatefulSet that makes a pod of this name. */
export function makesPod({ kind, metadata, spec }: Manifest, pod: string): boolean {
  const [, set, ordinal] = /^(.+)-(\d+)$/.exec(pod) ?? []
  const { replicas } = fieldsOf(spec)
  return kind === 'StatefulSet' && set === metadata.name && Number(ordinal) < Number(replicas ?? 1)
}

/** True when a label selector of Kubernetes (matchLabels, matchExpressions) takes these labels; an empty one takes all. */
export function selects(selector: unknown, labels: Fields): boolean {
  const { matchLabels, matchExpressions } = fieldsOf(selector)
  return (
    Object.entries(fieldsOf(matchLabels)).every(([key, value]) => labels[key] === value) &&
    listOf(matchExpressions).every((each) => meets(fieldsOf(each), labels))
  )
}

function meets({ key, operator, values }: Fields, labels: Fields): boolean {
  const value = labels[typeof key === 'string' ? key : '']
  if (operator === 'Exists') return value !== undefined
  if (operator === 'DoesNotExist') return value === undefined
  const listed = value !== undefined && listOf(values).includes(value)
  return operator === 'In' ? listed : !listed
}
