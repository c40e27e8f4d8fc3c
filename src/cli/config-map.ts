import { basename } from 'node:path'
import { type ConfigMap, readConfigMap } from '../kube/objects.ts'
import type { ServiceReconciler } from '../reconcile/service-reconciler.ts'
import type { DefinitionFiles } from './definition-files.ts'
import type { BareDocument, Manifest, Problem } from './manifests.ts'

/** An object of a file as the API server would have made it; undefined for another kind. A wrong one is a Problem. */
export function readManifestConfigMap(
  manifest: Manifest,
  namespace: string,
): ConfigMap | Problem | undefined {
  const { kind, metadata, data, binaryData } = manifest.object
  if (kind !== 'ConfigMap') return undefined
  const meta = record(metadata)
  const { name } = meta
  if (typeof name !== 'string' || name === '')
    return problem(manifest, ['metadata', 'name'], 'a ConfigMap needs a name')
  const parts = [
    [['metadata', 'labels'], meta['labels']],
    [['metadata', 'annotations'], meta['annotations']],
    [['data'], data],
    [['binaryData'], binaryData],
  ] as const
  for (const [path, value] of parts) {
    const wrong = Object.entries(record(value)).find(([, each]) => typeof each !== 'string')
    if (wrong !== undefined)
      return problem(manifest, [...path, wrong[0]], 'Kubernetes takes only text here: quote the value')
  }
  const own =
    typeof meta['namespace'] === 'string' && meta['namespace'] !== '' ? meta['namespace'] : namespace
  const uid = typeof meta['uid'] === 'string' ? meta['uid'] : 'file'
  const read = readConfigMap({
    metadata: { ...meta, namespace: own, uid, resourceVersion: 'file' },
    data,
    binaryData,
  })
  return read ?? problem(manifest, [], 'not a ConfigMap that Kubernetes would take')
}

/** A document on its own, with the ConfigMap around it that it would have in a cluster; the files beside it are further keys. */
export function wrapBare(
  document: BareDocument,
  services: readonly ServiceReconciler[],
  beside: DefinitionFiles = new Map(),
): Manifest {
  const component =
    services.find((service) => service.types.some(({ name }) => name === document.type))?.kind ?? ''
  const ending = document.file.endsWith('.json') ? 'json' : 'yaml'
  return {
    file: document.file,
    object: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: basename(document.file),
        labels: { 'infometis.component': component, 'infometis.config-type': document.type },
      },
      data: { [`${document.type}.${ending}`]: document.text },
      binaryData: Object.fromEntries(
        [...beside].map(([name, { bytes }]) => [name, bytes?.toString('base64') ?? '']),
      ),
    },
    lineOf: () => 1,
    textOf: (key) => {
      const file = key.endsWith('.gz') ? undefined : beside.get(key)?.path
      return file === undefined ? undefined : { file, line: 1 }
    },
  }
}

function problem(manifest: Manifest, path: readonly string[], message: string): Problem {
  const line = manifest.lineOf(path) ?? manifest.lineOf([])
  const place = { file: manifest.file, path: path.join('.'), message }
  return line === undefined ? place : { ...place, line }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}
