import { listAt, textAt } from '../../src/core/members.ts'
import { type Call, type Handler, type Members, figureIn, ok, slug } from './fake-call.ts'
import { inOrder, urlOf } from './fake-object-store.ts'
import type { StoredObject } from './fake-state.ts'

function titleOf({ spec }: StoredObject): string {
  return textAt(spec, 'title')
}

function tagsOf({ spec }: StoredObject): readonly unknown[] {
  return listAt(spec, 'tags')
}

/** What fits the words, the tag and the folders that are asked for, ordered by title. */
function found({ state, query }: Call, kinds: readonly StoredObject['resource'][]): readonly StoredObject[] {
  const words = (query.get('query') ?? '').toLowerCase()
  const folders = query.get('folderUIDs') ?? ''
  const tag = query.get('tag') ?? ''
  return kinds
    .flatMap((kind) => inOrder([...state.data[kind].values()]))
    .filter((each) => titleOf(each).toLowerCase().includes(words))
    .filter(
      (each) => folders === '' || folders.split(',').includes(each.folder === '' ? 'general' : each.folder),
    )
    .filter((each) => tag === '' || tagsOf(each).includes(tag))
    .toSorted((a, b) => (titleOf(a) < titleOf(b) ? -1 : 1))
}

/** pkg/services/search/model/model.go@2ad61cf2: neither a version nor a time. */
export const search: Handler = (call) => {
  const type = call.query.get('type') ?? ''
  const kinds = (['folders', 'dashboards'] as const).filter(
    (kind) => type === '' || (type === 'dash-db') === (kind === 'dashboards'),
  )
  const limit = Math.min(figureIn(call, 'limit', 1_000), 5_000)
  const start = (figureIn(call, 'page', 1) - 1) * limit
  return ok(
    found(call, kinds)
      .slice(start, start + limit)
      .map((each) => hit(call, each)),
  )
}

function hit({ state }: Call, object: StoredObject): Members {
  const { id, name, folder, resource } = object
  const title = titleOf(object)
  const isFolder = resource === 'folders'
  const parent = state.data.folders.get(folder)
  const place =
    parent === undefined
      ? {}
      : {
          ...{ folderId: parent.id, folderUid: folder, folderTitle: titleOf(parent) },
          folderUrl: urlOf(parent),
        }
  return {
    ...{ id, orgId: 1, uid: name, title, uri: `db/${slug(title)}`, slug: '' },
    url: urlOf(object),
    ...{ type: isFolder ? 'dash-folder' : 'dash-db', tags: tagsOf(object), isStarred: false, ...place },
    ...{ sortMeta: 0, sortMetaName: '' },
  }
}
