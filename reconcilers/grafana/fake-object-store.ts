import { textAt } from '../../src/core/members.ts'
import { equal } from '../../src/core/canonical.ts'
import { slug } from './fake-call.ts'
import type { Identity } from './fake-identity.ts'
import type { ObjectType } from './fake-refusal.ts'
import type { FakeState, StoredObject } from './fake-state.ts'

/** What a writer decides of an object. */
export type Draft = Pick<
  StoredObject,
  'name' | 'folder' | 'labels' | 'annotations' | 'spec' | 'storedVersion'
>

/** A new object: pkg/storage/unified/apistore/prepare.go@01ee8478. */
export function fresh(
  state: FakeState,
  resource: ObjectType['resource'],
  draft: Draft,
  { uid: createdBy }: Identity,
): StoredObject {
  const created = state.moment()
  return {
    ...{ resource, ...draft, createdBy, created, generation: 1 },
    ...{ uid: state.newUuid(), id: state.newId(), resourceVersion: created * 1_000 },
  }
}

/** The next state of an object. `generation` and the author move with the spec and the folder only; the edition always does. */
export function next(
  state: FakeState,
  previous: StoredObject,
  draft: Draft,
  { uid }: Identity,
): StoredObject {
  const moment = state.moment()
  const same = equal(previous.spec, draft.spec) && previous.folder === draft.folder
  return {
    ...previous,
    ...draft,
    resourceVersion: moment * 1_000,
    ...(same ? {} : { generation: previous.generation + 1, updated: moment, updatedBy: uid }),
  }
}

/** docs: configure-grafana, `[dashboards] versions_to_keep` */
const versionsKept = 20

export function keep(state: FakeState, object: StoredObject): void {
  const { data } = state
  const before = data[object.resource].get(object.name)
  data[object.resource].set(object.name, object)
  if (object.resource === 'dashboards') {
    const versions = [...(data.history.get(object.name) ?? []), object]
    data.history.set(object.name, versions.slice(-versionsKept))
  } else if (before !== undefined && before.generation !== object.generation) {
    touchRules(state, object)
  }
}

/** Renaming or moving a folder saves its rules, too (ngalert: folder title and path belong to them). */
function touchRules({ data }: FakeState, folder: StoredObject): void {
  for (const rule of data.rules.values()) {
    if (rule.folderUID !== folder.name) continue
    const { updated = rule.updated } = folder
    data.rules.set(rule.uid, { ...rule, version: rule.version + 1, updated })
  }
}

export function drop({ data }: FakeState, object: StoredObject): void {
  data[object.resource].delete(object.name)
  if (object.resource === 'dashboards') data.history.delete(object.name)
}

/** Folders and dashboards directly in a folder, in the order of their names. */
export function within(
  { data }: FakeState,
  resource: ObjectType['resource'],
  folder: string,
): readonly StoredObject[] {
  return inOrder([...data[resource].values()].filter((each) => each.folder === folder))
}

export function inOrder(objects: readonly StoredObject[]): readonly StoredObject[] {
  return objects.toSorted(({ name: a }, { name: b }) => (a < b ? -1 : 1))
}

/** The folders above, the outermost first. */
export function ancestors(state: FakeState, folder: string): readonly StoredObject[] {
  const found = state.data.folders.get(folder)
  return found === undefined ? [] : [...ancestors(state, found.folder), found]
}

/** The address of its page. */
export function urlOf({ resource, name, spec }: StoredObject): string {
  return `/${resource === 'folders' ? 'dashboards/f' : 'd'}/${name}/${slug(textAt(spec, 'title'))}`
}

/** `A/B`: as alerting calls a folder. */
export function folderPath(state: FakeState, folder: string): string {
  return ancestors(state, folder)
    .map(({ spec }) => textAt(spec, 'title').replaceAll('/', '\\/'))
    .join('/')
}
