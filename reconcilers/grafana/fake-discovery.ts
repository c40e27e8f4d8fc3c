import { type Call, type Handler, type Members, named, ok } from './fake-call.ts'
import { notServed } from './fake-objects.ts'

/** The groups that the client looks for, with their versions, the preferred one first. */
function groupsOf({ profile }: Call): Readonly<Record<string, readonly string[]>> {
  return { 'dashboard.grafana.app': profile.dashboards, 'folder.grafana.app': profile.folders }
}

function group(name: string, versions: readonly string[]): Members {
  const all = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions: all, preferredVersion: all[0] }
}

export const listGroups: Handler = (call) => {
  const groups = Object.entries(groupsOf(call)).map(([name, versions]) => group(name, versions))
  return ok({ kind: 'APIGroupList', apiVersion: 'v1', groups })
}

export const getGroup: Handler = (call) => {
  const versions = groupsOf(call)[named(call)]
  if (versions === undefined) throw notServed()
  return ok({ kind: 'APIGroup', apiVersion: 'v1', ...group(named(call), versions) })
}

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update']

/** pkg/tests/apis/folder/folders_test.go@50330747 */
const resources: Readonly<Record<string, readonly Members[]>> = {
  'folder.grafana.app': [
    { name: 'folders', singularName: 'folder', namespaced: true, kind: 'Folder', verbs },
    {
      ...{ name: 'folders/counts', singularName: '', namespaced: true, kind: 'DescendantCounts' },
      verbs: ['get'],
    },
  ],
  'dashboard.grafana.app': [
    { name: 'dashboards', singularName: 'dashboard', namespaced: true, kind: 'Dashboard', verbs },
  ],
}

export const listResources: Handler = (call) => {
  const [name, version] = [named(call), named(call, 1)]
  if (groupsOf(call)[name]?.includes(version) !== true) throw notServed()
  return ok({
    ...{ kind: 'APIResourceList', apiVersion: 'v1', groupVersion: `${name}/${version}` },
    resources: resources[name],
  })
}
