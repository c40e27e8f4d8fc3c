import type { Fields, Json } from '../../src/core/resource.ts'
import type { Folder, ObjectFacts } from './resource.ts'
import type { WrittenFolder } from './schema.ts'

/** What people say of a folder, and what Grafana says. */
export interface FolderSaid {
  readonly title: string
  /** Absent: nobody's business. */
  readonly description?: string | undefined
  /** A uid; empty, absent or `general`: it stands at the top. */
  readonly parent?: string | undefined
}

/** The same for both sides. */
export function folderFields({ title, description, parent = '' }: FolderSaid): Fields {
  const fields = new Map<string, Json>([
    ['title', title],
    ['parent', placeOf(parent)],
  ])
  if (description !== undefined) fields.set('description', description)
  return fields
}

/** Where a folder or a dashboard stands: Grafana has three words for the top, which is `''` here. */
export function placeOf(folder: string): string {
  return folder === 'general' ? '' : folder
}

/** Written → desired. */
export function normalizeFolder(name: string, written: WrittenFolder): Folder {
  return { type: 'folders', name, fields: folderFields(written) }
}

/** The server's → observed. `id`: of the folder itself, another one once it was deleted and made again. */
export function observedFolder(
  name: string,
  { title, description = '', parent }: FolderSaid,
  facts: ObjectFacts,
  id?: string,
): Folder {
  const fields = folderFields({ title, description, parent })
  const explicit = [...fields.keys()].filter((path) => path !== 'description' || description !== '')
  return {
    type: 'folders',
    name,
    fields,
    explicit: new Set(explicit),
    facts,
    ...(id === undefined ? {} : { id }),
  }
}
