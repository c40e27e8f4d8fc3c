import { type Environment, type EnvironmentRule, type Finding, ofKind } from './environment.ts'
import { fieldsOf, listOf, nameOf, valueAt } from './manifest.ts'
import { restrictedFaults } from './pod-security.ts'
import { type Container, containersOf, type PodTemplate, podTemplates, selects } from './pods.ts'

const sizes = ['requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'] as const

const probes = ['startupProbe', 'livenessProbe', 'readinessProbe']
const actions = ['httpGet', 'tcpSocket', 'grpc']

/** How pods must be made. */
export const podRules: readonly EnvironmentRule[] = [
  {
    code: 'PodsRestricted',
    says: 'Every pod passes Pod Security restricted.',
    judge: (environment) =>
      podTemplates(environment).flatMap((pod) =>
        restrictedFaults(pod).map((fault) => ({ object: pod.object, ...fault })),
      ),
  },
  {
    code: 'RootIsReadOnly',
    says: 'No container writes to its own root.',
    judge: (environment) =>
      eachContainer(environment, ({ fields, path }) =>
        valueAt(fields, ['securityContext', 'readOnlyRootFilesystem']) === true
          ? []
          : [
              {
                path: [...path, 'securityContext', 'readOnlyRootFilesystem'],
                message: 'must be true: mount an emptyDir where the container writes',
              },
            ],
      ),
  },
  {
    code: 'ImagesPinned',
    says: 'Every image has a version.',
    judge: (environment) =>
      eachContainer(environment, ({ fields, path }) => {
        const { image } = fields
        const flaw = typeof image === 'string' ? flawOfImage(image) : 'is missing'
        return flaw === undefined ? [] : [{ path: [...path, 'image'], message: flaw }]
      }),
  },
  {
    code: 'ContainersSized',
    says: 'Every container says what it needs and what it may take.',
    judge: (environment) =>
      eachContainer(environment, ({ fields, path }) =>
        sizes
          .map((size) => ['resources', ...size.split('.')])
          .filter((steps) => valueAt(fields, steps) === undefined)
          .map((steps) => ({
            path: [...path, ...steps],
            message: 'is missing: a quota of the namespace would refuse the pod',
          })),
      ),
  },
  {
    code: 'ReplicasRepeated',
    says: 'A variable REPLICAS repeats the replicas.',
    judge: (environment) =>
      eachContainer(environment, ({ fields, path }, { object }) => {
        const { replicas = 1 } = fieldsOf(object.manifest['spec'])
        return listOf(fields['env']).flatMap((variable, index) => {
          const { name, value } = fieldsOf(variable)
          if (name !== 'REPLICAS' || value === String(Number(replicas))) return []
          const message = `must be "${Number(replicas)}", as spec.replicas is: the start script cannot see that one`
          return [{ path: [...path, 'env', index, 'value'], message }]
        })
      }),
  },
  {
    code: 'MountsExist',
    says: 'A container mounts volumes that its pod has.',
    judge: (environment) =>
      eachContainer(environment, ({ fields, path }, pod) => {
        const known = volumesOf(pod)
        return listOf(fields['volumeMounts']).flatMap((mount, index) => {
          const name = nameOf(mount)
          if (name === undefined || known.includes(name)) return []
          const message = `there is no volume ${name} in the pod; there are ${known.join(', ')}`
          return [{ path: [...path, 'volumeMounts', index, 'name'], message }]
        })
      }),
  },
  {
    code: 'ProbesFindPorts',
    says: 'A probe asks a port that its container has.',
    judge: (environment) =>
      eachContainer(environment, ({ fields, path }) => {
        const known = listOf(fields['ports']).flatMap((port) => nameOf(port) ?? [])
        return probes
          .flatMap((probe) => actions.map((action) => [probe, action, 'port']))
          .flatMap((steps) => {
            const port = valueAt(fields, steps)
            if (typeof port !== 'string' || known.includes(port)) return []
            return [
              {
                path: [...path, ...steps],
                message: `there is no port ${port}; there are ${known.join(', ')}`,
              },
            ]
          })
      }),
  },
  {
    code: 'PodsGuarded',
    says: 'A NetworkPolicy says who may come to each pod.',
    judge: (environment) =>
      podTemplates(environment)
        .filter((pod) => !isGuarded(pod, environment))
        .map(({ object, path }) => ({
          object,
          path: [...path, 'metadata', 'labels'],
          message:
            'no NetworkPolicy with Ingress selects these pods, so the whole cluster may come to them: add one, or give them the labels of one',
        })),
  },
]

function eachContainer(
  environment: Environment,
  judge: (container: Container, pod: PodTemplate) => readonly Omit<Finding, 'object'>[],
): readonly Finding[] {
  return podTemplates(environment).flatMap((pod) =>
    containersOf(pod).flatMap((container) =>
      judge(container, pod).map((each) => ({ object: pod.object, ...each })),
    ),
  )
}

/** A StatefulSet gives its pods a volume for each of its claims, too. */
function volumesOf({ object, spec }: PodTemplate): readonly string[] {
  const { volumeClaimTemplates } = fieldsOf(object.manifest['spec'])
  const claims = listOf(volumeClaimTemplates).map((claim) => fieldsOf(claim)['metadata'])
  return [...listOf(spec['volumes']), ...claims].flatMap((each) => nameOf(each) ?? [])
}

/** Why an image is not always the same; undefined where it is. */
function flawOfImage(image: string): string | undefined {
  if (/@sha256:[0-9a-f]{64}$/.test(image)) return undefined
  const tag = /:([^:/@]+)$/.exec(image)?.[1]
  const way = 'name a version (name:1.2.3) or a digest'
  if (tag === undefined) return `${image} has no tag, which means latest: ${way}`
  return /^(latest|main|master|edge|nightly|stable|dev)$/.test(tag) || !/\d/.test(tag)
    ? `${image} is something else every day: ${way}`
    : undefined
}

function isGuarded({ labels }: PodTemplate, environment: Environment): boolean {
  return ofKind(environment, 'NetworkPolicy').some(({ manifest }) => {
    const { podSelector, policyTypes } = fieldsOf(manifest['spec'])
    const types = listOf(policyTypes)
    return (types.length === 0 || types.includes('Ingress')) && selects(podSelector, labels)
  })
}
