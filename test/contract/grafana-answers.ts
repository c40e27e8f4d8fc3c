import { own, ownObject } from '../../src/core/json.ts'
import { noProvenance } from '../support/grafana-bystander.ts'
import { type BodyOf, type Conversation, type Exchange, absent, newer } from './grafana-talk.ts'

type Members = Readonly<Record<string, unknown>>

const folderPath = '{folders}/im-folder'
const dashboardPath = '{dashboards:v0alpha1}/im-dashboard'
const datasourcePath = '/api/datasources/uid/im-datasource'
const rulesPath = '/api/v1/provisioning/alert-rules'
const rulePath = `${rulesPath}/im-rule`
const groupPath = '/api/v1/provisioning/folder/im-folder/rule-groups/im-group'

function get(path: string, status: number, says?: unknown): Exchange {
  return { method: 'GET', path, status, says }
}

function post(path: string, body: unknown, status: number, says?: unknown, headers = {}): Exchange {
  return { method: 'POST', path, body, status, says, headers }
}

function put(path: string, body: unknown, status: number, says?: unknown, headers = {}): Exchange {
  return { method: 'PUT', path, body, status, says, headers }
}

function remove(path: string, status: number, says?: unknown, body?: unknown): Exchange {
  return { method: 'DELETE', path, status, says, body }
}

function object(name: string, spec: Members, annotations: Members = {}): Members {
  return { metadata: { name, annotations }, spec }
}

/** What was heard, with another spec or other metadata. */
function changed(spec: Members, metadata: Members = {}): BodyOf {
  return (heard) => ({
    ...(heard as Members),
    metadata: { ...ownObject(heard, 'metadata'), ...metadata },
    spec: { ...ownObject(heard, 'spec'), ...spec },
  })
}

function failure(code: number, message: string | RegExp, more: Members = {}): Members {
  return { kind: 'Status', status: 'Failure', code, message, ...more }
}

const inFolder = { 'grafana.app/folder': 'im-folder' }

