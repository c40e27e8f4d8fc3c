import { own, toJsonObject, withMembers } from '../../src/core/json.ts'
import { type Call, type Handler, named, ok } from './fake-call.ts'
import {
  checkPlace,
  checkTitle,
  checkUid,
  contentsOf,
  folderType,
  isEmptyFolder,
  notEmpty,
} from './fake-folder-checks.ts'
import { type Given, draftOf } from './fake-object-body.ts'
import type { Draft } from './fake-object-store.ts'
import { type Subject, bodyAt, handlersOf } from './fake-objects.ts'
import { isThirteen } from './fake-profile.ts'
import { identifiedStatus, invalid, notFound } from './fake-refusal.ts'
import type { StoredObject } from './fake-state.ts'

/** What `/apis` makes of a folder; the older API asks the same (folder_unifiedstorage.go@c5f9dfec). */
export function acceptedFolder(call: Call, given: Given, previous: StoredObject | undefined): Draft {
  const spec = toJsonObject(given.spec)
  const title = own(spec, 'title')
  if (title !== undefined && typeof title !== 'string')
    throw invalid(folderType, given.name, 'spec.title', 'must be a string')
  const trimmed = (title ?? '').trim()
  if (previous === undefined) checkUid(given.name)
  checkTitle(trimmed)
  checkPlace(call, given, previous)
  return { ...draftOf(given), spec: withMembers(spec, { title: trimmed }) }
}

const subject: Subject = {
  type: folderType,
  served: ({ profile }) => profile.folders,
  accepted: acceptedFolder,
  checkDeletion: ({ state }, { name }) => {
    // pkg/registry/apis/folders/validate.go@02759165: never with what is in it, whatever `forceDeleteRules` says.
    if (!isEmptyFolder(state, name)) throw identifiedStatus(400, ...notEmpty)
  },
  content: ({ spec }) => ({ spec, status: {} }),
  // docs: developers/http_api/folder@131ad133
  deleted: (call, object, version) => bodyAt(call, subject, object, version),
}

export const folderHandlers = handlersOf(subject)

function asked(call: Call): StoredObject {
  const found = call.state.data.folders.get(named(call, 2))
  if (found === undefined) throw notFound(folderType, named(call, 2))
  return found
}

const groupOf: Readonly<Record<string, string>> = {
  ...{ folders: 'folder.grafana.app', dashboards: 'dashboard.grafana.app' },
  ...{ librarypanels: 'dashboard.grafana.app', alertrules: 'rules.alerting.grafana.app' },
  recordingrules: 'rules.alerting.grafana.app',
}

/** pkg/registry/apis/folders/sub_count.go@1027f3ba; 12.x has what is not in the new storage once more. */
export const countFolder: Handler = (call) => {
  const counts = Object.entries(contentsOf(call.state, asked(call).name)).map(([resource, count]) => ({
    ...{ group: groupOf[resource], resource, count },
  }))
  const older = isThirteen(call.profile) ? [] : counts.map((each) => ({ ...each, group: 'sql-fallback' }))
  const apiVersion = `${folderType.group}/${named(call)}`
  return ok({ kind: 'DescendantCounts', apiVersion, counts: [...counts, ...older] })
}
