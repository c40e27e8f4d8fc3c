import { type ResourceKey, keyOf } from '../../src/core/resource.ts'
import type { GrafanaResource } from './resource.ts'

/** Where the folder is named, by config type. A panel or a rule without its datasource is taken, and works as soon as that is there. */
const folderFields = { folders: 'parent', dashboards: 'folder', 'alert-rules': 'folder' } as const

/** The folder that it stands in. */
export function requirements({ type, fields }: GrafanaResource): readonly ResourceKey[] {
  const name = type === 'datasources' ? '' : fields.get(folderFields[type])
  return typeof name === 'string' && name !== '' ? [keyOf({ type: 'folders', name })] : []
}
