import { gzipSync } from 'node:zlib'
import { sha256 } from '../core/canonical.ts'
import type { Original, ResourceKey } from '../core/resource.ts'
import { applyConfigMap } from './apply.ts'
import { hasStatus } from './kube-error.ts'
import { annotationPrefix, desiredAnnotation, labels } from './names.ts'
import { type ConfigMap, splitKey } from './objects.ts'
import { listAll } from './paged-list.ts'
import { type KubeClient, configMapPath } from './rest.ts'

/** Of one resource. */
const mostKept = 5

/** Of base64, so that the object stays below what etcd takes. */
const longestText = 1_000_000

/** The label with what an original is one of. */
export const originalOf = `${annotationPrefix}original-of`

export const originalAnnotations = {
  resource: `${annotationPrefix}resource`,
  by: `${annotationPrefix}saved-by`,
  at: `${annotationPrefix}saved-at`,
} as const

/** The data key that holds the JSON, packed. */
export const originalKey = 'original.json.gz'

/** Originals in ConfigMaps of the reconciler's own namespace: one each, named by what is in it, the last five of a resource. */
export class Originals {
  readonly #client: KubeClient
  readonly #component: string
  readonly #namespace: string

  constructor(client: KubeClient, component: string) {
    this.#client = client
    this.#component = component
    this.#namespace = client.connection.namespace
  }

  /** The name of the ConfigMap; undefined: it does not fit one. */
  async keep(
    key: string,
    resource: ResourceKey,
    original: Original,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const packed = pack(original.text)
    if (packed.length > longestText) return undefined
    const of = sha256(`${key} ${resource}`).slice(0, 16)
    const name = nameOf(key, of, original)
    await applyConfigMap(
      this.#client,
      {
        metadata: {
          name,
          namespace: this.#namespace,
          labels: { [labels.kind]: 'original', [labels.component]: this.#component, [originalOf]: of },
          annotations: {
            [desiredAnnotation]: key,
            [originalAnnotations.resource]: resource,
            ...(original.by === undefined ? {} : { [originalAnnotations.by]: original.by }),
            ...(original.at === undefined ? {} : { [originalAnnotations.at]: original.at }),
          },
        },
        binaryData: { [originalKey]: packed },
      },
      { manager: `infometis-${this.#component}`, force: true, signal },
    )
    await this.#prune(of, name, signal)
    return name
  }

  /** The oldest go. What is younger than the newest but four may be another's writing of this very moment, and stays for the next time. */
  async #prune(of: string, newest: string, signal: AbortSignal): Promise<void> {
    const selector = {
      namespace: this.#namespace,
      labelSelector: `${labels.kind}=original,${originalOf}=${of}`,
    }
    const { objects } = await listAll(this.#client, selector, signal)
    const older = objects.filter(({ metadata }) => metadata.name !== newest).sort(youngestFirst)
    for (const { metadata } of older.slice(mostKept - 1)) {
      const path = configMapPath(this.#namespace, metadata.name)
      await this.#client.request({ method: 'DELETE', path, signal }).catch((error: unknown) => {
        if (!hasStatus(error, 404)) throw error
      })
    }
  }
}

/** One text has one form: no time in the header. */
function pack(text: string): string {
  return gzipSync(text).toString('base64')
}

/** `<desired>-original-<of>-<content>`: the same twice is one object. */
function nameOf(key: string, of: string, { text }: Original): string {
  const tail = `-original-${of.slice(0, 8)}-${sha256(text).slice(0, 8)}`
  return `${splitKey(key)
    .name.slice(0, 253 - tail.length)
    .replace(/[-.]+$/, '')}${tail}`
}

/** The order in which the last few of a resource are told. */
export function youngestFirst(a: ConfigMap, b: ConfigMap): number {
  return keptAt(b) - keptAt(a)
}

/** What somebody saved once more is the object that was there, and as young as what was saved. */
function keptAt({ metadata: { creationTimestamp = '', annotations } }: ConfigMap): number {
  const times = [creationTimestamp, annotations[originalAnnotations.at] ?? '']
  return Math.max(0, ...times.map(Date.parse).filter((time) => !Number.isNaN(time)))
}
