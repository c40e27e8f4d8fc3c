import { fieldsOf, isFields, listOf } from '../../src/environments/manifest.ts'
import type { SchemaSet } from '../../src/environments/schema-set.ts'
import type { Kubectl } from '../../src/stack/kubectl.ts'
import { kubernetesVersion } from '../../src/stack/kubernetes-install.ts'
import { adapt, compact, refsIn, type Schema } from './compact.ts'

/** What people write for a data platform. A kind that is not here is reported as not checked. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  v1: [
    'ConfigMap',
    'LimitRange',
    'Namespace',
    'PersistentVolumeClaim',
    'Pod',
    'ResourceQuota',
    'Secret',
    'Service',
    'ServiceAccount',
  ],
  'apps/v1': ['DaemonSet', 'Deployment', 'StatefulSet'],
  'autoscaling/v2': ['HorizontalPodAutoscaler'],
  'batch/v1': ['CronJob', 'Job'],
  'networking.k8s.io/v1': ['Ingress', 'NetworkPolicy'],
  'policy/v1': ['PodDisruptionBudget'],
  'rbac.authorization.k8s.io/v1': ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
}

/** The schemas that a running API server publishes of its own kinds. */
export async function kubernetesSchemas(kubectl: Kubectl): Promise<SchemaSet> {
  const read = async (path: string): Promise<unknown> => JSON.parse(await kubectl(['get', '--raw', path]))
  const { paths } = fieldsOf(await read('/openapi/v3'))
  const set: { kinds: Record<string, string>; definitions: Record<string, Schema> } = {
    kinds: {},
    definitions: {},
  }
  for (const [version, names] of Object.entries(kinds)) {
    const path = `${version.includes('/') ? 'apis' : 'api'}/${version}`
    const { serverRelativeURL } = fieldsOf(fieldsOf(paths)[path])
    const { components } = fieldsOf(await read(String(serverRelativeURL)))
    const schemas = fieldsOf(fieldsOf(components)['schemas'])
    for (const name of names) {
      const definition = kindIn(schemas, version, name)
      set.kinds[`${version}/${name}`] = shortName(definition)
      collect(definition, schemas, set.definitions)
    }
  }
  return {
    origin: `Kubernetes ${kubernetesVersion}`,
    kinds: set.kinds,
    clusterScoped: await clusterScopedKinds(read),
    definitions: Object.fromEntries(Object.entries(set.definitions).sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

function kindIn(schemas: Schema, apiVersion: string, kind: string): string {
  const found = Object.entries(schemas).find(([, schema]) =>
    listOf(fieldsOf(schema)['x-kubernetes-group-version-kind'])
      .map(fieldsOf)
      .some((each) => each['kind'] === kind && versionOf(each) === apiVersion),
  )
  if (found === undefined) throw new Error(`the API server has no schema of ${apiVersion} ${kind}`)
  return found[0]
}

function versionOf({ group, version }: Schema): unknown {
  const named = typeof group === 'string' && group !== ''
  return named && typeof version === 'string' ? `${group}/${version}` : version
}

function collect(name: string, schemas: Schema, into: Record<string, Schema>): void {
  const short = shortName(name)
  if (into[short] !== undefined) return
  const schema = schemas[name]
  if (!isFields(schema)) throw new Error(`there is no schema ${name}`)
  const adapted = adapt(
    short,
    compact(schema, (ref) => `#/definitions/${shortName(lastPart(ref))}`),
  )
  into[short] = adapted
  for (const ref of refsIn(adapted)) {
    const long = Object.keys(schemas).find((each) => shortName(each) === lastPart(ref))
    if (long === undefined) throw new Error(`there is no schema for ${ref}`)
    collect(long, schemas, into)
  }
}

function lastPart(ref: string): string {
  return ref.replace(/^.*\//, '')
}

/** `io.k8s.api.core.v1.PodSpec` is `core.v1.PodSpec`. */
function shortName(name: string): string {
  return name.replace(/^io\.k8s\.(api\.|apimachinery\.pkg\.(apis\.|api\.resource\.|util\.intstr\.|)?)/, '')
}

async function clusterScopedKinds(read: (path: string) => Promise<unknown>): Promise<readonly string[]> {
  const groups = listOf(fieldsOf(await read('/apis'))['groups']).map(fieldsOf)
  const versions = groups.map((group) => String(fieldsOf(group['preferredVersion'])['groupVersion']))
  const found = new Set<string>()
  for (const version of ['v1', ...versions]) {
    const { resources } = fieldsOf(await read(`/${version === 'v1' ? 'api' : 'apis'}/${version}`))
    const group = version.includes('/') ? version.replace(/\/.*$/, '') : ''
    for (const { namespaced, kind, name } of listOf(resources).map(fieldsOf)) {
      if (namespaced === false && !String(name).includes('/')) found.add(`${group}/${String(kind)}`)
    }
  }
  return [...found].sort()
}
