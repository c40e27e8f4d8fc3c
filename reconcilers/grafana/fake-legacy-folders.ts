import { textAt } from '../../src/core/members.ts'
import { toJsonObject, withMembers } from '../../src/core/json.ts'
import {
  type Call,
  type Handler,
  type Members,
  bodyOf,
  figureIn,
  isoTime,
  named,
  ok,
  zeroed,
} from './fake-call.ts'
import { contentsOf, folderMissing, folderType, notEmpty } from './fake-folder-checks.ts'
import { acceptedFolder } from './fake-folders.ts'
import { loginOf } from './fake-identity.ts'
import { checkManager, managerOf } from './fake-managers.ts'
import { type Draft, ancestors, drop, fresh, keep, next, urlOf, within } from './fake-object-store.ts'
import { isThirteen } from './fake-profile.ts'
import { Refusal, identified, refused } from './fake-refusal.ts'
import { dropRule } from './fake-rule-store.ts'
import type { FakeState, StoredObject } from './fake-state.ts'

/** pkg/services/folder/folderimpl/folder_unifiedstorage.go@c5f9dfec and dtos/folder.go */
function bodyAt(object: StoredObject, parents: readonly StoredObject[] = []): Members {
  const { id, name, spec, created, createdBy, updated = created, updatedBy = createdBy } = object
  const title = textAt(spec, 'title')
  const manager = managerOf(object.annotations)
  return {
    ...{ id, uid: name, orgId: 1, title, url: urlOf(object), hasAcl: false },
    ...{ canSave: true, canEdit: true, canAdmin: true, canDelete: true },
    ...{ createdBy: loginOf(createdBy), created: isoTime(created) },
    ...{ updatedBy: loginOf(updatedBy), updated: isoTime(updated), version: object.generation },
    ...(textAt(spec, 'description') === '' ? {} : { description: spec['description'] }),
    // The top is told by the lack of it: pkg/tests/apis/folder/legacy_endpoints_test.go@da792b42.
    ...(object.folder === '' ? {} : { parentUid: object.folder }),
    ...(parents.length === 0 ? {} : { parents: parents.map((each) => bodyAt(each)) }),
    ...(manager === undefined ? {} : { managedBy: manager.kind }),
  }
}

function answered({ state }: Call, object: StoredObject): ReturnType<Handler> {
  return ok(bodyAt(object, ancestors(state, object.folder)))
}

function asked(call: Call): StoredObject {
  const found = call.state.data.folders.get(named(call))
  if (found === undefined) throw folderMissing()
  return found
}

/** One level only. */
export const listLegacyFolders: Handler = (call) => {
  const parent = call.query.get('parentUid') ?? ''
  if (parent !== '' && !call.state.data.folders.has(parent)) throw folderMissing()
  const limit = figureIn(call, 'limit', 1_000)
  const start = (figureIn(call, 'page', 1) - 1) * limit
  const folders = within(call.state, 'folders', parent).slice(start, start + limit)
  return ok(
    folders.map((each) => {
      const { id, uid, title, parentUid, managedBy } = bodyAt(each)
      return { id, uid, title, parentUid, managedBy }
    }),
  )
}

export const getLegacyFolder: Handler = (call) => {
  if (named(call) === 'general')
    return ok({ id: 0, uid: 'general', title: 'General', url: '', version: 0, hasAcl: false })
  return answered(call, asked(call))
}

/** A refusal of the storage in the words of the older API: [id] before the sentence from 13 on (folders_test.go@50330747). */
function inOldWords<T>(call: Call, attempt: () => T): T {
  try {
    return attempt()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const messageId = textAt(error.body, 'details', 'uid')
    if (messageId === 'folder.name-exists') throw refused(400, 'A folder with that name already exists')
    if (messageId === 'folder.notFound') throw folderMissing()
    if (!/^folder\.(maximum|circular|cannot)/.test(messageId)) throw refused(error.status, error.message)
    throw isThirteen(call.profile)
      ? refused(error.status, `[${messageId}] ${error.message}`)
      : identified(error.status, messageId, error.message)
  }
}

function saved(call: Call, draft: Draft, previous?: StoredObject): ReturnType<Handler> {
  const object = inOldWords(call, () => {
    const accepted = acceptedFolder(call, { ...draft, resourceVersion: '' }, previous)
    checkManager(call, folderType, accepted, previous)
    return previous === undefined
      ? fresh(call.state, 'folders', accepted, call.identity)
      : next(call.state, previous, accepted, call.identity)
  })
  keep(call.state, object)
  return answered(call, object)
}

function versionMismatch(): Refusal {
  return refused(412, 'the folder has been changed by someone else', { status: 'version-mismatch' })
}

export const postLegacyFolder: Handler = (call) => {
  const body = bodyOf(call)
  const uid = zeroed(body, 'uid', '')
  // Not "already exists": pkg/tests/apis/folder/folders_test.go@50330747.
  if (call.state.data.folders.has(uid)) throw versionMismatch()
  const description = zeroed(body, 'description', '')
  return saved(call, {
    ...{ name: uid === '' ? call.state.newName() : uid, folder: zeroed(body, 'parentUid', '') },
    spec: toJsonObject({
      ...{ title: zeroed(body, 'title', ''), ...(description === '' ? {} : { description }) },
    }),
    ...{ labels: {}, annotations: {}, storedVersion: 'v1beta1' },
  })
}

export const putLegacyFolder: Handler = (call) => {
  const body = bodyOf(call)
  const previous = asked(call)
  // unifiedstore.go@51789851215
  if (!zeroed(body, 'overwrite', false) && zeroed(body, 'version', 0) !== previous.generation)
    throw versionMismatch()
  const title = zeroed(body, 'title', '')
  const description = zeroed(body, 'description', '')
  const more = { ...(title === '' ? {} : { title }), ...(description === '' ? {} : { description }) }
  return saved(call, { ...previous, spec: withMembers(previous.spec, more) }, previous)
}

export const moveLegacyFolder: Handler = (call) => {
  const previous = asked(call)
  const parent = zeroed(bodyOf(call), 'parentUid', '')
  return saved(call, { ...previous, folder: parent === 'general' ? '' : parent }, previous)
}

/** With everything that is in it, but rules only where that is said. */
export const deleteLegacyFolder: Handler = (call) => {
  const folder = asked(call)
  const inside = contentsOf(call.state, folder.name, true)
  if ((inside['librarypanels'] ?? 0) > 0)
    throw refused(403, 'Folder could not be deleted because it contains library elements in use')
  const rules = (inside['alertrules'] ?? 0) + (inside['recordingrules'] ?? 0)
  if (rules > 0 && call.query.get('forceDeleteRules') !== 'true') throw identified(400, ...notEmpty)
  removeTree(call.state, folder)
  return ok({ message: 'Folder deleted', id: folder.id })
}

function removeTree(state: FakeState, folder: StoredObject): void {
  for (const each of within(state, 'folders', folder.name)) removeTree(state, each)
  for (const each of within(state, 'dashboards', folder.name)) drop(state, each)
  for (const rule of [...state.data.rules.values()]) {
    if (rule.folderUID === folder.name) dropRule(state, rule)
  }
  drop(state, folder)
}

export const countLegacyFolder: Handler = (call) => {
  const inside = contentsOf(call.state, asked(call).name, true)
  return ok({
    ...{ folder: inside['folders'], dashboard: inside['dashboards'] },
    alertrule: (inside['alertrules'] ?? 0) + (inside['recordingrules'] ?? 0),
    librarypanel: inside['librarypanels'],
  })
}
