import { textAt } from '../../src/core/members.ts'
import { type Call, type Handler, type Members, figureIn, isoTime, named, ok, slug } from './fake-call.ts'
import { modelOf, readAt } from './fake-conversion.ts'
import { dashboardType } from './fake-dashboard-checks.ts'
import { loginOf } from './fake-identity.ts'
import { managerOf } from './fake-managers.ts'
import { history } from './fake-object-list.ts'
import { drop, urlOf } from './fake-object-store.ts'
import { isThirteen } from './fake-profile.ts'
import { failed, refused } from './fake-refusal.ts'
import type { StoredObject } from './fake-state.ts'

function asked(call: Call): StoredObject {
  const found = call.state.data.dashboards.get(named(call))
  if (found === undefined) throw failed(404, 'Dashboard not found')
  return found
}

/** pkg/api/dashboard.go#54134187646; `?apiVersion=` since grafana PR 120842. */
export const getDashboard: Handler = (call) => {
  const object = asked(call)
  const version = call.query.get('apiVersion') ?? ''
  const served = isThirteen(call.profile) && call.profile.dashboards.includes(version)
  if (!served && call.profile.refusesV2Read && modelOf(object.storedVersion) === 'v2') {
    const path = `/apis/dashboard.grafana.app/v2beta1/namespaces/default/dashboards/${object.name}`
    throw refused(406, `dashboard api version not supported, use ${path} instead`)
  }
  return ok({ meta: metaOf(call, object), dashboard: dashboardOf(object, served ? version : undefined) })
}

/** Without a version: as it was saved if it is classic, and else as much of it as a classic one can say, without a hint. */
function dashboardOf(object: StoredObject, version?: string): Members {
  const classic = modelOf(object.storedVersion) === 'classic'
  const { spec } = version === undefined && classic ? object : readAt(object, version ?? 'v0alpha1')
  return { ...spec, id: object.id, uid: object.name, version: object.generation }
}

function metaOf({ state }: Call, object: StoredObject): Members {
  const { spec, created, createdBy, updated = created, updatedBy = createdBy, generation } = object
  const title = slug(textAt(spec, 'title'))
  const folder = state.data.folders.get(object.folder)
  const folderTitle = folder === undefined ? 'General' : textAt(folder.spec, 'title')
  return {
    ...{ type: 'db', canSave: true, canEdit: true, canAdmin: true, canStar: true, canDelete: true },
    ...{ slug: title, url: urlOf(object), expires: '0001-01-01T00:00:00Z' },
    ...{ created: isoTime(created), createdBy: loginOf(createdBy) },
    ...{ updated: isoTime(updated), updatedBy: loginOf(updatedBy), version: generation },
    ...{ hasAcl: false, isFolder: false, apiVersion: 'v0alpha1' },
    ...{ folderId: folder?.id ?? 0, folderUid: object.folder, folderTitle },
    folderUrl: folder === undefined ? '' : urlOf(folder),
    ...{ provisioned: object.provisioned === true, provisionedExternalId: '' },
    annotationsPermissions: {
      dashboard: { canAdd: true, canEdit: true, canDelete: true },
      organization: { canAdd: true, canEdit: true, canDelete: true },
    },
  }
}

export const deleteDashboard: Handler = (call) => {
  if (call.state.data.folders.has(named(call)))
    throw refused(400, 'Use folders endpoint for deleting folders.')
  const object = asked(call)
  if (object.provisioned === true || managerOf(object.annotations)?.kind === 'classic-file-provisioning')
    throw refused(400, 'provisioned dashboard cannot be deleted')
  drop(call.state, object)
  const title = textAt(object.spec, 'title')
  return ok({ title, message: `Dashboard ${title} deleted`, uid: object.name })
}

/** pkg/services/dashboardversion/model.go@14fb025c */
function versionOf(object: StoredObject): Members {
  const { generation, created, updated = created, createdBy, updatedBy = createdBy, id, name } = object
  const parentVersion = generation - 1
  const message = object.annotations['grafana.app/message'] ?? ''
  return {
    ...{ id: generation, dashboardId: id, uid: name, parentVersion, restoredFrom: 0, version: generation },
    ...{ created: isoTime(updated), createdBy: loginOf(updatedBy) },
    message: message === '' && parentVersion === 0 ? 'Initial save' : message,
  }
}

export const listVersions: Handler = (call) => {
  const all = history(call.state, dashboardType, asked(call).name)
  const start = figureIn(call, 'start', 0)
  const versions = all.slice(start, start + figureIn(call, 'limit', 1_000)).map(versionOf)
  return ok({ versions, continueToken: '' })
}
