import type { Resource } from '../core/resource.ts'
import { labels } from '../kube/names.ts'
import { type ConfigMap, keyOfConfigMap } from '../kube/objects.ts'
import { shapeOf } from '../kube/shaped-files.ts'
import { readWritten } from '../kube/written.ts'
import type { ResourceType } from '../reconcile/resource-type.ts'
import type { ServiceReconciler } from '../reconcile/service-reconciler.ts'
import type { DataKey, Written } from '../reconcile/written.ts'
import { readManifestConfigMap, wrapBare } from './config-map.ts'
import type { Context } from './context.ts'
import { readDefinitionFiles } from './definition-files.ts'
import { type Manifest, type Manifests, type Problem, type TextPlace, readManifests } from './manifests.ts'
import { unknown } from './nearest.ts'
import { loadService, loadServices, typeNames } from './services.ts'
import type { SourceFile } from './source-file.ts'
import { readSources } from './sources.ts'

/** A desired document found in files: what the operator would read, and where a person finds it. */
export interface DesiredDocument {
  readonly service: ServiceReconciler
  readonly type: ResourceType<Resource>
  readonly written: Written
  /** The label `infometis.io/instance`; empty for none. */
  readonly instance: string
  /** Labelled `infometis.io/kind: base`: never reconciled by itself. */
  readonly base: boolean
  readonly file: string
  /** The file's line of the object, and of the first line of its document's text; undefined where it is not known. */
  readonly line: number | undefined
  readonly firstLine: number | undefined
  /** Where the text of a further data key begins; undefined where that is not known, or is packed. */
  readonly textOf?: (at: DataKey) => TextPlace | undefined
}

export interface Desired {
  readonly documents: readonly DesiredDocument[]
  /** Files and objects that cannot be read, with unknown components and config types among them. */
  readonly problems: readonly Problem[]
}

export interface DesiredOptions extends Pick<Context, 'cwd' | 'input' | 'signal'> {
  readonly file: readonly string[]
  /** Only the documents of this service. */
  readonly service?: string
  /** Where objects belong that name no namespace. */
  readonly namespace: string
}

/** An object of the files as a ConfigMap, with the place it stands at. */
interface Found {
  readonly manifest: Manifest
  readonly configMap: ConfigMap
}

/** Every desired document in the files, in their order; what is no desired document is left alone. */
export async function readDesired(options: DesiredOptions): Promise<Desired> {
  if (options.service !== undefined) await loadService(options.service)
  const services = await loadServices()
  const files = (await Promise.all(options.file.map((path) => readSources(path, options)))).flat()
  const { manifests, problems } = await readObjects(files, services, options.cwd)
  const desired = desiredIn(manifests, services, options)
  return { ...desired, problems: [...problems, ...desired.problems] }
}

/** The objects in files. A document on its own is made one, and the definitions that it names beside it are no manifests. */
export async function readObjects(
  files: readonly SourceFile[],
  services: readonly ServiceReconciler[],
  cwd: string,
): Promise<Pick<Manifests, 'manifests' | 'problems'>> {
  const types = services.flatMap((service) => service.types)
  const beside = await readDefinitionFiles(files, types, cwd)
  const around = [...beside.values()].flatMap((each) => [...each.values()])
  const definitions = new Set(around.filter(({ bytes }) => bytes !== undefined).map(({ path }) => path))
  const others = files.filter(({ path }) => !definitions.has(path))
  const { manifests, bare, problems } = readManifests(others, typeNames(services))
  const wrapped = bare.map((document) => wrapBare(document, services, beside.get(document.file)))
  return { manifests: [...manifests, ...wrapped], problems }
}

/** The desired documents among objects, each with its base among them. */
export function desiredIn(
  manifests: readonly Manifest[],
  services: readonly ServiceReconciler[],
  options: Pick<DesiredOptions, 'service' | 'namespace'>,
): Desired {
  const found: Found[] = []
  const wrong: Problem[] = []
  for (const manifest of manifests) {
    const configMap = readManifestConfigMap(manifest, options.namespace)
    if (configMap === undefined) continue
    if ('message' in configMap) wrong.push(configMap)
    else found.push({ manifest, configMap })
  }
  const byKey = new Map(found.map((each) => [keyOfConfigMap(each.configMap), each]))
  const documents: DesiredDocument[] = []
  for (const each of found) {
    const document = toDocument(each, byKey, services, options.service)
    if (document === undefined) continue
    if ('message' in document) wrong.push(document)
    else documents.push(document)
  }
  return { documents, problems: wrong }
}

function toDocument(
  { manifest, configMap }: Found,
  byKey: ReadonlyMap<string, Found>,
  services: readonly ServiceReconciler[],
  only: string | undefined,
): DesiredDocument | Problem | undefined {
  const found = configMap.metadata.labels
  const component = found[labels.component]
  const configType = found[labels.configType]
  const kind = found[labels.kind]
  if (component === undefined && configType === undefined) return undefined
  if ((kind !== undefined && kind !== 'base') || (only !== undefined && component !== only)) return undefined
  const service = services.find((each) => each.kind === component)
  if (service === undefined) {
    const known = services.map((each) => each.kind)
    return labelProblem(manifest, labels.component, component, known)
  }
  const { types } = service
  const wanted = configType ?? shapeOf(configMap, types)?.name
  const type = types.find((each) => each.name === wanted)
  if (type === undefined) {
    const known = types.map((each) => each.name)
    return labelProblem(manifest, labels.configType, configType, known)
  }
  return {
    service,
    type,
    written: readWritten(configMap, { get: (key) => byKey.get(key)?.configMap }, types),
    instance: found[labels.instance] ?? '',
    base: kind === 'base',
    file: manifest.file,
    line: manifest.lineOf([]),
    firstLine: textLine(manifest, configMap, type.name),
    textOf: ({ key, base }) => {
      const { namespace, name } = configMap.metadata
      return textPlace(
        byKey.get(keyOfConfigMap({ metadata: { namespace, name: base ?? name } }))?.manifest,
        key,
      )
    },
  }
}

function textPlace(manifest: Manifest | undefined, key: string): TextPlace | undefined {
  if (manifest?.textOf !== undefined) return manifest.textOf(key)
  const line = manifest?.lineOf(['data', key])
  return manifest === undefined || line === undefined ? undefined : { file: manifest.file, line }
}

function labelProblem(
  manifest: Manifest,
  label: string,
  value: string | undefined,
  known: readonly string[],
): Problem {
  const places = [['metadata', 'labels', label], ['metadata', 'labels'], []]
  const [line] = places.flatMap((path) => manifest.lineOf(path) ?? [])
  const message =
    value === undefined ? `the label is missing; known: ${known.join(', ')}` : unknown('value', value, known)
  const problem = { file: manifest.file, path: `metadata.labels.${label}`, message }
  return line === undefined ? problem : { ...problem, line }
}

function textLine(manifest: Manifest, configMap: ConfigMap, type: string): number | undefined {
  const key = Object.keys(configMap.data).find((each) => each === `${type}.yaml` || each === `${type}.json`)
  return key === undefined ? undefined : manifest.lineOf(['data', key])
}
