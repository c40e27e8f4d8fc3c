import type { Handler } from './fake-call.ts'
import { dashboardHandlers } from './fake-dashboards.ts'
import {
  checkDatasource,
  deleteDatasource,
  getDatasource,
  listDatasources,
  postDatasource,
  putDatasource,
} from './fake-datasources.ts'
import { getGroup as getApiGroup, listGroups, listResources } from './fake-discovery.ts'
import { countFolder, folderHandlers } from './fake-folders.ts'
import type { Role } from './fake-identity.ts'
import { frontendSettings, getLibraryElement, health, organisation, permissions, user } from './fake-info.ts'
import { deleteDashboard, getDashboard, listVersions } from './fake-legacy-dashboards.ts'
import {
  countLegacyFolder,
  deleteLegacyFolder,
  getLegacyFolder,
  listLegacyFolders,
  moveLegacyFolder,
  postLegacyFolder,
  putLegacyFolder,
} from './fake-legacy-folders.ts'
import { postDashboard } from './fake-legacy-save.ts'
import { deleteGroup, getGroup, putGroup } from './fake-rule-groups.ts'
import { exportRule, exportRules, getRulerRule, listRuleVersions, listRulerRules } from './fake-ruler.ts'
import { deleteRule, getRule, listRules, postRule, putRule } from './fake-rules.ts'
import { search } from './fake-search.ts'

export interface Route {
  readonly method: string
  /** Its groups are the names in the path. */
  readonly path: RegExp
  readonly handle: Handler
  /** What the asker needs; of `/apis` its own handlers ask. */
  readonly needs: { readonly role: Role; readonly action: string } | undefined
  /** Nobody has to sign in. */
  readonly open: boolean
}

/** `*` is a name. The first that fits is taken. */
function route(method: string, path: string, handle: Handler, needs?: Route['needs']): Route {
  const pattern = path.replaceAll('.', '\\.').replaceAll('*', '([^/]+)')
  return {
    ...{ method, path: new RegExp(`^${pattern}/?$`), handle, needs },
    open: path === '/api/health',
  }
}

function editor(action: string): Route['needs'] {
  return { role: 'Editor', action }
}

function admin(action: string): Route['needs'] {
  return { role: 'Admin', action }
}

const folders = '/apis/folder.grafana.app/*/namespaces/*/folders'
const dashboards = '/apis/dashboard.grafana.app/*/namespaces/*/dashboards'
const provisioning = '/api/v1/provisioning'
const group = `${provisioning}/folder/*/rule-groups/*`
const ruler = '/api/ruler/grafana/api/v1'

export const routes: readonly Route[] = [
  route('GET', '/api/health', health),
  route('GET', '/api/org', organisation),
  route('GET', '/api/user', user),
  route('GET', '/api/frontend/settings', frontendSettings),
  route('GET', '/api/access-control/user/permissions', permissions),
  route('GET', '/api/search', search),
  route('GET', '/api/library-elements/*', getLibraryElement),

  route('GET', '/apis', listGroups),
  route('GET', '/apis/*', getApiGroup),
  route('GET', '/apis/*/*', listResources),

  route('GET', folders, folderHandlers.list),
  route('POST', folders, folderHandlers.post),
  route('GET', `${folders}/*`, folderHandlers.get),
  route('PUT', `${folders}/*`, folderHandlers.put),
  route('DELETE', `${folders}/*`, folderHandlers.delete),
  route('GET', `${folders}/*/counts`, countFolder),

  route('GET', dashboards, dashboardHandlers.list),
  route('POST', dashboards, dashboardHandlers.post),
  route('GET', `${dashboards}/*`, dashboardHandlers.get),
  route('PUT', `${dashboards}/*`, dashboardHandlers.put),
  route('DELETE', `${dashboards}/*`, dashboardHandlers.delete),

  route('GET', '/api/folders', listLegacyFolders),
  route('POST', '/api/folders', postLegacyFolder, editor('folders:create')),
  route('GET', '/api/folders/*', getLegacyFolder),
  route('PUT', '/api/folders/*', putLegacyFolder, editor('folders:write')),
  route('DELETE', '/api/folders/*', deleteLegacyFolder, editor('folders:delete')),
  route('POST', '/api/folders/*/move', moveLegacyFolder, editor('folders:write')),
  route('GET', '/api/folders/*/counts', countLegacyFolder),

  route('POST', '/api/dashboards/db', postDashboard, editor('dashboards:create')),
  route('GET', '/api/dashboards/uid/*', getDashboard),
  route('DELETE', '/api/dashboards/uid/*', deleteDashboard, editor('dashboards:delete')),
  route('GET', '/api/dashboards/uid/*/versions', listVersions),

  route('GET', '/api/datasources', listDatasources),
  route('POST', '/api/datasources', postDatasource, admin('datasources:create')),
  route('GET', '/api/datasources/uid/*', getDatasource),
  route('PUT', '/api/datasources/uid/*', putDatasource, admin('datasources:write')),
  route('DELETE', '/api/datasources/uid/*', deleteDatasource, admin('datasources:delete')),
  route('GET', '/api/datasources/uid/*/health', checkDatasource),

  route('GET', `${provisioning}/alert-rules`, listRules, editor('alert.provisioning:read')),
  route('POST', `${provisioning}/alert-rules`, postRule, editor('alert.provisioning:write')),
  route('GET', `${provisioning}/alert-rules/export`, exportRules, editor('alert.provisioning:read')),
  route('GET', `${provisioning}/alert-rules/*`, getRule, editor('alert.provisioning:read')),
  route('PUT', `${provisioning}/alert-rules/*`, putRule, editor('alert.provisioning:write')),
  route('DELETE', `${provisioning}/alert-rules/*`, deleteRule, editor('alert.provisioning:write')),
  route('GET', `${provisioning}/alert-rules/*/export`, exportRule, editor('alert.provisioning:read')),
  route('GET', group, getGroup, editor('alert.provisioning:read')),
  route('PUT', group, putGroup, editor('alert.provisioning:write')),
  route('DELETE', group, deleteGroup, editor('alert.provisioning:write')),

  route('GET', `${ruler}/rules`, listRulerRules),
  route('GET', `${ruler}/rule/*`, getRulerRule),
  route('GET', `${ruler}/rule/*/versions`, listRuleVersions),
]
