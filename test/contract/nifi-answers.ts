import {
  connection,
  definitionOf,
  funnel,
  groupNamed,
  port as portOf,
  processor,
  service,
} from '../support/nifi-definition.ts'
import { type Talk, at, textAt } from './nifi-talk.ts'

type Members = Readonly<Record<string, unknown>>

/** What is asked of the fake and of a real server; each begins on an empty canvas. */
export type Conversation = (talk: Talk) => Promise<void>

const standard = 'org.apache.nifi.processors.standard.'

function ofType(identifier: string, type: string, properties: Members = {}, more: Members = {}): Members {
  return processor(identifier, {
    type: standard + type,
    properties,
    propertyDescriptors: described(properties),
    ...more,
  })
}

function described(properties: Members): Members {
  const services = new Set(['Record Reader', 'Record Writer', 'SSL Context Service'])
  return Object.fromEntries(
    Object.keys(properties).map((name) => [
      name,
      {
        name,
        displayName: name,
        identifiesControllerService: services.has(name),
        sensitive: false,
        dynamic: false,
      },
    ]),
  )
}

function port(identifier: string, kind: 'INPUT_PORT' | 'OUTPUT_PORT'): Members {
  return portOf(identifier, kind, { concurrentlySchedulableTaskCount: 1 })
}

function reader(identifier: string): Members {
  const artifact = 'nifi-record-serialization-services-nar'
  const bundle = { group: 'org.apache.nifi', artifact, version: '2.3.0' }
  return service(identifier, { type: 'org.apache.nifi.json.JsonTreeReader', bundle })
}

function writer(identifier: string): Members {
  return { ...reader(identifier), type: 'org.apache.nifi.json.JsonRecordSetWriter' }
}

const batch = { 'Batch Size': '7', 'File Size': '10B' }
const source = ofType('gen', 'GenerateFlowFile', batch, { schedulingPeriod: '1 hour' })
const sinks = { autoTerminatedRelationships: ['success'] }
const sink = ofType('log', 'LogAttribute', {}, { autoTerminatedRelationships: ['success'] })
const simple = definitionOf({ processors: [source, sink], connections: [connection('c', 'gen', 'log')] })

/** What an import asks for. */
export function importOf(name: string | null, flowSnapshot: unknown, version = 0): Members {
  return {
    ...{ groupName: name, positionDTO: { x: 1, y: 2 }, disconnectedNodeAcknowledged: false },
    ...{ groupId: 'given in the path', revisionDTO: { clientId: 'one', version }, flowSnapshot },
  }
}

async function imported(talk: Talk, name: string, snapshot: unknown = simple): Promise<string> {
  const path = `/process-groups/${talk.rootId}/process-groups/import`
  const body = importOf(name, snapshot)
  const id = textAt(await talk.quietly('POST', path, { ...body, groupId: talk.rootId }), 'id')
  await talk.until(`/process-groups/${id}/processors?includeDescendantGroups=true`, (answer) =>
    validated(answer, 'processors'),
  )
  return id
}

/** Ids of the processors below a group, by name, once NiFi has looked whether they are valid. */
async function processors(talk: Talk, id: string): Promise<ReadonlyMap<string, string>> {
  const path = `/process-groups/${id}/processors?includeDescendantGroups=true`
  return byName(await talk.until(path, (body) => validated(body, 'processors')), 'processors')
}

function validated(body: unknown, list: string): boolean {
  const parts = at(body, list)
  return (
    Array.isArray(parts) &&
    parts.every(
      (each) =>
        at(each, 'component', 'state') === 'DISABLED' ||
        at(each, 'component', 'validationStatus') !== 'VALIDATING',
    )
  )
}

function byName(body: unknown, list: string): ReadonlyMap<string, string> {
  const parts = at(body, list) as readonly unknown[]
  return new Map(parts.map((each) => [textAt(each, 'component', 'name'), textAt(each, 'id')]))
}

function idOf(ids: ReadonlyMap<string, string>, name: string): string {
  const found = ids.get(name)
  if (found === undefined) throw new Error(`there is nothing called ${name}`)
  return found
}

async function revision(talk: Talk, path: string): Promise<Members> {
  const body = await talk.quietly('GET', path)
  return { version: at(body, 'revision', 'version'), clientId: 'one' }
}

