import { desiredAnnotation, labels } from './names.ts'
import type { ConfigMap } from './objects.ts'
import type { StateDocument } from './state-document.ts'

/** What a status object is known by. */
export interface StatusMetadata {
  readonly name: string
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

export interface StatusIdentity {
  /** The desired ConfigMap, `namespace/name`. */
  readonly key: string
  readonly name: string
  readonly namespace: string
  readonly component: string
  /** Empty for none. */
  readonly instance: string
  readonly type: string | undefined
}

export function statusMetadata(of: StatusIdentity): StatusMetadata {
  return {
    name: of.name,
    namespace: of.namespace,
    labels: {
      [labels.kind]: 'status',
      [labels.component]: of.component,
      ...(of.instance === '' ? {} : { [labels.instance]: of.instance }),
      ...(of.type === undefined ? {} : { [labels.configType]: of.type }),
    },
    annotations: { [desiredAnnotation]: of.key },
  }
}

/** True when the object says all of this already; what others added to it is not looked at. */
export function holds(live: ConfigMap, metadata: StatusMetadata, document: StateDocument): boolean {
  const pairs = [
    [live.metadata.labels, metadata.labels],
    [live.metadata.annotations, metadata.annotations],
    [live.data, document.data],
    [live.binaryData, document.binaryData],
  ] as const
  return pairs.every(([has, wants]) => Object.entries(wants).every(([name, value]) => has[name] === value))
}
