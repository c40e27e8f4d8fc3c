import type { FilesShape } from '../reconcile/files-shape.ts'
import type { DocumentType } from '../reconcile/resource-type.ts'
import type { Definition, Issue } from '../reconcile/written.ts'
import { documentKeys } from './data-key.ts'
import type { ConfigMap } from './objects.ts'

/** A type with a definition, and with the shape of another tool's ConfigMaps for them. */
export type ShapedType = DocumentType & { readonly definition: string; readonly files: FilesShape }

/** What the files of a ConfigMap come to. `partial`: one of them cannot be read, so it may stand for an entry of any name. */
interface ShapedFiles {
  readonly entries: ReadonlyMap<string, unknown> | undefined
  readonly issues: readonly Issue[]
  readonly partial: boolean
}

/** The type whose other shape this ConfigMap has; undefined where it has a document of its own, or none of such labels. */
export function shapeOf(configMap: ConfigMap, types: readonly DocumentType[]): ShapedType | undefined {
  const shaped = types.filter(isShaped)
  const type = shaped.find(({ files }) => Object.hasOwn(configMap.metadata.labels, files.label))
  return type === undefined || documentKeys(type.name, configMap).length > 0 ? undefined : type
}

/** Every data key as an entry. Two that stand for one, or one that stands for none, make the whole of it unusable. */
export function readFiles(
  { data, binaryData, metadata }: ConfigMap,
  { definition, files }: ShapedType,
  read: (key: string) => Definition,
): ShapedFiles {
  const entries = new Map<string, unknown>()
  const from = new Map<string, string>()
  const issues: Issue[] = []
  let partial = false
  for (const at of [...Object.keys(data), ...Object.keys(binaryData)].sort()) {
    const file = read(at)
    partial ||= !file.ok
    const content = file.ok ? file.value : undefined
    const entry = files.entry({ key: at.replace(/\.gz$/, ''), content, annotations: metadata.annotations })
    const message = 'message' in entry ? entry.message : taken(entry.name, from)
    if ('message' in entry || message !== undefined) issues.push({ path: at, message: message ?? '' })
    else {
      from.set(entry.name, at)
      entries.set(entry.name, { ...entry.value, [definition]: { key: at } })
    }
  }
  return { entries: issues.length > 0 ? undefined : entries, issues, partial }
}

function taken(name: string, from: ReadonlyMap<string, string>): string | undefined {
  const other = from.get(name)
  return other === undefined ? undefined : `is "${name}", as ${other} is: each needs a name of its own`
}

function isShaped(type: DocumentType): type is ShapedType {
  return type.definition !== undefined && type.files !== undefined
}