const folderAnswers: Readonly<Record<string, Conversation>> = {
  'a folder is made, changed under its edition only, moved and deleted': {
    source: 'pkg/tests/apis/folder/folders_test.go@50330747; docs developers/http_api/folder@131ad133',
    profiles: newer,
    leaves: ['{folders}/im-inner', folderPath],
    exchanges: [
      get(
        folderPath,
        404,
        failure(404, 'folders.folder.grafana.app "im-folder" not found', { reason: 'NotFound' }),
      ),
      post('{folders}', object('im-folder', { title: ' Folder ' }), 201, {
        kind: 'Folder',
        metadata: { name: 'im-folder', generation: 1, annotations: { 'grafana.app/updatedBy': absent } },
        spec: { title: 'Folder' },
      }),
      post('{folders}', object('im-folder', { title: 'Again' }), 409, {
        ...failure(409, 'folders.folder.grafana.app "im-folder" already exists', { reason: 'AlreadyExists' }),
      }),
      get(folderPath, 200, { spec: { title: 'Folder', description: absent } }),
      put(folderPath, changed({ title: 'Renamed' }), 200, {
        metadata: { generation: 2, annotations: { 'grafana.app/updatedBy': /^(user|service-account):/ } },
      }),
      put(folderPath, changed({ title: 'Late' }, { resourceVersion: '1' }), 409, {
        ...failure(409, /the object has been modified/, { reason: 'Conflict' }),
        details: { name: 'im-folder', group: 'folder.grafana.app', kind: 'folders' },
      }),
      post('{folders}', object('im-inner', { title: 'Inner' }, inFolder), 201),
      remove(folderPath, 400, {
        ...failure(400, 'Folder cannot be deleted: folder is not empty'),
        details: { uid: 'folder.not-empty' },
      }),
      get(`${folderPath}/counts`, 200, { kind: 'DescendantCounts' }),
      get('{folders}/im-inner', 200, { metadata: { annotations: inFolder } }),
      put('{folders}/im-inner', changed({}, { annotations: {} }), 200, { metadata: { generation: 2 } }),
      remove(folderPath, 200),
      remove(folderPath, 404),
    ],
  },
  'a folder is refused for its uid, its title or its place': {
    source: 'pkg/registry/apis/folders/validate.go@02759165',
    profiles: ['13.0', '13.3'],
    leaves: [folderPath],
    exchanges: [
      post('{folders}', object('general', { title: 'a' }), 400, { details: { uid: 'folder.invalid-uid' } }),
      post('{folders}', object('a.b', { title: 'a' }), 400, { details: { uid: 'folder.invalid-uid-chars' } }),
      post('{folders}', object('a'.repeat(41), { title: 'a' }), 400, {
        details: { uid: 'folder.uid-too-long' },
      }),
      post('{folders}', object('im-folder', { title: ' ' }), 400, { details: { uid: 'folder.title-empty' } }),
      post('{folders}', object('im-folder', { title: 'a' }, inFolder), 400, {
        details: { uid: 'folder.cannot-be-parent-of-itself' },
      }),
    ],
  },
  'a folder of the older API, whose version is the generation': {
    source: 'folder_unifiedstorage.go@c5f9dfec; pkg/tests/apis/folder/folders_test.go@50330747',
    leaves: ['/api/folders/im-folder'],
    exchanges: [
      get('/api/folders/im-folder', 404, { message: 'folder not found', status: 'not-found' }),
      post('/api/folders', { uid: 'im-folder', title: 'Folder' }, 200, {
        uid: 'im-folder',
        version: 1,
        parentUid: absent,
      }),
      post('/api/folders', { uid: 'im-folder', title: 'Folder' }, 412, { status: 'version-mismatch' }),
      put('/api/folders/im-folder', { title: 'Renamed', version: 7 }, 412, { status: 'version-mismatch' }),
      put('/api/folders/im-folder', { title: 'Renamed', version: 1 }, 200, { title: 'Renamed', version: 2 }),
      remove('/api/folders/im-folder?forceDeleteRules=false', 200, { message: 'Folder deleted' }),
    ],
  },
}

const classic = {
  title: 'Dashboard',
  schemaVersion: 30,
  panels: [{ id: 1, type: 'text', title: 'P', odd: true }],
}
const v2 = { title: 'New', elements: {}, layout: { kind: 'GridLayout', spec: { items: [] } } }

