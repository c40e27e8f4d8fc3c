import { type Handler, ok } from './fake-call.ts'
import { allProcessorTypes, allServiceTypes, bundleOf, bundleVersion } from './fake-catalogue.ts'
import { permissions } from './fake-entities.ts'
import { badRequest, conflict, missing } from './fake-refusal.ts'
import type { FakeState } from './fake-state.ts'

export const about: Handler = () =>
  ok({
    about: {
      ...{ title: 'NiFi', version: bundleVersion, uri: 'http://nifi/nifi-api/', timezone: 'UTC' },
      ...{ contentViewerUrl: 'http://nifi/nifi/#/content-viewer', buildTag: `rel/nifi-${bundleVersion}` },
    },
  })

const everything = [
  ...['provenancePermissions', 'countersPermissions', 'tenantsPermissions', 'controllerPermissions'],
  ...['policiesPermissions', 'systemPermissions', 'parameterContextPermissions'],
  'restrictedComponentsPermissions',
]

const restrictions = [
  ...['read-distributed-filesystem', 'access-keytab', 'export-nifi-details', 'read-filesystem'],
  ...['access-environment-credentials', 'reference-remote-resources', 'execute-code', 'access-ticket-cache'],
  ...['write-filesystem', 'write-distributed-filesystem'],
]

export const currentUser: Handler = () =>
  ok({
    ...{ identity: 'anonymous', anonymous: true, logoutSupported: false, canVersionFlows: false },
    ...Object.fromEntries(everything.map((name) => [name, permissions])),
    componentRestrictionPermissions: restrictions.map((id) => ({
      requiredPermission: { id, label: id.replaceAll('-', ' ') },
      permissions,
    })),
  })

export const clusterSummary: Handler = () =>
  ok({
    clusterSummary: {
      ...{ connectedNodeCount: 0, totalNodeCount: 0, connectedToCluster: false, clustered: false },
    },
  })

/** What a NiFi without TLS says to whoever wants a token. */
export const postToken: Handler = () => {
  throw conflict(
    'The @FormParam is utilized when the content type of the request entity is not application/x-www-form-urlencoded',
  )
}

export const listProcessorTypes: Handler = () =>
  ok({
    processorTypes: allProcessorTypes().map(([type, { artifact, restricted }]) => ({
      ...{ type, bundle: bundleOf(artifact), restricted, tags: [] },
      ...(restricted ? { explicitRestrictions: [executesCode] } : {}),
    })),
  })

const executesCode = {
  requiredPermission: { id: 'execute-code', label: 'execute code' },
  explanation:
    'Provides operator the ability to execute arbitrary code assuming all permissions that NiFi has.',
}

export const listServiceTypes: Handler = () =>
  ok({
    controllerServiceTypes: allServiceTypes().map(([type, { artifact, apis }]) => ({
      ...{ type, bundle: bundleOf(artifact), restricted: false, tags: [] },
      controllerServiceApis: apis.map((api) => ({
        type: api,
        bundle: bundleOf('nifi-standard-services-api-nar'),
      })),
    })),
  })

/** `groupId` and `sourceId` are regular expressions; the newest `limit` of what comes after `after`. */
export const bulletinBoard: Handler = ({ state, query }) => {
  const after = Number(query.get('after') ?? -1)
  const limit = Number(query.get('limit') ?? Infinity)
  const [groups, sources] = [pattern(query.get('groupId')), pattern(query.get('sourceId'))]
  const found = state.bulletins.filter(
    ({ id, groupId, sourceId }) => id > after && groups.test(groupId) && sources.test(sourceId),
  )
  const bulletins = (limit === Infinity ? found : found.slice(-limit)).map((bulletin) => {
    const { id, groupId, sourceId } = bulletin
    const timestamp = '20:00:00 UTC'
    const whole = { ...bulletin, category: 'Log Message', sourceType: 'PROCESSOR', timestamp }
    return { id, groupId, sourceId, timestamp, canRead: true, bulletin: whole }
  })
  return ok({ bulletinBoard: { bulletins, generated: '20:00:00 UTC' } })
}

/** Only what UpdateCounter counted. */
export const counters: Handler = ({ state }) => {
  const shown = [...state.counters].map(([key, valueCount]) => {
    const [context = '', name = ''] = JSON.parse(key) as readonly string[]
    return { context, name, valueCount, value: valueCount.toLocaleString('en-US') }
  })
  return ok({ counters: { aggregateSnapshot: { generated: '20:00:00 UTC', counters: shown } } })
}

function pattern(text: string | undefined): RegExp {
  try {
    return new RegExp(`^(?:${text ?? '.*'})$`)
  } catch {
    throw missing('HTTP 404 Not Found')
  }
}

/** What people (and this client) did, newest first if so asked. */
export const history: Handler = ({ state, query }) => {
  if (!query.has('offset')) throw badRequest('The desired offset must be specified.')
  if (!query.has('count')) throw badRequest('The desired row count must be specified.')
  const sourceId = query.get('sourceId')
  const found = actionsOf(state, sourceId)
  const sorted = query.get('sortOrder')?.toLowerCase() === 'desc' ? found.toReversed() : found
  const offset = Number(query.get('offset'))
  const actions = sorted.slice(offset, offset + Number(query.get('count'))).map((action) => {
    const { details, ...more } = action
    const { id, timestamp, sourceId: source } = action
    const whole = { ...more, ...(details === undefined ? {} : { actionDetails: details }) }
    return { id, timestamp, sourceId: source, canRead: true, action: whole }
  })
  return ok({ history: { total: found.length, lastRefreshed: '20:00:00 UTC', actions } })
}

function actionsOf(state: FakeState, sourceId: string | undefined): FakeState['actions'] {
  return state.actions.filter((action) => sourceId === undefined || action.sourceId === sourceId)
}
