import { textAt } from '../../src/core/members.ts'
import type { Call } from './fake-call.ts'
import { ancestors, within } from './fake-object-store.ts'
import { identifiedStatus, refused, type ObjectType } from './fake-refusal.ts'
import type { FakeState, StoredObject } from './fake-state.ts'

export const folderType: ObjectType = {
  ...{ resource: 'folders', group: 'folder.grafana.app', kind: 'Folder' },
}

/** pkg/services/folder/model.go@117ca8a3 */
const mostNested = 4

/** pkg/registry/apis/folders/validate.go@02759165 */
export function checkUid(name: string): void {
  if (name === 'general' || name === 'sharedwithme')
    throw identifiedStatus(400, 'folder.invalid-uid', 'invalid uid for folder provided')
  if (!/^[\w-]*$/.test(name))
    throw identifiedStatus(400, 'folder.invalid-uid-chars', 'uid contains illegal characters')
  if (name.length > 40) throw identifiedStatus(400, 'folder.uid-too-long', 'uid too long, max 40 characters')
}

export function checkTitle(title: string): void {
  if (title === '') throw identifiedStatus(400, 'folder.title-empty', 'folder title cannot be empty')
  if (title.toLowerCase() === 'general')
    throw identifiedStatus(400, 'folder.name-exists', 'a folder with that name already exists')
}

/** Of a new folder, or of one that is moved: where it may lie. */
export function checkPlace(
  call: Call,
  { name, folder }: Pick<StoredObject, 'name' | 'folder'>,
  previous: StoredObject | undefined,
): void {
  if (folder === name)
    throw identifiedStatus(400, 'folder.cannot-be-parent-of-itself', 'folder cannot be parent of itself')
  if (folder === '' || previous?.folder === folder) return
  const above = ancestors(call.state, folder)
  if (above.length === 0) throw absentParent(folder, previous)
  if (above.some((each) => each.name === name))
    throw identifiedStatus(400, 'folder.circular-reference', 'Circular reference detected')
  if (above.length + 1 + (previous === undefined ? 0 : height(call.state, name)) > mostNested)
    throw identifiedStatus(400, 'folder.maximum-depth-reached', 'Maximum nested folder depth reached')
}

/** Which code it has is not confirmed: the cause is a NotFound. */
function absentParent(folder: string, previous: StoredObject | undefined): Error {
  const why =
    previous === undefined
      ? `unable to create folder inside parent: folders.folder.grafana.app "${folder}" not found`
      : `move target not found ${folder}`
  return identifiedStatus(404, 'folder.notFound', why)
}

/** Levels of folders below one. */
function height(state: FakeState, name: string): number {
  const below = within(state, 'folders', name).map((each) => 1 + height(state, each.name))
  return Math.max(0, ...below)
}

/** What lies in a folder, by kind. `deep`: in those below it, too. */
export function contentsOf(state: FakeState, name: string, deep = false): Readonly<Record<string, number>> {
  const folders = within(state, 'folders', name)
  const { rules, libraryElements } = state.data
  const inside = [...rules.values()].filter(({ folderUID }) => folderUID === name)
  const recording = inside.filter(({ members }) => members['record'] !== null).length
  const own: Readonly<Record<string, number>> = {
    folders: folders.length,
    dashboards: within(state, 'dashboards', name).length,
    librarypanels: [...libraryElements.values()].filter((each) => textAt(each, 'folderUid') === name).length,
    alertrules: inside.length - recording,
    recordingrules: recording,
  }
  if (!deep) return own
  const all = [own, ...folders.map((each) => contentsOf(state, each.name, true))]
  return Object.fromEntries(
    Object.keys(own).map((kind) => [kind, all.reduce((sum, each) => sum + (each[kind] ?? 0), 0)]),
  )
}

export function isEmptyFolder(state: FakeState, name: string): boolean {
  return Object.values(contentsOf(state, name)).every((count) => count === 0)
}

export const notEmpty = ['folder.not-empty', 'Folder cannot be deleted: folder is not empty'] as const

/** pkg/services/apierrors/folder.go@3e9248b7 */
export function folderMissing(): Error {
  return refused(404, 'folder not found', { status: 'not-found' })
}