const dashboardAnswers: Readonly<Record<string, Conversation>> = {
  'v0alpha1 keeps what was sent, but uid, id and version': {
    source: 'pkg/registry/apis/dashboard/mutate.go; docs developers/http_api/dashboard@f349ae73',
    profiles: newer,
    leaves: [dashboardPath],
    exchanges: [
      post('{dashboards:v0alpha1}', object('im-dashboard', { ...classic, uid: 'x', id: 7, version: 9 }), 201),
      get(dashboardPath, 200, {
        spec: { ...classic, uid: absent, id: absent, version: absent },
        status: { conversion: absent },
      }),
      get('{dashboards:v1}/im-dashboard', 200, {
        spec: { schemaVersion: 42 },
        status: { conversion: { storedVersion: 'v0alpha1' } },
      }),
      remove(dashboardPath, 200, { kind: 'Status', status: 'Success', details: { name: 'im-dashboard' } }),
    ],
  },
  'v1 migrates on write, and compares with the schema': {
    source: 'pkg/registry/apis/dashboard/mutate.go#53106918937',
    profiles: newer,
    leaves: [dashboardPath],
    exchanges: [
      post('{dashboards:v1}', object('im-dashboard', { ...classic, editable: 'yes' }), 422, {
        ...failure(422, /is invalid: spec\.editable: Invalid value/, { reason: 'Invalid' }),
      }),
      post('{dashboards:v1}', object('im-dashboard', classic), 201, { spec: { schemaVersion: 42 } }),
    ],
  },
  'the new model is refused at v0alpha1, and kept at v2 with what it lacks': {
    source: 'pkg/tests/apis/dashboard/dashboards_test.go#22524511399; apps/dashboard v2 spec',
    profiles: newer,
    leaves: [dashboardPath],
    exchanges: [
      post('{dashboards:v0alpha1}', object('im-dashboard', v2), 400, {
        message: /dashboard appears to be in v2 format/,
      }),
      post('{dashboards:v2}', object('im-dashboard', { ...v2, nonsense: 1 }), 201),
      get('{dashboards:v2}/im-dashboard', 200, { spec: { title: 'New', nonsense: absent } }),
      get(dashboardPath, 200, { status: { conversion: { storedVersion: /^v2/ } } }),
    ],
  },
  'a dashboard is refused without a title, for its uid, its message or its folder': {
    source:
      'pkg/services/dashboards/service/dashboard_service.go#22905854; pkg/registry/apis/dashboard/register.go',
    profiles: newer,
    leaves: [dashboardPath],
    exchanges: [
      post('{dashboards:v0alpha1}', object('im-dashboard', { panels: [] }), 400, {
        message: 'Dashboard title cannot be empty',
      }),
      post('{dashboards:v0alpha1}', object('a'.repeat(41), { title: 'a' }), 400, {
        message: 'uid too long, max 40 characters',
      }),
      post(
        '{dashboards:v0alpha1}',
        object('im-dashboard', { title: 'a' }, { 'grafana.app/message': 'x'.repeat(501) }),
        400,
        {
          message: 'message too long, max 500 characters',
        },
      ),
      post(
        '{dashboards:v0alpha1}',
        object('im-dashboard', classic, { 'grafana.app/folder': 'im-none' }),
        404,
        {
          ...failure(404, 'folders.folder.grafana.app "im-none" not found', { details: { kind: 'folders' } }),
        },
      ),
      post(
        '{dashboards:v0alpha1}?dryRun=All',
        object('im-dashboard', classic, { 'grafana.app/folder': 'im-none' }),
        201,
      ),
      get(dashboardPath, 404),
    ],
  },
  'only spec and folder move the generation and the author; every write moves the edition': {
    source: 'pkg/storage/unified/apistore/prepare.go@01ee8478',
    profiles: newer,
    leaves: [dashboardPath],
    exchanges: [
      post('{dashboards:v0alpha1}', object('im-dashboard', classic), 201),
      put(dashboardPath, changed({}, { annotations: { 'grafana.app/message': 'no change' } }), 200, {
        metadata: { generation: 1, annotations: { 'grafana.app/updatedBy': absent } },
      }),
      put(dashboardPath, changed({ title: 'Other' }), 200, { metadata: { generation: 2 } }),
      get(
        '{dashboards:v0alpha1}?labelSelector=grafana.app/get-history=true&fieldSelector=metadata.name=im-dashboard',
        200,
        {
          items: [
            { spec: { title: 'Other' } },
            { metadata: { generation: 1 } },
            { metadata: { generation: 1 } },
          ],
        },
      ),
    ],
  },
  'the older API asks for the version that was read': {
    source: 'pkg/api/dashboard.go#54134187646; apierrors/dashboard.go@69d02c72',
    profiles: ['api-only', '12.4', '13.0'],
    leaves: ['/api/dashboards/uid/im-dashboard'],
    exchanges: [
      get('/api/dashboards/uid/im-dashboard', 404, { message: 'Dashboard not found' }),
      post('/api/dashboards/db', { dashboard: { ...classic, uid: 'im-dashboard' }, folderUid: '' }, 200, {
        ...{ status: 'success', uid: 'im-dashboard', version: 1 },
      }),
      post('/api/dashboards/db', { dashboard: { ...classic, uid: 'im-dashboard' }, folderUid: '' }, 412, {
        ...{ status: 'version-mismatch', message: 'The dashboard has been changed by someone else' },
      }),
      post(
        '/api/dashboards/db',
        { dashboard: { ...classic, uid: 'im-dashboard', version: 1 }, message: 'm' },
        200,
      ),
      get('/api/dashboards/uid/im-dashboard', 200, {
        meta: { provisioned: false, folderUid: '', folderTitle: 'General' },
        dashboard: { ...classic, uid: 'im-dashboard' },
      }),
      remove('/api/dashboards/uid/im-dashboard', 200, { message: 'Dashboard Dashboard deleted' }),
    ],
  },
  'the older API says that a dashboard exists already': {
    source: 'grafana PR 122027',
    profiles: ['13.3'],
    leaves: ['/api/dashboards/uid/im-dashboard'],
    exchanges: [
      post('/api/dashboards/db', { dashboard: { ...classic, uid: 'im-dashboard' }, folderUid: '' }, 200),
      post('/api/dashboards/db', { dashboard: { ...classic, uid: 'im-dashboard' }, folderUid: '' }, 409, {
        message: 'Dashboard already exists. Use overwrite flag to update.',
      }),
      post('/api/dashboards/db', { dashboard: { ...v2, uid: 'im-dashboard' } }, 400, {
        message: /dashboard appears to be in v2 format/,
      }),
    ],
  },
}

