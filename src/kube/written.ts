import { canonicalJson, sha256 } from '../core/canonical.ts'
import type { DocumentType } from '../reconcile/resource-type.ts'
import type { Controls, Issue, Written } from '../reconcile/written.ts'
import { resolveBase, type Bases } from './base.ts'
import { defaultControls, honouredAnnotations, parseControls } from './controls.ts'
import { isLocated, locateDocument, type Located } from './data-key.ts'
import { definitionsOf, furtherData, type Holder } from './definition.ts'
import { lineIndex, parseDocument } from './document.ts'
import { mergeEntries } from './merge-patch.ts'
import { labels } from './names.ts'
import { keyOfConfigMap, type ConfigMap } from './objects.ts'
import { readFiles, shapeOf, type ShapedType } from './shaped-files.ts'

type Entries = ReadonlyMap<string, unknown>
type Content = Pick<Written, 'type' | 'entries' | 'issues' | 'issueReason'> & {
  readonly lineOf?: NonNullable<Written['lineOf']>
  readonly definition?: NonNullable<Written['definition']>
  /** What the hash covers besides the controls. */
  readonly hashed: unknown
  /** True: there are files whose entries are not known by name. */
  readonly partial?: boolean
}

/**
 * A ConfigMap as the rest of the code sees it; pure. `types` are the config types of the component. Nothing is thrown: what
 * is wrong stands in `issues`, and then there are no entries.
 */
export function readWritten(configMap: ConfigMap, bases: Bases, types: readonly DocumentType[]): Written {
  const { namespace, name, uid, creationTimestamp, annotations } = configMap.metadata
  const unit = configMap.metadata.labels[labels.unit] ?? ''
  const { controls, issues } = parseControls(annotations)
  const { hashed, partial, ...content } = readContent(configMap, controls, bases, types)
  // What a file that cannot be read stands for is not known, so nothing counts as no longer written.
  const kept =
    partial === true && controls.policy === 'sync'
      ? { ...controls, policy: defaultControls.policy }
      : controls
  const wrongControl =
    issues.length > 0 ? { entries: undefined, issues, issueReason: 'InvalidControl' as const } : {}
  return {
    key: keyOfConfigMap(configMap),
    namespace,
    name,
    uid,
    createdAt: Date.parse(creationTimestamp ?? '') || 0,
    ...(unit === '' ? {} : { unit }),
    ...content,
    ...wrongControl,
    controls: kept,
    hash: hashOf(hashed, kept, issues),
    appliedAt: appliedAt(configMap),
    signature: signatureOf(configMap, types),
  }
}

/**
 * Digest of everything of the raw object that a reconcile must answer to. Our own summary annotations and resource versions
 * are not in it, so what we write ourselves never asks for a reconcile.
 */
export function signatureOf(configMap: ConfigMap, types: readonly DocumentType[]): string {
  const { uid, annotations, labels: found } = configMap.metadata
  const shape = shapeOf(configMap, types)
  const honoured = ([label]: readonly [string, string]) =>
    label.startsWith('infometis.') || label === shape?.files.label
  const seen = [
    uid,
    Object.entries(found).filter(honoured).sort(),
    honouredAnnotations(annotations),
    shape?.files.annotations.map((name) => annotations[name]),
    appliedAt(configMap),
    configMap.data,
    configMap.binaryData,
  ]
  return sha256(canonicalJson(seen))
}

/** When Flux last changed the object, in the API server's words; undefined where Flux did not write it. */
export function appliedAt(configMap: ConfigMap): string | undefined {
  return configMap.metadata.managedFields.find(
    ({ manager, operation }) => manager === 'kustomize-controller' && operation === 'Apply',
  )?.time
}

function readContent(
  configMap: ConfigMap,
  controls: Controls,
  bases: Bases,
  types: readonly DocumentType[],
): Content {
  const raw = [configMap.data, configMap.binaryData]
  const labelled = configMap.metadata.labels[labels.configType]
  const names = types.map(({ name }) => name)
  if (labelled !== undefined && !names.includes(labelled)) {
    const message = `is "${labelled}"; there are ${names.join(', ')}`
    return invalid(labelled, [{ path: labels.configType, message }], raw)
  }
  const shape = shapeOf(configMap, types)
  if (shape !== undefined && (labelled ?? shape.name) === shape.name) return shaped(configMap, shape)
  const located = locateDocument(configMap, names)
  if (!isLocated(located)) return invalid(labelled, [located], raw)
  if (labelled !== undefined && located.type !== labelled) {
    const message = `is a document of type ${located.type}, but the label ${labels.configType} says ${labelled}`
    return invalid(labelled, [{ path: located.key, message }], raw)
  }
  const own = parseDocument(located.text, located.key)
  const { type } = located
  if (own.entries === undefined) return invalid(type, own.issues, raw)
  return extend(configMap, controls, bases, { located, entries: own.entries })
}

function shaped(configMap: ConfigMap, type: ShapedType): Content {
  const holders = [{ configMap, documentKey: undefined }]
  const definition = definitionsOf(holders)
  const { entries, issues, partial } = readFiles(configMap, type, definition)
  const annotations = type.files.annotations.map((name) => configMap.metadata.annotations[name])
  const raw = [configMap.data, configMap.binaryData, annotations]
  if (entries === undefined) return invalid(type.name, issues, raw)
  const hashed = [type.name, entries, furtherData(holders)]
  return { type: type.name, entries, issues, issueReason: undefined, definition, hashed, partial }
}

function extend(
  configMap: ConfigMap,
  controls: Controls,
  bases: Bases,
  own: { readonly located: Located; readonly entries: Entries },
): Content {
  const { type, key, text } = own.located
  const { namespace, name } = configMap.metadata
  const holder = { configMap, documentKey: key }
  const lineOf = lineIndex(text)
  if (controls.extends === undefined) return readable(type, own.entries, [holder], lineOf)
  const base = resolveBase(bases, namespace, controls.extends, type, [name])
  if (base.entries === undefined) {
    const reason = base.reason ?? 'InvalidDocument'
    return {
      ...invalid(type, base.issues, [configMap.data, configMap.binaryData, base.raw]),
      issueReason: reason,
    }
  }
  return readable(type, mergeEntries(base.entries, own.entries), [holder, ...base.holders], lineOf)
}

function readable(
  type: string,
  entries: Entries,
  holders: readonly Holder[],
  lineOf: NonNullable<Written['lineOf']>,
): Content {
  const definition = definitionsOf(holders)
  const hashed = [type, entries, furtherData(holders)]
  return { type, entries, issues: [], issueReason: undefined, lineOf, definition, hashed }
}

function invalid(type: string | undefined, issues: readonly Issue[], hashed: unknown): Content {
  return { type, entries: undefined, issues, issueReason: 'InvalidDocument', hashed }
}

/**
 * `approve` and `reconcile-at` are requests, answered in status by themselves: they are not part of what is written. White
 * space, comments and the order of keys are not either.
 */
function hashOf(hashed: unknown, controls: Controls, issues: readonly Issue[]): string {
  const { policy, suspend, allow, adopt, interval, ignore, maxDeletes } = controls
  const kept = {
    policy,
    suspend,
    allow: [...allow].sort(),
    adopt,
    interval,
    ignore,
    maxDeletes,
    extends: controls.extends,
  }
  return sha256(canonicalJson([hashed, kept, issues.map(({ path, message }) => [path, message])]))
}
