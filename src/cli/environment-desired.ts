import type { Environment, EnvironmentObject } from '../environments/environment.ts'
import type { LoadedEnvironment } from '../environments/load.ts'
import { fieldsOf, titleOf } from '../environments/manifest.ts'
import { placeOf, textPlaceOf } from '../environments/places.ts'
import { isSummaryAnnotation, labels } from '../kube/names.ts'
import type { ServiceReconciler } from '../reconcile/service-reconciler.ts'
import { check } from './check.ts'
import { desiredIn } from './desired.ts'
import { type EnvironmentProblem, shownFrom } from './environment-problem.ts'
import type { Manifest, Problem } from './manifests.ts'

export interface DesiredSurroundings {
  readonly services: readonly ServiceReconciler[]
  readonly cwd: string
  /** Only the documents of this service. */
  readonly service?: string | undefined
}

/** The desired documents of an environment as they would lie in the cluster, bases merged, and what is wrong with them. */
export function desiredOf(
  loaded: LoadedEnvironment,
  environment: Environment,
  { services, cwd, service }: DesiredSurroundings,
): {
  readonly documents: number
  readonly entries: number
  readonly problems: readonly EnvironmentProblem[]
} {
  const configMaps = environment.objects.filter(({ manifest }) => manifest.kind === 'ConfigMap')
  const manifests = configMaps.map((object) => inGit(object, loaded, cwd))
  const options = { namespace: '', ...(service === undefined ? {} : { service }) }
  const { documents, problems } = desiredIn(manifests, services, options)
  return {
    documents: documents.length,
    entries: documents.reduce((sum, { base, written }) => sum + (base ? 0 : (written.entries?.size ?? 0)), 0),
    problems: [...problems, ...check(documents), ...manifests.flatMap(stamps)].map((problem) => ({
      ...problem,
      code: 'Desired',
      environments: [loaded.name],
    })),
  }
}

/** What a reconciler writes on a ConfigMap for Flux. It does not take it back from Git, and Flux would wait for ever. */
function stamps({ file, object, lineOf }: Manifest): readonly Problem[] {
  const { annotations } = fieldsOf(object['metadata'])
  return Object.keys(fieldsOf(annotations))
    .filter(isSummaryAnnotation)
    .map((name) => {
      const line = lineOf(['metadata', 'annotations', name])
      const message = 'is the reconciler’s word, and nobody else’s: take it out of Git'
      return { file, path: `metadata.annotations.${name}`, message, ...(line === undefined ? {} : { line }) }
    })
}

/** A rendered ConfigMap at the place where a person wrote its document. */
function inGit(object: EnvironmentObject, { source, folder }: LoadedEnvironment, cwd: string): Manifest {
  const { manifest } = object
  const nowhere = { file: `${shownFrom(cwd, folder)}: ${titleOf(manifest)}`, object: manifest }
  if (source === undefined) return { ...nowhere, lineOf: () => undefined }
  const keys = documentFirst(manifest)
  const [text] = keys.flatMap((key) => textPlaceOf(source, object, ['data', key]) ?? [])
  const place = text ?? placeOf(source, object, [])
  if (place === undefined) return { ...nowhere, lineOf: () => undefined }
  return {
    file: shownFrom(cwd, place.file),
    object: manifest,
    lineOf: (path) => {
      const [field] = path
      const found = field === 'data' ? textPlaceOf(source, object, path) : placeOf(source, object, path)
      return found?.file === place.file ? found.line : undefined
    },
    textOf: (key) => {
      const found = textPlaceOf(source, object, ['data', key])
      return found === undefined ? undefined : { file: shownFrom(cwd, found.file), line: found.line }
    },
  }
}

/** The data keys of a ConfigMap, its document before its definitions. */
function documentFirst({ metadata, data }: EnvironmentObject['manifest']): readonly string[] {
  const type = metadata.labels?.[labels.configType] ?? ''
  const isDocument = (key: string): boolean => [`${type}.yaml`, `${type}.json`].includes(key)
  return Object.keys(fieldsOf(data)).toSorted((a, b) => Number(isDocument(b)) - Number(isDocument(a)))
}