const datasource = {
  ...{ uid: 'im-datasource', name: 'im-datasource', type: 'prometheus', access: 'proxy' },
  url: 'http://prometheus:9090',
}

/** The datasource that was heard (in an answer, or by itself), as a PUT takes it. */
function datasourceWith(members: Members): BodyOf {
  return (heard) => {
    const inside = own(heard, 'datasource')
    return { ...((inside ?? heard) as Members), ...members }
  }
}

const datasourceAnswers: Readonly<Record<string, Conversation>> = {
  'a datasource is made with secrets that are never answered, and kept': {
    source: 'pkg/api/datasources.go@db64da7a; pkg/services/datasources/service/store.go@ea500b87',
    leaves: [datasourcePath],
    exchanges: [
      get(datasourcePath, 404, { message: 'Data source not found' }),
      post('/api/datasources', { ...datasource, access: undefined }, 400, { message: 'bad request data' }),
      post('/api/datasources', { ...datasource, secureJsonData: { password: 'a', token: 'b' } }, 200, {
        message: 'Datasource added',
        datasource: { version: 1, secureJsonFields: { password: true, token: true }, secureJsonData: absent },
      }),
      put(datasourcePath, datasourceWith({ secureJsonData: { token: '' }, jsonData: { a: 1 } }), 200, {
        message: 'Datasource updated',
        datasource: { version: 2, secureJsonFields: { password: true, token: absent }, jsonData: { a: 1 } },
      }),
      put(
        datasourcePath,
        datasourceWith({ jsonData: undefined, basicAuth: true, basicAuthUser: 'me' }),
        200,
        {
          datasource: { version: 3, secureJsonFields: { password: true }, jsonData: absent, basicAuth: true },
        },
      ),
      put(datasourcePath, datasourceWith({ basicAuthUser: '', version: 1 }), 409, {
        message: 'Datasource has already been updated by someone else. Please reload and try again',
      }),
      get(datasourcePath, 200, { version: 3, basicAuthUser: 'me' }),
      put(datasourcePath, datasourceWith({ version: 0 }), 200, { datasource: { version: 1 } }),
      remove(datasourcePath, 200, { message: 'Data source deleted' }),
      remove(datasourcePath, 404, { message: 'Data source not found' }),
    ],
  },
  'names and uids of datasources are unique, types are not asked for, URLs are': {
    source:
      'pkg/api/datasource/validation.go@05b8f193; pkg/services/datasources/service/datasource.go@78b76973',
    leaves: [datasourcePath, '/api/datasources/uid/im-other'],
    exchanges: [
      post('/api/datasources', { ...datasource, type: 'im-no-such-plugin' }, 200),
      post('/api/datasources', { ...datasource, uid: 'im-other' }, 409, {
        message: 'data source with the same name already exists',
      }),
      post('/api/datasources', { ...datasource, name: 'im-other' }, 409, {
        message: 'data source with the same uid already exists',
      }),
      post('/api/datasources', { ...datasource, name: 'im-other', uid: 'im-other', url: 'http://a b' }, 400, {
        message: 'Validation error, invalid URL',
      }),
      get(`${datasourcePath}/health`, 404, { messageId: 'plugin.notRegistered' }),
      get('/api/datasources/uid/im-none/health', 500, { message: 'Unable to load datasource metadata' }),
    ],
  },
}

