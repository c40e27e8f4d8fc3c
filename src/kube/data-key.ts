import { gunzipSync } from 'node:zlib'
import { codeOf } from './answer.ts'
import type { ConfigMap } from './objects.ts'

/** The one data key of a ConfigMap that holds its document, and the text under it. */
export interface Located {
  readonly type: string
  readonly key: string
  readonly text: string
}

/** Why no document can be told; `path` is the data key, or `data`. */
export interface NotLocated {
  readonly path: string
  readonly message: string
}

/** Unpacked: eight times what a ConfigMap can hold. */
const maxDocumentBytes = 8 * 1024 * 1024

/** `topics.json`, `topics.yaml` in data, or the same with `.gz` in binaryData: exactly one of them, for one of `types`. Other keys are definitions. */
export function locateDocument(configMap: ConfigMap, types: readonly string[]): Located | NotLocated {
  const found = types.flatMap((type) => documentKeys(type, configMap).map((key) => ({ type, key })))
  const [first, second] = found
  if (first === undefined) return { path: 'data', message: nothingFound(configMap, types) }
  if (second !== undefined) {
    const keys = found.map(({ key }) => key).join(', ')
    return { path: 'data', message: `holds more than one document: ${keys}; keep one` }
  }
  const text = readText(configMap, first.key, maxDocumentBytes)
  return typeof text === 'string' ? { ...first, text } : { path: first.key, message: text.message }
}

export function isLocated(result: Located | NotLocated): result is Located {
  return 'text' in result
}

/** The data keys that would hold a document of this type. */
export function documentKeys(type: string, { data, binaryData }: ConfigMap): readonly string[] {
  const plain = [`${type}.json`, `${type}.yaml`]
  const packed = plain.map((key) => `${key}.gz`)
  return [
    ...plain.filter((key) => Object.hasOwn(data, key) || Object.hasOwn(binaryData, key)),
    ...packed.filter((key) => Object.hasOwn(binaryData, key) || Object.hasOwn(data, key)),
  ]
}

function nothingFound(configMap: ConfigMap, types: readonly string[]): string {
  const keys = [...Object.keys(configMap.data), ...Object.keys(configMap.binaryData)].sort()
  const wanted = types.map((type) => `${type}.yaml`).join(', ')
  const shown = keys.slice(0, 10).join(', ') + (keys.length > 10 ? ', …' : '')
  return `has no key ${wanted} (or .json, or .gz of either); it has ${keys.length === 0 ? 'no keys' : shown}`
}

/** The text under a key that is there; of a `.gz` what it holds, at most so many bytes. */
export function readText(
  { data, binaryData }: ConfigMap,
  key: string,
  maxBytes: number,
): string | { readonly message: string } {
  const packed = key.endsWith('.gz')
  const text = Object.hasOwn(data, key) ? data[key] : undefined
  if (text !== undefined)
    return packed ? { message: 'must stand in binaryData, because it is compressed' } : text
  const bytes = Buffer.from(binaryData[key] ?? '', 'base64')
  try {
    return decode(packed ? gunzipSync(bytes, { maxOutputLength: maxBytes }) : bytes)
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE')
      return { message: `is larger than ${maxBytes} bytes unpacked` }
    return { message: packed && codeOf(error) !== undefined ? 'is not gzip' : 'is not UTF-8 text' }
  }
}

/** Kubernetes puts what is not UTF-8 into binaryData; what is there may be text all the same. */
function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
}
