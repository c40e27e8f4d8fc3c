import { gzipSync } from 'node:zlib'
import type { ConfigMap } from './kube-desk.ts'

/** What stands in a desired ConfigMap. */
export interface Document {
  readonly component: string
  readonly type: string
  /** JSON. */
  readonly text: string
}

/** A desired ConfigMap. `controls` are annotations without their prefix. */
export function desired(
  name: string,
  document: Document,
  controls: Readonly<Record<string, string>> = {},
): ConfigMap {
  const { component, type } = document
  const labels = { 'infometis.component': component, 'infometis.config-type': type }
  const annotations = Object.fromEntries(
    Object.entries(controls).map(([control, value]) => [`infometis.io/${control}`, value]),
  )
  return { metadata: { name, labels, annotations }, ...content(document) }
}

/** The document as what a ConfigMap holds, to be put there or patched in. */
export function content({ type, text }: Document): Pick<ConfigMap, 'data' | 'binaryData'> {
  // A ConfigMap holds 1 MiB.
  if (text.length < 900_000) return { data: { [`${type}.json`]: text } }
  return { binaryData: { [`${type}.json.gz`]: gzipSync(text).toString('base64') } }
}