const query = {
  ...{ refId: 'A', datasourceUid: 'im-none', relativeTimeRange: { from: 600, to: 0 } },
  model: { refId: 'A', expr: 'up == 0' },
}
const rule = {
  ...{ uid: 'im-rule', title: 'Rule', folderUID: 'im-folder', ruleGroup: 'im-group', condition: 'A' },
  ...{ data: [query], noDataState: 'NoData', execErrState: 'Error', for: '90s', labels: {}, isPaused: false },
}
const folder = post('/api/folders', { uid: 'im-folder', title: 'Folder' }, 200)
const ruleLeaves = [rulePath, `${rulesPath}/im-second`, '/api/folders/im-folder']

const ruleAnswers: Readonly<Record<string, Conversation>> = {
  'a rule is made, filled in, replaced as a whole and deleted': {
    source: 'ngalert/api/api_provisioning.go@49f3fa91; models/alert_query.go@0425369c',
    leaves: ruleLeaves,
    exchanges: [
      folder,
      get(rulePath, 404),
      post(rulesPath, rule, 201, { uid: 'im-rule', for: '1m30s' }, noProvenance),
      get(rulePath, 200, {
        ...{ provenance: absent, labels: absent, keep_firing_for: '0s', record: null, for: '1m30s' },
        data: [{ queryType: '', model: { intervalMs: 1000, maxDataPoints: 43200, expr: 'up == 0' } }],
      }),
      get(groupPath, 200, {
        title: 'im-group',
        folderUid: 'im-folder',
        interval: 60,
        rules: [{ uid: 'im-rule' }],
      }),
      put(
        rulePath,
        { ...rule, for: '24h', labels: { a: 'b' } },
        200,
        { for: '1d', labels: { a: 'b' } },
        noProvenance,
      ),
      { ...remove(rulePath, 204), headers: noProvenance },
      { ...remove(rulePath, 204), headers: noProvenance },
      get(groupPath, 404, { messageId: 'alerting.alert-rule.notFound' }),
    ],
  },
  'a rule is refused in so many words': {
    source: 'ngalert/models/alert_rule.go@35ce1ea2',
    leaves: ruleLeaves,
    exchanges: [
      folder,
      post(rulesPath, { ...rule, for: '' }, 400, { message: 'bad request data' }),
      post(rulesPath, { ...rule, noDataState: '' }, 400, {
        message: 'invalid alert rule: unknown NoData state option ',
      }),
      post(rulesPath, { ...rule, data: [] }, 400, {
        message: 'invalid alert rule: no queries or expressions are found',
      }),
      post(rulesPath, { ...rule, folderUID: 'im-none' }, 400, {
        message: 'invalid alert rule: folder does not exist',
      }),
      post(rulesPath, { ...rule, title: 'a'.repeat(191) }, 400, {
        message: 'invalid alert rule: name length should not be greater than 190',
      }),
      post(rulesPath, { ...rule, uid: 'a'.repeat(41) }, 400, { message: /UID is longer than 40 symbols/ }),
      post(rulesPath, { ...rule, notification_settings: { receiver: 'im-none' } }, 400, {
        message: 'invalid alert rule\nreceiver does not exist: im-none',
      }),
    ],
  },
  'a group without rules is its interval only; with rules it is the whole of them': {
    source: 'ngalert/provisioning/alert_rules.go@89a35504',
    leaves: ruleLeaves,
    exchanges: [
      folder,
      post(rulesPath, rule, 201, {}, noProvenance),
      put(
        groupPath,
        { title: 'im-group', folderUid: 'im-folder', interval: 15 },
        400,
        {
          message:
            'invalid alert rule: interval (15s) should be non-zero and divided exactly by scheduler interval: 10',
        },
        noProvenance,
      ),
      put(
        groupPath,
        { title: 'im-group', folderUid: 'im-folder', interval: 120, rules: [] },
        200,
        {},
        noProvenance,
      ),
      get(groupPath, 200, { interval: 120, rules: [{ uid: 'im-rule' }] }),
      post(rulesPath, { ...rule, uid: 'im-second', title: 'Second' }, 201, {}, noProvenance),
      get(groupPath, 200, { interval: 120 }),
      put(
        groupPath,
        { interval: 120, rules: [{ ...rule, uid: 'im-second', title: 'Second' }] },
        200,
        {},
        noProvenance,
      ),
      get(rulePath, 404),
      get(groupPath, 200, { rules: [{ uid: 'im-second' }] }),
    ],
  },
  'a rule of the API is not given to everybody by one rule': {
    source: 'ngalert/models/errors.go@10bf0db2',
    profiles: ['13.0', '13.3'],
    leaves: [groupPath, '/api/folders/im-folder'],
    exchanges: [
      folder,
      post(rulesPath, rule, 201, { provenance: 'api' }),
      put(rulePath, rule, 409, { messageId: 'alerting.provenanceMismatch' }, noProvenance),
      put(rulePath, rule, 200, { provenance: 'api' }),
      remove(rulePath, 204),
    ],
  },
  'two rules of one title in one folder are taken': {
    source: 'grafana PR 102067',
    profiles: newer,
    leaves: ruleLeaves,
    exchanges: [
      folder,
      post(rulesPath, rule, 201, {}, noProvenance),
      post(rulesPath, { ...rule, uid: 'im-second' }, 201, {}, noProvenance),
      post(rulesPath, rule, 409, { messageId: 'alerting.alert-rule.conflict' }, noProvenance),
    ],
  },
}

