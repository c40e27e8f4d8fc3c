import { isRecord } from './answer.ts'

/** Who wrote a field set, and when (RFC 3339, whole seconds). */
export interface ManagedField {
  readonly manager: string
  readonly operation: string
  readonly time: string | undefined
}

export interface ObjectMeta {
  readonly name: string
  readonly namespace: string
  readonly uid: string
  readonly resourceVersion: string
  readonly creationTimestamp: string | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly managedFields: readonly ManagedField[]
}

/** A ConfigMap with what this room uses of it; the field sets of managedFields are left behind to keep caches small. */
export interface ConfigMap {
  readonly metadata: ObjectMeta
  readonly data: Readonly<Record<string, string>>
  /** Base64. */
  readonly binaryData: Readonly<Record<string, string>>
}

/** `namespace/name`. */
export function keyOfConfigMap(configMap: {
  readonly metadata: Pick<ObjectMeta, 'name' | 'namespace'>
}): string {
  return `${configMap.metadata.namespace}/${configMap.metadata.name}`
}

/** The two parts of a key. A key without a slash is a name alone. */
export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/')
  return { namespace: key.slice(0, Math.max(slash, 0)), name: key.slice(slash + 1) }
}

/** Undefined for what is no ConfigMap, so that a garbled answer never becomes an object. */
export function readConfigMap(value: unknown): ConfigMap | undefined {
  if (!isRecord(value) || !isRecord(value['metadata'])) return undefined
  const { name, namespace, uid, resourceVersion, creationTimestamp } = value['metadata']
  const labels = strings(value['metadata']['labels'])
  const annotations = strings(value['metadata']['annotations'])
  const data = strings(value['data'])
  const binaryData = strings(value['binaryData'])
  if (!isName(name) || !isName(namespace) || !isName(uid) || !isName(resourceVersion)) return undefined
  if (labels === undefined || annotations === undefined || data === undefined || binaryData === undefined) {
    return undefined
  }
  const created = typeof creationTimestamp === 'string' ? creationTimestamp : undefined
  const managedFields = readManagedFields(value['metadata']['managedFields'])
  const metadata = {
    name,
    namespace,
    uid,
    resourceVersion,
    creationTimestamp: created,
    labels,
    annotations,
    managedFields,
  }
  return { metadata, data, binaryData }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function strings(value: unknown): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return {}
  return isRecord(value) && isStrings(value) ? value : undefined
}

function isStrings(value: Record<string, unknown>): value is Record<string, string> {
  return Object.values(value).every((each) => typeof each === 'string')
}

function readManagedFields(value: unknown): readonly ManagedField[] {
  if (!Array.isArray(value)) return []
  return value.filter(isRecord).map((entry) => ({
    manager: String(entry['manager']),
    operation: String(entry['operation']),
    time: typeof entry['time'] === 'string' ? entry['time'] : undefined,
  }))
}