async function replaced(talk: Talk, id: string, snapshot: unknown): Promise<void> {
  const body = await replacement(talk, id, snapshot)
  const posted = await talk.quietly('POST', `/process-groups/${id}/replace-requests`, body)
  const path = `/process-groups/replace-requests/${textAt(posted, 'request', 'requestId')}`
  await talk.until(path, (answer) => at(answer, 'request', 'complete') === true)
  await talk.ask(200, 'DELETE', path)
  await talk.ask(404, 'GET', path)
}

async function replacement(talk: Talk, id: string, versionedFlowSnapshot: unknown): Promise<Members> {
  const processGroupRevision = await revision(talk, `/process-groups/${id}`)
  return { processGroupRevision, disconnectedNodeAcknowledged: false, versionedFlowSnapshot }
}

async function run(talk: Talk, id: string, state: string, status = 200): Promise<void> {
  const body = { id, state, disconnectedNodeAcknowledged: false }
  await talk.ask(status, 'PUT', `/flow/process-groups/${id}`, body)
}

/** Until nothing below the group has a thread. */
async function quiet(talk: Talk, id: string): Promise<void> {
  const path = `/flow/process-groups/${id}/status?recursive=true`
  await talk.until(
    path,
    (body) => at(body, 'processGroupStatus', 'aggregateSnapshot', 'activeThreadCount') === 0,
  )
}

async function remove(talk: Talk, status: number, id: string): Promise<void> {
  const { version } = await revision(talk, `/process-groups/${id}`)
  await talk.ask(status, 'DELETE', `/process-groups/${id}?version=${String(version)}&clientId=one`)
}

function contents(snapshot: unknown): Members {
  return at(snapshot, 'flowContents') as Members
}

/** The live definition, and a change of it. */
async function changed(talk: Talk, id: string, change: (contents: Members) => Members): Promise<Members> {
  const live = (await talk.quietly('GET', `/process-groups/${id}/download`)) as Members
  return { ...live, flowContents: change(contents(live)) }
}

const inner = groupNamed('sub', 'inner', {
  inputPorts: [port('in', 'INPUT_PORT')],
  outputPorts: [port('out', 'OUTPUT_PORT')],
  connections: [
    connection(
      'through',
      { id: 'in', type: 'INPUT_PORT', groupId: 'sub' },
      { id: 'out', type: 'OUTPUT_PORT', groupId: 'sub' },
      { selectedRelationships: [''] },
    ),
  ],
})

/** Has a time to run that does not come. */
const still = { ...source, schedulingStrategy: 'CRON_DRIVEN', schedulingPeriod: '0 0 0 29 2 *' }

/** All kinds of components. */
const whole = definitionOf({
  comments: 'all of it',
  processors: [
    still,
    ofType(
      'conv',
      'ConvertRecord',
      { 'Record Reader': 'rd', 'Record Writer': 'wr' },
      {
        autoTerminatedRelationships: ['failure'],
      },
    ),
    sink,
    ofType(
      'route',
      'RouteOnAttribute',
      { x: '${a:equals(1)}' },
      { autoTerminatedRelationships: ['unmatched'] },
    ),
    ofType(
      'off',
      'LogAttribute',
      {},
      { autoTerminatedRelationships: ['success'], scheduledState: 'DISABLED' },
    ),
  ],
  processGroups: [inner],
  funnels: [funnel('fun')],
  labels: [
    {
      ...{
        identifier: 'lab',
        label: 'hello',
        position: { x: 3, y: 4 },
        width: 100,
        height: 50,
        zIndex: 0,
        style: {},
      },
      componentType: 'LABEL',
    },
  ],
  controllerServices: [reader('rd'), writer('wr')],
  connections: [
    connection('c1', 'gen', 'conv'),
    connection('c2', 'conv', { id: 'in', type: 'INPUT_PORT', groupId: 'sub' }),
    connection(
      'c3',
      { id: 'out', type: 'OUTPUT_PORT', groupId: 'sub' },
      { id: 'fun', type: 'FUNNEL' },
      {
        selectedRelationships: [''],
      },
    ),
    connection('c4', { id: 'fun', type: 'FUNNEL' }, 'log', { selectedRelationships: [''] }),
    connection('c5', 'route', 'log', { selectedRelationships: ['x'] }),
  ],
})

