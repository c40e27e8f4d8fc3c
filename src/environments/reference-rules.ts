import { nearest } from '../core/nearest.ts'
import {
  type Environment,
  type EnvironmentObject,
  type EnvironmentRule,
  expected,
  type Finding,
  ofKind,
} from './environment.ts'
import { type Fields, fieldsOf, listOf, nameOf } from './manifest.ts'
import { containersOf, makesPod, podTemplates, type PodTemplate, selects } from './pods.ts'
import { type Reference, referencesOf } from './references.ts'

/** What every namespace of a cluster has without anybody's doing. */
const given = new Set([
  'ConfigMap/kube-root-ca.crt',
  'ServiceAccount/default',
  'ClusterRole/admin',
  'ClusterRole/edit',
  'ClusterRole/view',
])

/** What objects say of each other must be so. */
export const referenceRules: readonly EnvironmentRule[] = [
  {
    code: 'ReferencesExist',
    says: 'What an object names is there, or is said to be brought by others.',
    judge: (environment) => {
      const brought = expected(environment)
      const flux = { ...environment, objects: [...environment.objects, ...environment.flux] }
      return flux.objects.flatMap((object) =>
        referencesOf(object).flatMap((reference) => missing(object, reference, flux, brought)),
      )
    },
  },
  {
    code: 'SelectorsFind',
    says: 'A Service and a disruption budget find pods, and the ports they name.',
    judge: (environment) => [
      ...ofKind(environment, 'Service').flatMap((object) => serviceFindings(object, environment)),
      ...ofKind(environment, 'PodDisruptionBudget').flatMap((object) => {
        const { selector } = fieldsOf(object.manifest['spec'])
        return podTemplates(environment).some(({ labels }) => selects(selector, labels))
          ? []
          : [{ object, path: ['spec', 'selector'], message: noPods }]
      }),
    ],
  },
]

const noPods = 'finds no pods of this environment: compare it with the labels of their template'

function missing(
  object: EnvironmentObject,
  { kind, name, key, path }: Reference,
  environment: Environment,
  brought: ReadonlySet<string>,
): readonly Finding[] {
  const title = `${kind}/${name}`
  if (brought.has(title) || given.has(title)) return []
  const same = ofKind(environment, kind).map(({ manifest }) => manifest)
  const found = same.find(({ metadata }) => metadata.name === name)
  if (found === undefined) {
    const near = nearest(
      name,
      same.map(({ metadata }) => metadata.name),
    )
    const hint = near === undefined ? '' : ` (did you mean ${near}?)`
    const way = 'add it, or name it in the annotation infometis.io/expects where others bring it'
    return [{ object, path, message: `there is no ${title} in this environment${hint}: ${way}` }]
  }
  const { data, stringData, binaryData } = found
  const keys = [data, stringData, binaryData].flatMap((each) => Object.keys(fieldsOf(each)))
  if (key === undefined || keys.includes(key)) return []
  return [{ object, path, message: `${title} has no key ${key}; there are ${keys.join(', ')}` }]
}

function serviceFindings(object: EnvironmentObject, environment: Environment): readonly Finding[] {
  const { selector, ports } = fieldsOf(object.manifest['spec'])
  if (selector === undefined) return []
  const found = podTemplates(environment).filter((pod) => servesPod(fieldsOf(selector), pod))
  if (found.length === 0) return [{ object, path: ['spec', 'selector'], message: noPods }]
  const names = found.flatMap((pod) =>
    containersOf(pod)
      .filter(({ first }) => !first)
      .flatMap(({ fields }) => listOf(fields['ports']).flatMap((port) => nameOf(port) ?? [])),
  )
  return listOf(ports).flatMap((port, index) => {
    const { targetPort } = fieldsOf(port)
    if (typeof targetPort !== 'string' || names.includes(targetPort)) return []
    const message = `no container of these pods has a port named ${targetPort}; there are ${names.join(', ')}`
    return [{ object, path: ['spec', 'ports', index, 'targetPort'], message }]
  })
}

const podName = 'statefulset.kubernetes.io/pod-name'

/** A StatefulSet gives each of its pods a label with its name. */
function servesPod(selector: Fields, { object, labels }: PodTemplate): boolean {
  const { [podName]: wanted, ...others } = selector
  if (!selects({ matchLabels: others }, labels)) return false
  return wanted === undefined || (typeof wanted === 'string' && makesPod(object.manifest, wanted))
}
