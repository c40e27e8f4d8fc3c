import {
  type Environment,
  type EnvironmentRule,
  type Finding,
  namespaceOf,
  ofKind,
  ownNamespace,
} from './environment.ts'
import { fieldsOf, listOf, titleOf } from './manifest.ts'
import { isEncrypted } from './schemas.ts'

const enforce = 'pod-security.kubernetes.io/enforce'

/** What an environment may make, and where. */
export const scopeRules: readonly EnvironmentRule[] = [
  {
    code: 'OnlyNamespaced',
    says: 'An environment makes nothing outside its namespace but the namespace itself.',
    judge: (environment, { isClusterScoped }) =>
      environment.objects
        .filter(({ manifest }) => manifest.kind !== 'Namespace' && isClusterScoped(manifest))
        .map((object) => ({
          object,
          path: ['kind'],
          message: `${object.manifest.kind} is an object of the whole cluster: use one of a namespace (Role for ClusterRole), or leave it to whoever owns the cluster`,
        })),
  },
  {
    code: 'OneNamespace',
    says: 'Everything of an environment is in one namespace.',
    judge: (environment, { isClusterScoped }) => {
      const namespace = namespaceOf(environment)
      const strangers = environment.objects.filter(
        ({ manifest }) => !isClusterScoped(manifest) && manifest.metadata.namespace !== namespace,
      )
      return [...strangers, ...otherNamespaces(environment, namespace)].map((object) => ({
        object,
        path: ['metadata'],
        message: `is not in the namespace ${namespace ?? ''} of the others: set \`namespace:\` in the environment's kustomization.yaml`,
      }))
    },
  },
  {
    code: 'NoQuotaInGivenNamespace',
    says: 'An environment that was given its namespace sets no quota and no limits for it.',
    judge: (environment) =>
      ownNamespace(environment) !== undefined
        ? []
        : ofKind(environment, 'ResourceQuota', 'LimitRange').map((object) => ({
            object,
            path: ['kind'],
            message: `${object.manifest.kind} is for whoever owns the namespace, and this environment makes none: leave it out`,
          })),
  },
  {
    code: 'RestrictedNamespace',
    says: 'A namespace of our own enforces Pod Security restricted.',
    judge: (environment) =>
      ofKind(environment, 'Namespace')
        .filter(({ manifest }) => manifest.metadata.labels?.[enforce] !== 'restricted')
        .map((object) => ({
          object,
          path: ['metadata', 'labels', enforce],
          message: 'must be restricted: otherwise the namespace lets any pod in',
        })),
  },
  {
    code: 'SecretsEncrypted',
    says: 'A Secret in Git is encrypted.',
    judge: (environment) =>
      [
        ...ofKind(environment, 'Secret'),
        ...environment.flux.filter(({ manifest }) => manifest.kind === 'Secret'),
      ].flatMap((object) => clearValues(object)),
  },
  {
    code: 'OnlyTheBorderIsReachable',
    says: 'Nothing but the border of an environment with a namespace of its own is reached from outside the cluster.',
    judge: (environment) => ofKind(environment, 'Service').flatMap((object) => exposed(environment, object)),
  },
]

function otherNamespaces(environment: Environment, namespace: string | undefined): Environment['objects'] {
  return ofKind(environment, 'Namespace').filter(({ manifest }) => manifest.metadata.name !== namespace)
}

/** SOPS leaves keys readable and encrypts values; an empty value is no secret. */
function clearValues(object: Finding['object']): readonly Finding[] {
  const { manifest } = object
  return ['data', 'stringData'].flatMap((field) =>
    Object.entries(fieldsOf(manifest[field]))
      .filter(([, value]) => value !== '' && !(manifest['sops'] !== undefined && isEncrypted(value)))
      .map(([key]) => ({
        object,
        path: [field, key],
        message:
          'stands in Git for everybody to read: encrypt it with SOPS, or create the Secret in the cluster and name it in infometis.io/expects',
      })),
  )
}

function exposed(environment: Environment, object: Finding['object']): readonly Finding[] {
  const { type, externalIPs } = fieldsOf(object.manifest['spec'])
  const way = 'make it ClusterIP and let the border lead to it'
  const ips =
    listOf(externalIPs).length === 0 ? [] : [{ object, path: ['spec', 'externalIPs'], message: way }]
  if (type !== 'LoadBalancer' && type !== 'NodePort') return ips
  if (object.part === 'border' && ownNamespace(environment) !== undefined) return ips
  const why =
    object.part === 'border'
      ? 'in a given namespace the border is the platform’s'
      : `${titleOf(object.manifest)} is no part of the border`
  return [...ips, { object, path: ['spec', 'type'], message: `is ${type}, but ${why}: ${way}` }]
}