export const conversations: Readonly<Record<string, Conversation>> = {
  'who it is, and what it does not know': async (talk) => {
    await talk.ask(200, 'GET', '/flow/current-user')
    await talk.ask(200, 'GET', '/flow/cluster/summary')
    await talk.ask(200, 'GET', '/process-groups/root')
    await talk.ask(200, 'GET', '/process-groups/root/process-groups')
    await talk.ask(200, 'GET', '/flow/process-groups/root/status?recursive=true')
    await talk.ask(200, 'GET', '/flow/parameter-contexts')
    await talk.ask(404, 'GET', '/nope')
    await talk.ask(405, 'DELETE', '/flow/about')
    for (const path of [
      ...['/process-groups/x', '/process-groups/x/process-groups', '/process-groups/x/download'],
      ...['/flow/process-groups/x/status', '/flow/process-groups/x/controller-services', '/processors/x'],
      ...['/input-ports/x', '/output-ports/x', '/connections/x', '/controller-services/x'],
      ...[
        '/parameter-contexts/x',
        '/process-groups/replace-requests/x',
        '/flowfile-queues/x/drop-requests/y',
      ],
      '/parameter-contexts/x/update-requests/y',
    ])
      await talk.ask(404, 'GET', path)
    for (const path of ['/process-groups/x', '/parameter-contexts/x', '/processors/x', '/connections/x'])
      await talk.ask(404, 'DELETE', `${path}?version=0`)
  },

  'a definition becomes a group, with the identifiers that it has': async (talk) => {
    const id = await imported(talk, 'whole', whole)
    await talk.ask(200, 'GET', `/process-groups/${id}`)
    await processors(talk, id)
    await talk.ask(200, 'GET', `/process-groups/${id}/download`)
    await talk.ask(200, 'GET', `/process-groups/${id}/process-groups`)
    await talk.ask(200, 'GET', `/process-groups/${id}/connections`)
    await talk.ask(200, 'GET', `/flow/process-groups/${id}/status?recursive=true`)
    await talk.ask(200, 'GET', `/process-groups/${id}`)
    const groups = byName(await talk.quietly('GET', `/process-groups/${id}/process-groups`), 'processGroups')
    for (const list of ['input-ports', 'output-ports', 'connections', 'processors'])
      await talk.ask(200, 'GET', `/process-groups/${idOf(groups, 'inner')}/${list}`)
    const below = '?includeDescendantGroups=true&includeAncestorGroups=false'
    await talk.until(`/flow/process-groups/${id}/controller-services${below}`, (body) =>
      validated(body, 'controllerServices'),
    )
    await imported(talk, 'again', whole)
    await talk.ask(200, 'GET', '/process-groups/root/process-groups')
  },

  'an import is refused in words, or half made': async (talk) => {
    const path = `/process-groups/${talk.rootId}/process-groups/import`
    const refused = async (status: number, body: unknown): Promise<void> => {
      await talk.ask(status, 'POST', path, body)
    }
    const flow = (part: Members): unknown => definitionOf({ processors: [part] })
    await refused(400, {})
    await refused(400, importOf(null, simple))
    await refused(400, importOf('', simple))
    await refused(500, importOf('n', {}))
    await refused(500, importOf('n', flow({ ...source, bundle: null })))
    await refused(400, importOf('n', flow({ ...source, type: null })))
    await refused(500, importOf('n', flow({ ...source, propertyDescriptors: null })))
    await talk.ask(500, 'POST', '/process-groups/nowhere/process-groups/import', importOf('n', simple))
    await talk.ask(200, 'GET', '/process-groups/root/process-groups')
    for (const name of ['name', 'position', 'schedulingStrategy', 'bulletinLevel', 'executionNode'])
      await refused(500, importOf(`without ${name}`, flow({ ...source, [name]: null })))
    await refused(400, importOf('dangling', definitionOf({ connections: [connection('c', 'a', 'b')] })))
    await refused(400, importOf('nameless', definitionOf({ processGroups: [{ ...inner, name: null }] })))
    await talk.ask(201, 'POST', path, importOf('any revision', simple, 9))
    await talk.ask(201, 'POST', path, importOf('ghost', flow(ofType('g', 'NoSuchType'))))
    const listed = await talk.ask(200, 'GET', '/process-groups/root/process-groups')
    const id = idOf(byName(listed, 'processGroups'), 'ghost')
    await processors(talk, id)
    await talk.ask(200, 'GET', `/process-groups/${id}/download`)
  },

  'what is left out gets its default, or stays out': async (talk) => {
    const bare = {
      schedulingPeriod: null,
      comments: null,
      style: null,
      retryCount: null,
      scheduledState: null,
    }
    const id = await imported(
      talk,
      'bare',
      definitionOf({
        processors: [{ ...source, ...bare, autoTerminatedRelationships: ['success'] }],
        connections: [],
        comments: null,
      }),
    )
    await talk.ask(200, 'GET', `/process-groups/${id}/download`)
  },

  'what is invalid says why': async (talk) => {
    const properties = { 'Log Level': 'loud', foo: 'bar' }
    const http = { 'HTTP URL': 'http://127.0.0.1/', 'SSL Context Service': 'nosuch' }
    const ended = { autoTerminatedRelationships: ['Original', 'Failure', 'Retry', 'No Retry', 'Response'] }
    const id = await imported(
      talk,
      'invalid',
      definitionOf({
        processors: [
          ofType('log', 'LogAttribute', properties),
          ofType('count', 'UpdateCounter'),
          ofType('http', 'InvokeHTTP', http, ended),
          ofType('refers', 'GenerateFlowFile', { 'generate-ff-custom-text': '#{x}' }),
          ofType('fed', 'GenerateFlowFile', {}, { autoTerminatedRelationships: ['success'] }),
          ofType('conv', 'ConvertRecord', { 'Record Reader': 'rd', 'Record Writer': 'rd' }),
          ofType('gone', 'NoSuchType'),
        ],
        connections: [connection('c', 'count', 'fed')],
        inputPorts: [port('in', 'INPUT_PORT')],
        outputPorts: [port('out', 'OUTPUT_PORT')],
        controllerServices: [reader('rd'), { ...reader('ghost'), type: 'a.b.C' }],
      }),
    )
    await processors(talk, id)
    await talk.ask(200, 'GET', `/process-groups/${id}/input-ports`)
    await talk.ask(200, 'GET', `/process-groups/${id}/output-ports`)
    await talk.until(`/flow/process-groups/${id}/controller-services?includeAncestorGroups=false`, (body) =>
      validated(body, 'controllerServices'),
    )
    await talk.ask(200, 'GET', `/process-groups/${id}`)
  },

  'a revision must be the last one, or come from who wrote last': async (talk) => {
    const id = await imported(talk, 'one')
    const put = async (status: number, revised: unknown): Promise<void> => {
      await talk.ask(status, 'PUT', `/process-groups/${id}`, {
        revision: revised,
        component: { id, name: 'two' },
      })
    }
    await put(400, { version: 0, clientId: 'other' })
    await put(400, { version: 99, clientId: 'other' })
    await put(400, { version: 0 })
    await put(200, { version: 0, clientId: 'one' })
    await put(200, { version: 3 })
    await put(400, { version: 0, clientId: 'one' })
    await talk.ask(400, 'DELETE', `/process-groups/${id}`)
    await talk.ask(400, 'DELETE', `/process-groups/${id}?version=1&clientId=zz`)
    await talk.ask(400, 'POST', `/process-groups/${id}/replace-requests`, { versionedFlowSnapshot: simple })
    const processGroupRevision = { version: 1, clientId: 'zz' }
    await talk.ask(400, 'POST', `/process-groups/${id}/replace-requests`, { processGroupRevision })
    await talk.ask(400, 'POST', `/process-groups/${id}/replace-requests`, {
      processGroupRevision,
      versionedFlowSnapshot: simple,
    })
    await remove(talk, 200, id)
    await talk.ask(404, 'DELETE', `/process-groups/${id}?version=0`)
  },

  'a group is called, placed and described as it is told': async (talk) => {
    const id = await imported(talk, 'one')
    const put = async (status: number, component: Members): Promise<void> => {
      const body = {
        revision: await revision(talk, `/process-groups/${id}`),
        component: { id, ...component },
      }
      await talk.ask(status, 'PUT', `/process-groups/${id}`, body)
    }
    await put(200, { name: 'two' })
    await put(200, { comments: 'c\n[mark]' })
    await put(200, { position: { x: 3, y: 4 } })
    await put(400, { name: '' })
    await put(404, { parameterContext: { id: 'nope' } })
    await put(200, { parentGroupId: 'nowhere' })
    await talk.ask(201, 'POST', `/process-groups/${id}/process-groups`, {
      revision: { version: 0 },
      component: { name: 'plain', position: { x: 0, y: 0 } },
    })
    await talk.ask(400, 'POST', `/process-groups/${id}/process-groups`, {
      revision: { version: 2 },
      component: { name: 'plain' },
    })
    await talk.ask(400, 'POST', `/process-groups/${id}/process-groups`, {
      revision: { version: 0 },
      component: {},
    })
  },

  'a replacement takes name, comments and place along': async (talk) => {
    const id = await imported(talk, 'one')
    await replaced(
      talk,
      id,
      definitionOf({ ...contents(simple), name: 'renamed', comments: 'new', position: { x: 9, y: 8 } }),
    )
    await talk.ask(200, 'GET', `/process-groups/${id}`)
    await processors(talk, id)
  },

  'a replacement stops what it changes, and starts it again': async (talk) => {
    const id = await imported(talk, 'one')
    await run(talk, id, 'RUNNING')
    await replaced(talk, id, await changed(talk, id, (live) => live))
    await processors(talk, id)
    const more = ofType('more', 'LogAttribute', {}, { autoTerminatedRelationships: ['success'] })
    const louder = await changed(talk, id, (live) => ({
      ...live,
      processors: [
        ...(live['processors'] as readonly Members[]).map((each) =>
          each['name'] === 'LOG' ? { ...each, comments: 'changed' } : each,
        ),
        more,
      ],
    }))
    await replaced(talk, id, louder)
    await processors(talk, id)
    const off = await changed(talk, id, (live) => ({
      ...live,
      processors: (live['processors'] as readonly Members[]).map((each) =>
        each['name'] === 'LOG' ? { ...each, scheduledState: 'DISABLED' } : each,
      ),
    }))
    await replaced(talk, id, off)
    await processors(talk, id)
    await replaced(talk, id, louder)
    await processors(talk, id)
    await run(talk, id, 'STOPPED')
  },

  'a replacement loses no FlowFile': async (talk) => {
    const id = await imported(talk, 'one')
    const ids = await processors(talk, id)
    await talk.generate(idOf(ids, 'GEN'), 7)
    await talk.ask(200, 'GET', `/process-groups/${id}/connections`)
    const ended = { ...source, autoTerminatedRelationships: ['success'] }
    await replaced(talk, id, definitionOf({ processors: [ended, sink] }))
    await processors(talk, id)
    await replaced(talk, id, definitionOf({ processors: [ended] }))
    const other = { ...source, identifier: 'gen3', name: 'GEN3' }
    await replaced(
      talk,
      id,
      definitionOf({ processors: [other, sink], connections: [connection('c', 'gen3', 'log')] }),
    )
    await talk.ask(200, 'GET', `/process-groups/${id}/connections`)
    const there = { ...sink, identifier: 'log5', name: 'LOG5' }
    await replaced(
      talk,
      id,
      definitionOf({ processors: [source, there], connections: [connection('c', 'gen', 'log5')] }),
    )
    await talk.ask(200, 'GET', `/process-groups/${id}/connections`)
    await remove(talk, 409, id)
  },

  'a replacement that fails says what it did not find': async (talk) => {
    const id = await imported(talk, 'one')
    await talk.ask(500, 'POST', `/process-groups/${id}/replace-requests`, await replacement(talk, id, {}))
    const dangling = [connection('c', 'gen', 'log'), connection('d', 'gen', 'nowhere')]
    await replaced(talk, id, definitionOf({ ...contents(simple), connections: dangling }))
    await replaced(
      talk,
      id,
      definitionOf({ ...contents(simple), processors: [{ ...source, name: null }, sink] }),
    )
    await talk.ask(404, 'POST', '/process-groups/nope/replace-requests', await replacement(talk, id, simple))
  },

  'ports that somebody uses stay': async (talk) => {
    const withPorts = definitionOf({
      processors: [source, sink],
      inputPorts: [port('in', 'INPUT_PORT')],
      outputPorts: [port('out', 'OUTPUT_PORT')],
      connections: [
        connection('ci', { id: 'in', type: 'INPUT_PORT' }, 'log', { selectedRelationships: [''] }),
        connection('co', 'gen', { id: 'out', type: 'OUTPUT_PORT' }),
      ],
    })
    const id = await imported(talk, 'ports', withPorts)
    const inPort = textAt(
      await talk.quietly('GET', `/process-groups/${id}/input-ports`),
      'inputPorts',
      0,
      'id',
    )
    const outPort = textAt(
      await talk.quietly('GET', `/process-groups/${id}/output-ports`),
      'outputPorts',
      0,
      'id',
    )
    const made = await talk.ask(201, 'POST', '/process-groups/root/funnels', {
      revision: { version: 0 },
      component: { position: { x: 0, y: 0 } },
    })
    const wire = async (from: Members, to: Members): Promise<void> => {
      await talk.ask(201, 'POST', '/process-groups/root/connections', {
        revision: { version: 0 },
        component: { source: from, destination: to },
      })
    }
    const outside = { id: textAt(made, 'id'), type: 'FUNNEL', groupId: talk.rootId }
    await wire(outside, { id: inPort, type: 'INPUT_PORT', groupId: id })
    await wire({ id: outPort, type: 'OUTPUT_PORT', groupId: id }, outside)
    await talk.ask(200, 'GET', `/process-groups/root/connections`)
    const kept = contents(withPorts)
    const [ci, co] = kept['connections'] as readonly Members[]
    for (const proposal of [
      definitionOf({ ...kept, inputPorts: [], connections: [co] }),
      definitionOf({ ...kept, outputPorts: [], connections: [ci] }),
    ]) {
      const body = await replacement(talk, id, proposal)
      await talk.ask(409, 'POST', `/process-groups/${id}/replace-requests`, body)
    }
    await remove(talk, 409, id)
  },

  'run states of a group and of one component': async (talk) => {
    const id = await imported(talk, 'run', whole)
    await run(talk, id, 'RUNNING')
    await processors(talk, id)
    // A second RUNNING is 409 as long as something is still being started, which no two servers do in the same moment.
    await talk.ask(400, 'PUT', `/flow/process-groups/${id}`, { id: 'other', state: 'RUNNING' })
    await run(talk, 'nope', 'RUNNING', 404)
    await run(talk, id, 'STOPPED')
    await quiet(talk, id)
    const ids = await processors(talk, id)
    const put = async (status: number, name: string, state: string): Promise<void> => {
      const path = `/processors/${idOf(ids, name)}`
      await talk.ask(status, 'PUT', `${path}/run-status`, { revision: await revision(talk, path), state })
    }
    await put(200, 'ROUTE', 'STOPPED')
    await put(400, 'ROUTE', 'LOUD')
    await put(409, 'OFF', 'RUNNING')
    await put(200, 'ROUTE', 'STOPPED')
    await put(200, 'LOG', 'RUNNING')
    await put(200, 'LOG', 'RUNNING')
    await put(409, 'LOG', 'DISABLED')
    await remove(talk, 409, id)
    await put(200, 'LOG', 'STOPPED')
    await put(200, 'LOG', 'DISABLED')
    const stale = { revision: { version: 77, clientId: 'zz' }, state: 'STOPPED' }
    await talk.ask(400, 'PUT', `/processors/${idOf(ids, 'LOG')}/run-status`, stale)
    await talk.ask(404, 'PUT', '/processors/x/run-status', stale)
    const some = async (status: number, components: Members): Promise<void> => {
      await talk.ask(status, 'PUT', `/flow/process-groups/${id}`, { id, state: 'STOPPED', components })
    }
    await some(404, { nope: { version: 0 } })
    await some(400, { [idOf(ids, 'LOG')]: { version: 77 } })
  },

  'services are enabled, and keep from deleting': async (talk) => {
    const id = await imported(talk, 'services', whole)
    const path = `/flow/process-groups/${id}/controller-services`
    const all = `${path}?includeDescendantGroups=true&includeAncestorGroups=false`
    const ids = byName(
      await talk.until(all, (body) => validated(body, 'controllerServices')),
      'controllerServices',
    )
    await talk.ask(400, 'PUT', path, { id, state: 'LOUD' })
    await talk.ask(200, 'PUT', path, { id, state: 'ENABLED' })
    const enabled = (body: unknown): boolean =>
      (at(body, 'controllerServices') as readonly unknown[]).every(
        (each) => at(each, 'component', 'state') === 'ENABLED',
      )
    await talk.until(all, enabled)
    await talk.ask(200, 'GET', `/process-groups/${id}/download`)
    await processors(talk, id)
    await talk.status(409, 'DELETE', `/process-groups/${id}?version=2&clientId=one`)
    await run(talk, id, 'RUNNING')
    await talk.status(409, 'PUT', path, { id, state: 'DISABLED' })
    await run(talk, id, 'STOPPED')
    await quiet(talk, id)
    const one = `/controller-services/${idOf(ids, 'RD')}`
    await talk.status(200, 'PUT', `${one}/run-status`, {
      revision: await revision(talk, one),
      state: 'DISABLED',
    })
    await talk.until(one, (body) => at(body, 'component', 'state') === 'DISABLED')
    await talk.ask(200, 'PUT', path, { id, state: 'DISABLED' })
    await talk.until(all, (body) =>
      (at(body, 'controllerServices') as readonly unknown[]).every(
        (each) => at(each, 'component', 'state') === 'DISABLED',
      ),
    )
    await talk.eventually(200, 'DELETE', `/process-groups/${id}?version=2&clientId=one`)
  },

  'queues are emptied on request, and counted': async (talk) => {
    const id = await imported(talk, 'queues')
    const ids = await processors(talk, id)
    await talk.generate(idOf(ids, 'GEN'), 7)
    await talk.ask(200, 'GET', `/process-groups/${id}`)
    await talk.ask(200, 'GET', `/flow/process-groups/${id}/status?recursive=true`)
    const queue = textAt(
      await talk.quietly('GET', `/process-groups/${id}/connections`),
      'connections',
      0,
      'id',
    )
    await talk.ask(200, 'GET', `/connections/${queue}`)
    await talk.ask(404, 'POST', '/flowfile-queues/nope/drop-requests')
    await talk.ask(404, 'POST', '/process-groups/nope/empty-all-connections-requests')
    const drop = async (path: string, gone: number): Promise<void> => {
      const posted = await talk.quietly('POST', path)
      const request = `${path}/${textAt(posted, 'dropRequest', 'id')}`
      await talk.until(request, (body) => at(body, 'dropRequest', 'finished') === true)
      await talk.ask(200, 'DELETE', request)
      await talk.ask(gone, 'GET', request)
    }
    await drop(`/process-groups/${id}/empty-all-connections-requests`, 500)
    await talk.generate(idOf(ids, 'GEN'), 7)
    await drop(`/flowfile-queues/${queue}/drop-requests`, 404)
    await talk.ask(200, 'GET', `/connections/${queue}`)
    await remove(talk, 200, id)
  },

  'the canvas is looked at in other ways': async (talk) => {
    await talk.ask(200, 'GET', '/flow/process-groups/root')
    const id = await imported(talk, 'whole', whole)
    await talk.ask(200, 'GET', `/flow/process-groups/${id}`)
    const remote = `/remote-process-groups/process-group/${id}/run-status`
    await talk.ask(200, 'PUT', remote, { state: 'STOPPED', disconnectedNodeAcknowledged: false })
    const ids = await processors(talk, id)
    const path = `/processors/${idOf(ids, 'GEN')}`
    await talk.ask(200, 'PUT', path, {
      revision: await revision(talk, path),
      component: {
        id: idOf(ids, 'GEN'),
        config: { schedulingPeriod: '1 min', schedulingStrategy: 'TIMER_DRIVEN' },
      },
    })
    await talk.until(path, (body) => at(body, 'component', 'validationStatus') === 'VALID')
    await talk.status(200, 'PUT', `${path}/run-status`, {
      revision: await revision(talk, path),
      state: 'RUN_ONCE',
    })
    const queues = (await talk.quietly('GET', `/process-groups/${id}/connections`)) as {
      connections: unknown[]
    }
    const first = queues.connections.find((each) => at(each, 'component', 'versionedComponentId') === 'c1')
    await talk.until(
      `/flow/connections/${textAt(first, 'id')}/status`,
      (body) => at(body, 'connectionStatus', 'aggregateSnapshot', 'flowFilesQueued') === 7,
    )
    await talk.ask(404, 'GET', '/flow/connections/x/status')
  },

  'a counter counts': async (talk) => {
    const counting = ofType('count', 'UpdateCounter', { 'counter-name': 'seen' }, sinks)
    const id = await imported(
      talk,
      'counts',
      definitionOf({ processors: [source, counting], connections: [connection('c', 'gen', 'count')] }),
    )
    const ids = await processors(talk, id)
    await talk.generate(idOf(ids, 'GEN'), 7)
    await run(talk, id, 'STOPPED')
    const path = `/processors/${idOf(ids, 'COUNT')}`
    await talk.ask(200, 'PUT', `${path}/run-status`, {
      revision: await revision(talk, path),
      state: 'RUNNING',
    })
    await talk.drained(id)
    const found = at(await talk.quietly('GET', '/counters'), 'counters', 'aggregateSnapshot', 'counters')
    talk.note((found as readonly unknown[]).filter((each) => at(each, 'name') === 'seen'))
    await run(talk, id, 'STOPPED')
  },

  'after a restart the flow is there, and requests are not': async (talk) => {
    const id = await imported(talk, 'kept', whole)
    await run(talk, id, 'RUNNING')
    const posted = await talk.quietly(
      'POST',
      `/process-groups/${id}/replace-requests`,
      await replacement(talk, id, whole),
    )
    const path = `/process-groups/replace-requests/${textAt(posted, 'request', 'requestId')}`
    await talk.until(path, (body) => at(body, 'request', 'complete') === true)
    await talk.restart()
    await talk.ask(404, 'GET', path)
    await processors(talk, id)
    await talk.ask(200, 'GET', `/process-groups/${id}/download`)
    await talk.ask(200, 'GET', `/process-groups/${id}/connections`)
    await talk.ask(200, 'GET', '/process-groups/root/process-groups')
    await run(talk, id, 'STOPPED')
  },

  'somebody edits by hand': async (talk) => {
    const made = await talk.ask(201, 'POST', '/process-groups/root/process-groups', {
      revision: { version: 0, clientId: 'ui' },
      component: { name: 'drawn', position: { x: 0, y: 0 } },
    })
    const id = textAt(made, 'id')
    const bundle = { group: 'org.apache.nifi', artifact: 'nifi-standard-nar', version: '2.3.0' }
    const draw = async (type: string, config: Members): Promise<string> => {
      const component = { type: standard + type, bundle, name: type, position: { x: 0, y: 0 }, config }
      const body = { revision: { version: 0, clientId: 'ui' }, component }
      return textAt(await talk.quietly('POST', `/process-groups/${id}/processors`, body), 'id')
    }
    const never = { schedulingStrategy: 'CRON_DRIVEN', schedulingPeriod: '0 0 0 29 2 *' }
    const from = await draw('GenerateFlowFile', never)
    const to = await draw('LogAttribute', { autoTerminatedRelationships: ['success'] })
    await talk.ask(409, 'POST', `/process-groups/${id}/processors`, {
      revision: { version: 0 },
      component: { type: 'a.b.C', bundle },
    })
    const end = (of: string): Members => ({ id: of, type: 'PROCESSOR', groupId: id })
    const wired = await talk.ask(201, 'POST', `/process-groups/${id}/connections`, {
      revision: { version: 0, clientId: 'ui' },
      component: { source: end(from), destination: end(to), selectedRelationships: ['success'] },
    })
    await processors(talk, id)
    const put = async (status: number, component: Members): Promise<void> => {
      const path = `/processors/${from}`
      await talk.ask(status, 'PUT', path, {
        revision: await revision(talk, path),
        component: { id: from, ...component },
      })
    }
    await put(200, { name: 'Source', config: { properties: { 'Batch Size': '2' }, comments: 'mine' } })
    await put(200, { config: { properties: { 'Batch Size': null } } })
    await talk.ask(200, 'GET', `/process-groups/${id}/download`)
    await run(talk, id, 'RUNNING')
    await put(409, { config: { comments: 'while it runs' } })
    await put(200, { position: { x: 7, y: 7 } })
    const path = `/connections/${textAt(wired, 'id')}`
    const { version } = await revision(talk, path)
    await talk.ask(409, 'DELETE', `${path}?version=${String(version)}`)
    await run(talk, id, 'STOPPED')
    await quiet(talk, id)
    await talk.ask(200, 'DELETE', `${path}?version=${String(version)}`)
    await talk.ask(404, 'GET', path)
    await remove(talk, 200, id)
  },

  'a group is moved to another': async (talk) => {
    const id = await imported(talk, 'moves')
    const there = await imported(talk, 'there', definitionOf({}))
    const { version } = await revision(talk, `/process-groups/${id}`)
    const body = {
      snippet: { parentGroupId: talk.rootId, processGroups: { [id]: { version, clientId: 'one' } } },
    }
    const snippet = textAt(await talk.quietly('POST', '/snippets', body), 'snippet', 'id')
    await talk.status(200, 'PUT', `/snippets/${snippet}`, { snippet: { id: snippet, parentGroupId: there } })
    await talk.ask(200, 'GET', `/process-groups/${there}/process-groups`)
    await talk.ask(200, 'GET', `/process-groups/${id}`)
  },
}
