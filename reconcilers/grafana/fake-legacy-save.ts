import { type JsonObject, isObject, own, toJsonObject, without } from '../../src/core/json.ts'
import { textAt } from '../../src/core/members.ts'
import { type Answer, type Call, type Handler, bodyOf, ok, slug, zeroed } from './fake-call.ts'
import { basicFault, isNewModel, looksLikeNewModel, storedSpec } from './fake-dashboard-checks.ts'
import { managerOf } from './fake-managers.ts'
import { type Draft, fresh, keep, next, urlOf } from './fake-object-store.ts'
import { isThirteen } from './fake-profile.ts'
import { refused } from './fake-refusal.ts'
import type { StoredObject } from './fake-state.ts'

interface Save {
  readonly uid: string
  readonly id: number
  readonly version: number
  readonly spec: JsonObject
  readonly storedVersion: string
}

/** pkg/api/dashboard.go#54134187646 */
export const postDashboard: Handler = (call) => {
  const body = bodyOf(call)
  const dashboard = own(body, 'dashboard')
  if (!isObject(dashboard)) throw refused(400, 'bad request data')
  if (own(dashboard, 'isFolder') === true || own(body, 'isFolder') === true)
    throw refused(400, 'Use folders endpoint for saving folders.')
  const save = isWrapped(call, dashboard) ? unwrapped(dashboard) : plain(call, dashboard)
  checkTitle(call, save.spec)
  const fault = basicFault(save.uid, save.spec, zeroed(body, 'message', ''))
  if (fault !== undefined) throw refused(400, fault)
  const folder = folderOf(call, zeroed(body, 'folderUid', ''))
  const previous = found(call, save)
  if (previous !== undefined) checkSave(call, previous, save, zeroed(body, 'overwrite', false))
  return saved(call, save, previous, { folder, message: zeroed(body, 'message', '') })
}

/** An object as `/apis` has it, inside of `dashboard`: since 13.0 (grafana PRs 118665, 119538). */
function isWrapped(call: Call, dashboard: Readonly<Record<string, unknown>>): boolean {
  if (!isThirteen(call.profile)) return false
  if (textAt(dashboard, 'apiVersion') !== '') return true
  if (isObject(own(dashboard, 'metadata')) && isObject(own(dashboard, 'spec')))
    throw refused(400, 'Dashboard appears to be a k8s style resource, but is missing an explicit apiVersion.')
  return false
}

function unwrapped(dashboard: Readonly<Record<string, unknown>>): Save {
  const [group, version = ''] = textAt(dashboard, 'apiVersion').split('/')
  if (group !== 'dashboard.grafana.app')
    throw refused(
      400,
      'The dashboard payload references a non dashboard apiVersion.  This should be sent to the requested api directly',
    )
  if (Object.hasOwn(dashboard, 'id'))
    throw refused(400, 'The k8s style dashboard must not include an id on the root element')
  if (!isObject(own(dashboard, 'spec')))
    throw refused(400, 'The k8s style dashboard must include the dashboard contents in the spec property')
  const uid = textAt(dashboard, 'metadata', 'name')
  const spec = toJsonObject(own(dashboard, 'spec'))
  const draft = { name: uid, folder: '', labels: {}, annotations: {}, resourceVersion: '' }
  const kept = storedSpec({ ...draft, spec, storedVersion: version }, false)
  return { uid, id: 0, version: zeroed(spec, 'version', 0), spec: kept, storedVersion: version }
}

/** A dashboard itself is kept as it was sent, at v0alpha1. 12.x takes one in the new model for a classic one. */
function plain(call: Call, dashboard: Readonly<Record<string, unknown>>): Save {
  if (isThirteen(call.profile) && isNewModel(dashboard)) throw refused(400, looksLikeNewModel)
  return {
    ...{ uid: zeroed(dashboard, 'uid', ''), id: zeroed(dashboard, 'id', 0) },
    version: zeroed(dashboard, 'version', 0),
    spec: without(toJsonObject(dashboard), new Set(['uid', 'id', 'version'])),
    storedVersion: 'v0alpha1',
  }
}

function checkTitle(call: Call, spec: JsonObject): void {
  if (textAt(spec, 'title').trim() !== '') return
  if (!isThirteen(call.profile))
    throw refused(400, 'Dashboard title cannot be empty', { status: 'empty-name' })
  if (!Object.hasOwn(spec, 'title'))
    throw refused(
      400,
      `Dashboard ${call.profile.strictSave ? 'spec ' : ''}is missing required title property`,
    )
}

function folderOf(call: Call, asked: string): string {
  const folder = asked === 'general' ? '' : asked
  if (folder === '' || call.state.data.folders.has(folder)) return folder
  throw isThirteen(call.profile)
    ? refused(404, `folders.folder.grafana.app "${folder}" not found`)
    : refused(400, 'folder not found')
}

function found({ state }: Call, { uid, id }: Save): StoredObject | undefined {
  const byId = id === 0 ? undefined : [...state.data.dashboards.values()].find((each) => each.id === id)
  const byUid = state.data.dashboards.get(uid)
  if (byId !== undefined && byUid !== undefined && byId !== byUid)
    throw refused(400, 'A dashboard with the same uid already exists')
  if (id !== 0 && byId === undefined && uid === '')
    throw refused(404, 'Dashboard not found', { status: 'not-found' })
  return byUid ?? byId
}

function checkSave({ profile }: Call, previous: StoredObject, save: Save, overwrite: boolean): void {
  const manager = managerOf(previous.annotations)
  const editable = (previous.annotations['grafana.app/managerAllowsEdits'] ?? '') !== ''
  const refuses = profile.strictSave ? manager !== undefined && !editable : previous.provisioned === true
  if (refuses) throw refused(400, 'Cannot save provisioned dashboard')
  if (manager?.kind === 'plugin' && !overwrite)
    throw refused(412, `The dashboard belongs to plugin ${manager.id}.`, { status: 'plugin-dashboard' })
  if (overwrite || save.version === previous.generation) return
  throw profile.strictSave
    ? refused(409, 'Dashboard already exists. Use overwrite flag to update.')
    : refused(412, 'The dashboard has been changed by someone else', { status: 'version-mismatch' })
}

interface Where {
  readonly folder: string
  readonly message: string
}

/** What was noted on the dashboard is gone: who manages it, and from where. */
function saved(
  call: Call,
  save: Save,
  previous: StoredObject | undefined,
  { folder, message }: Where,
): Answer {
  const { state, identity } = call
  const draft: Draft = {
    ...{ name: previous?.name ?? (save.uid === '' ? state.newName() : save.uid), folder, spec: save.spec },
    ...{ labels: {}, annotations: message === '' ? {} : { 'grafana.app/message': message } },
    storedVersion: save.storedVersion,
  }
  const object =
    previous === undefined
      ? fresh(state, 'dashboards', draft, identity)
      : next(state, previous, draft, identity)
  keep(state, object)
  const { generation: version, id, name: uid, spec } = object
  return ok({
    ...{ status: 'success', slug: slug(textAt(spec, 'title')), version, id, uid },
    ...{ url: urlOf(object), folderUid: folder },
  })
}
