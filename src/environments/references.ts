import type { EnvironmentObject } from './environment.ts'
import { type Fields, fieldsOf, listOf, nameOf, type Path } from './manifest.ts'
import { containersOf, podTemplate, type PodTemplate } from './pods.ts'

/** A name that one object calls another by. */
export interface Reference {
  readonly path: Path
  readonly kind: string
  readonly name: string
  /** The key that must be in it. */
  readonly key?: string
}

/** Everything that an object names in its own namespace and does not do without. */
export function referencesOf({ manifest }: EnvironmentObject): readonly Reference[] {
  const pod = podTemplate(manifest)
  const others = referencesOfKind[manifest.kind]?.(manifest) ?? []
  return pod === undefined ? others : [...podReferences(pod), ...others]
}

const referencesOfKind: Readonly<Record<string, (manifest: Fields) => readonly Reference[]>> = {
  StatefulSet: ({ spec }) => named('Service', fieldsOf(spec)['serviceName'], ['spec', 'serviceName']),
  RoleBinding: ({ roleRef, subjects }) => {
    const { kind, name } = fieldsOf(roleRef)
    return [
      ...named(String(kind), name, ['roleRef', 'name']),
      ...listOf(subjects).flatMap((each, index) => {
        // Users and groups are not objects.
        const { kind: of, name: subject } = fieldsOf(each)
        return of === 'ServiceAccount' ? named(of, subject, ['subjects', index, 'name']) : []
      }),
    ]
  },
  Ingress: ({ spec }) =>
    listOf(fieldsOf(spec)['tls']).flatMap((each, index) =>
      named('Secret', fieldsOf(each)['secretName'], ['spec', 'tls', index, 'secretName']),
    ),
  IngressRoute: ({ spec }) => routeReferences(fieldsOf(spec), 'Middleware'),
  IngressRouteTCP: ({ spec }) => routeReferences(fieldsOf(spec), 'MiddlewareTCP'),
  Middleware: ({ spec }) => {
    const { chain, basicAuth, digestAuth } = fieldsOf(spec)
    return [
      ...ofMiddlewares('Middleware', fieldsOf(chain)['middlewares'], ['spec', 'chain', 'middlewares']),
      ...named('Secret', fieldsOf(basicAuth)['secret'], ['spec', 'basicAuth', 'secret']),
      ...named('Secret', fieldsOf(digestAuth)['secret'], ['spec', 'digestAuth', 'secret']),
    ]
  },
  TLSOption: ({ spec }) =>
    listOf(fieldsOf(fieldsOf(spec)['clientAuth'])['secretNames']).flatMap((name, index) =>
      named('Secret', name, ['spec', 'clientAuth', 'secretNames', index]),
    ),
  GitRepository: ({ spec }) =>
    named('Secret', nameOf(fieldsOf(spec)['secretRef']), ['spec', 'secretRef', 'name']),
  Kustomization: ({ spec }) => {
    const { decryption, serviceAccountName } = fieldsOf(spec)
    return [
      ...named('ServiceAccount', serviceAccountName, ['spec', 'serviceAccountName']),
      ...named('Secret', nameOf(fieldsOf(decryption)['secretRef']), [
        'spec',
        'decryption',
        'secretRef',
        'name',
      ]),
    ]
  },
}

function routeReferences({ routes, tls }: Fields, middleware: string): readonly Reference[] {
  const { secretName, options } = fieldsOf(tls)
  return [
    ...named('Secret', secretName, ['spec', 'tls', 'secretName']),
    ...ofMiddlewares('TLSOption', options === undefined ? [] : [options], ['spec', 'tls', 'options']),
    ...listOf(routes).flatMap((route, index) =>
      ofMiddlewares(middleware, fieldsOf(route)['middlewares'], ['spec', 'routes', index, 'middlewares']),
    ),
  ]
}

/** What is named together with a namespace is of that one. */
function ofMiddlewares(kind: string, list: unknown, path: Path): readonly Reference[] {
  return listOf(list).flatMap((each, index) => {
    const { name, namespace } = fieldsOf(each)
    return namespace === undefined ? named(kind, name, [...path, index, 'name']) : []
  })
}

function named(kind: string, name: unknown, path: Path): readonly Reference[] {
  return typeof name === 'string' ? [{ kind, name, path }] : []
}

function podReferences(pod: Omit<PodTemplate, 'object'>): readonly Reference[] {
  const { path, spec } = pod
  const at = (...steps: Path): Path => [...path, 'spec', ...steps]
  return [
    ...named('ServiceAccount', spec['serviceAccountName'], at('serviceAccountName')),
    ...listOf(spec['imagePullSecrets']).flatMap((each, index) =>
      named('Secret', nameOf(each), at('imagePullSecrets', index)),
    ),
    ...listOf(spec['volumes']).flatMap((volume, index) =>
      volumeReferences(fieldsOf(volume), at('volumes', index)),
    ),
    ...containersOf(pod).flatMap((container) => [
      ...listOf(container.fields['env']).flatMap((variable, index) =>
        variableReferences(fieldsOf(variable), [...container.path, 'env', index]),
      ),
      ...listOf(container.fields['envFrom']).flatMap((source, index) => {
        const { configMapRef, secretRef } = fieldsOf(source)
        const from = [...container.path, 'envFrom', index]
        return [
          ...required('ConfigMap', fieldsOf(configMapRef), 'name', [...from, 'configMapRef']),
          ...required('Secret', fieldsOf(secretRef), 'name', [...from, 'secretRef']),
        ]
      }),
    ]),
  ]
}

function variableReferences(variable: Fields, path: Path): readonly Reference[] {
  const { configMapKeyRef, secretKeyRef } = fieldsOf(variable['valueFrom'])
  const keyed = (kind: string, field: string, value: unknown): readonly Reference[] => {
    const { key } = fieldsOf(value)
    return required(kind, fieldsOf(value), 'name', [...path, 'valueFrom', field]).map((reference) =>
      typeof key === 'string' ? { ...reference, key } : reference,
    )
  }
  return [
    ...keyed('ConfigMap', 'configMapKeyRef', configMapKeyRef),
    ...keyed('Secret', 'secretKeyRef', secretKeyRef),
  ]
}

function volumeReferences(volume: Fields, path: Path): readonly Reference[] {
  const { configMap, secret, projected, persistentVolumeClaim } = volume
  const sources = listOf(fieldsOf(projected)['sources'])
  return [
    ...required('ConfigMap', fieldsOf(configMap), 'name', [...path, 'configMap']),
    ...required('Secret', fieldsOf(secret), 'secretName', [...path, 'secret']),
    ...named('PersistentVolumeClaim', fieldsOf(persistentVolumeClaim)['claimName'], [
      ...path,
      'persistentVolumeClaim',
      'claimName',
    ]),
    ...sources.flatMap((each, index) => {
      const source = fieldsOf(each)
      const from = [...path, 'projected', 'sources', index]
      return [
        ...required('ConfigMap', fieldsOf(source['configMap']), 'name', [...from, 'configMap']),
        ...required('Secret', fieldsOf(source['secret']), 'name', [...from, 'secret']),
      ]
    }),
  ]
}

/** A reference that a pod does not start without. */
function required(kind: string, reference: Fields, field: string, path: Path): readonly Reference[] {
  return reference['optional'] === true ? [] : named(kind, reference[field], [...path, field])
}
