import { type Handler, type Members, named, ok } from './fake-call.ts'
import { isAtLeast } from './fake-identity.ts'
import { refused } from './fake-refusal.ts'

/** pkg/api/http_server.go; nobody has to sign in for it. */
export const health: Handler = ({ profile: { version } }) =>
  ok({ database: 'ok', version, commit: 'simulated' })

/** docs: developers/http_api/org */
export const organisation: Handler = () =>
  ok({
    ...{ id: 1, name: 'Main Org.' },
    address: { address1: '', address2: '', city: '', zipCode: '', state: '', country: '' },
  })

/** pkg/api/user.go#232480067; before it a service account was not found. */
export const user: Handler = ({ identity: { uid, login, role }, profile }) => {
  const isAccount = uid.startsWith('service-account:')
  if (isAccount && profile.dashboards.length === 0) throw refused(404, 'user not found')
  return ok({
    ...{ id: isAccount ? 0 : 1, uid, email: '', name: login, login, theme: '', orgId: 1 },
    ...{ isGrafanaAdmin: !isAccount && role === 'Admin', isDisabled: false, isExternal: false },
  })
}

/** pkg/api/dtos/frontend_settings.go@00b324aa */
export const frontendSettings: Handler = ({ profile: { version } }) =>
  ok({
    ...{ namespace: 'default', appUrl: 'http://localhost:3000/', appSubUrl: '' },
    ...{ rootFolderUID: 'general', sharedWithMeFolderUID: 'sharedwithme', minRefreshInterval: '5s' },
    buildInfo: {
      ...{
        hideVersion: false,
        version,
        versionString: `Grafana v${version} (simulated)`,
        commit: 'simulated',
      },
      ...{ edition: 'Open Source', env: 'production', latestVersion: '', hasUpdate: false },
    },
    licenseInfo: { edition: 'Open Source' },
    featureToggles: {},
  })

const readable: Members = {
  ...{ 'dashboards:read': ['dashboards:*', 'folders:*'], 'folders:read': ['folders:*'], 'orgs:read': [''] },
  ...{ 'datasources:read': ['datasources:*'], 'datasources:query': ['datasources:*'] },
  ...{ 'alert.rules:read': ['folders:*'] },
}

const editable: Members = {
  ...{ 'dashboards:create': ['folders:*'], 'dashboards:write': ['dashboards:*', 'folders:*'] },
  ...{ 'dashboards:delete': ['dashboards:*', 'folders:*'], 'folders:create': ['folders:*'] },
  ...{ 'folders:write': ['folders:*'], 'folders:delete': ['folders:*'] },
  ...{ 'alert.rules:create': ['folders:*'], 'alert.rules:write': ['folders:*'] },
  ...{ 'alert.rules:delete': ['folders:*'], 'alert.provisioning.provenance:write': [''] },
}

const administrable: Members = {
  ...{ 'datasources:create': [''], 'datasources:write': ['datasources:*'] },
  ...{ 'datasources:delete': ['datasources:*'], 'alert.provisioning:read': [''] },
  'alert.provisioning:write': [''],
}

/** Actions and their scopes, as a live 10.3 told them. */
export const permissions: Handler = ({ identity }) =>
  ok({
    ...readable,
    ...(isAtLeast('Editor', identity) ? editable : {}),
    ...(isAtLeast('Admin', identity) ? administrable : {}),
  })

/** docs: developers/http_api/library_element */
export const getLibraryElement: Handler = (call) => {
  const result = call.state.data.libraryElements.get(named(call))
  if (result === undefined) throw refused(404, 'library element could not be found', { traceID: '' })
  return ok({ result })
}