const otherAnswers: Readonly<Record<string, Conversation>> = {
  'health, organisation and settings are told': {
    source: 'pkg/api/http_server.go#67397963684; pkg/api/dtos/frontend_settings.go@00b324aa',
    exchanges: [
      get('/api/health', 200, { database: 'ok', version: /^\d+\.\d+/ }),
      get('/api/org', 200, { id: 1, name: /./ }),
      get('/api/frontend/settings', 200, { namespace: 'default', buildInfo: { version: /^\d+\.\d+/ } }),
      get('/api/access-control/user/permissions', 200, { 'dashboards:read': /./ }),
      get('/api/im-nothing', 404),
    ],
  },
  'groups and versions are told': {
    source: 'pkg/tests/apis/folder/folders_test.go@50330747',
    profiles: newer,
    exchanges: [
      get('/apis', 200, { kind: 'APIGroupList' }),
      get('/apis/folder.grafana.app', 200, { kind: 'APIGroup', name: 'folder.grafana.app' }),
      get('/apis/folder.grafana.app/v1beta1', 200, {
        kind: 'APIResourceList',
        groupVersion: 'folder.grafana.app/v1beta1',
      }),
      get('/apis/folder.grafana.app/v9/namespaces/default/folders', 404),
    ],
  },
}

export const answers: Readonly<Record<string, Conversation>> = {
  ...folderAnswers,
  ...dashboardAnswers,
  ...datasourceAnswers,
  ...ruleAnswers,
  ...otherAnswers,
}
