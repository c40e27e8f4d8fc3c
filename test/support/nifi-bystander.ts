import { isObject, own, ownObject } from '../../src/core/json.ts'
import type { Hands } from '../contract/subject.ts'

/** Somebody else's way to a NiFi: plain HTTP, or the fake asked directly. `path` is below /nifi-api. */
export type AskNifi = (
  method: 'GET' | 'PUT' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
) => Promise<{ readonly status: number; readonly body: unknown }>

const revision = { version: 0, clientId: 'somebody-else' }

/** Who edits flows on the canvas behind our back, and says what there is. `drifting`: the property that `drift` sets. */
export function flowBystander(
  ask: AskNifi,
  drifting: { readonly processor: string; readonly property: string },
): Hands {
  const group = async (name: string) => {
    const listed = listIn(await seen(ask('GET', '/process-groups/root/process-groups')), 'processGroups')
    return listed.find((each) => own(own(each, 'component'), 'name') === name)
  }
  return {
    look: async (name) => {
      const found = await group(name)
      const id = textIn(found, 'id')
      if (id === undefined) return undefined
      const [download, flow] = [
        await seen(ask('GET', `/process-groups/${id}/download`)),
        await seen(ask('GET', `/process-groups/${id}/processors`)),
      ]
      const states = listIn(flow, 'processors').map((each) => {
        const { name: processor, state } = ownObject(each, 'component')
        return [processor, state]
      })
      return {
        id,
        comments: own(own(found, 'component'), 'comments'),
        contents: plainContents(download),
        states,
      }
    },
    make: async (name, entry) => {
      const snapshot = complete(ownObject(entry, 'definition'), name)
      await seen(
        ask('POST', '/process-groups/root/process-groups/import', {
          groupId: await rootOf(ask),
          groupName: name,
          positionDTO: { x: 0, y: 0 },
          revisionDTO: revision,
          disconnectedNodeAcknowledged: false,
          flowSnapshot: snapshot,
        }),
      )
    },
    remove: async (name) => removeGroup(ask, textIn(await group(name), 'id')),
    drift: async (name) => {
      const listed = await seen(ask('GET', `/process-groups/${textIn(await group(name), 'id')}/processors`))
      const edited = listIn(listed, 'processors').find(
        (each) => own(own(each, 'component'), 'name') === drifting.processor,
      )
      await editProcessor(ask, textIn(edited, 'id') ?? '', { [drifting.property]: 'by hand' })
    },
  }
}

/** Stops a processor, sets properties of it, and starts it again where it ran: what a person does in the UI. */
export async function editProcessor(ask: AskNifi, id: string, properties: object): Promise<void> {
  const before = await seen(ask('GET', `/processors/${id}`))
  const ran = own(own(before, 'component'), 'state') === 'RUNNING'
  if (ran) await setState(ask, id, 'STOPPED')
  const { revision: current } = (await seen(ask('GET', `/processors/${id}`))) as { revision: unknown }
  await seen(
    ask('PUT', `/processors/${id}`, { revision: current, component: { id, config: { properties } } }),
  )
  if (ran) await setState(ask, id, 'RUNNING')
}

export async function setState(
  ask: AskNifi,
  id: string,
  state: 'RUNNING' | 'STOPPED' | 'DISABLED',
): Promise<void> {
  const { revision: current } = (await seen(ask('GET', `/processors/${id}`))) as { revision: unknown }
  await seen(ask('PUT', `/processors/${id}/run-status`, { revision: current, state }))
}

/** Stops a group, drops what waits in it, disables its services, and deletes it. */
export async function removeGroup(ask: AskNifi, id: string | undefined): Promise<void> {
  if (id === undefined) return
  await seen(ask('PUT', `/flow/process-groups/${id}`, { id, state: 'STOPPED' }))
  await seen(ask('PUT', `/flow/process-groups/${id}/controller-services`, { id, state: 'DISABLED' }))
  await seen(ask('POST', `/process-groups/${id}/empty-all-connections-requests`))
  for (let tries = 0; ; tries += 1) {
    const version = own(own(await seen(ask('GET', `/process-groups/${id}`)), 'revision'), 'version')
    const { status, body } = await ask(
      'DELETE',
      `/process-groups/${id}?version=${String(version)}&clientId=somebody-else`,
    )
    if (status === 200) return
    // A processor may have a thread for some moments more.
    if (tries > 200) throw new Error(`${status}: ${JSON.stringify(body)}`)
  }
}

/** The same for parameter contexts; `drift` sets the parameter `topic`. */
export function contextBystander(ask: AskNifi): Hands {
  const context = async (name: string) => {
    const listed = listIn(await seen(ask('GET', '/flow/parameter-contexts')), 'parameterContexts')
    return listed.find((each) => own(own(each, 'component'), 'name') === name)
  }
  return {
    look: async (name) => {
      const component = own(await context(name), 'component')
      if (component === undefined) return undefined
      const parameters = listIn(component, 'parameters').map((each) => {
        const { name: parameter, value, description } = ownObject(each, 'parameter')
        return { parameter, value, description }
      })
      parameters.sort((a, b) => String(a.parameter).localeCompare(String(b.parameter)))
      return { id: own(component, 'id'), description: own(component, 'description'), parameters }
    },
    make: async (name, entry) => {
      const parameters = Object.entries(ownObject(entry, 'parameters')).map(([parameter, of]) => ({
        parameter: {
          name: parameter,
          sensitive: false,
          value: own(of, 'value'),
          description: own(of, 'description'),
        },
      }))
      const component = { name, description: own(entry, 'description'), parameters }
      await seen(ask('POST', '/parameter-contexts', { revision, component }))
    },
    remove: async (name) => {
      const found = await context(name)
      if (found !== undefined) await removeContext(ask, found)
    },
    drift: async (name) => {
      const found = await context(name)
      const id = textIn(found, 'id') ?? ''
      const parameters = [{ parameter: { name: 'topic', sensitive: false, value: 'by hand' } }]
      const path = `/parameter-contexts/${id}/update-requests`
      const request = own(
        await seen(
          ask('POST', path, { id, revision: own(found, 'revision'), component: { id, parameters } }),
        ),
        'request',
      )
      const poll = `${path}/${textIn(request, 'requestId')}`
      while (own(own(await seen(ask('GET', poll)), 'request'), 'complete') !== true);
      await seen(ask('DELETE', poll))
    },
  }
}

/** Nothing is left: no group below the root, no parameter context. */
export async function clearCanvas(ask: AskNifi): Promise<void> {
  const groups = listIn(await seen(ask('GET', '/process-groups/root/process-groups')), 'processGroups')
  for (const group of groups) await removeGroup(ask, textIn(group, 'id'))
  const contexts = listIn(await seen(ask('GET', '/flow/parameter-contexts')), 'parameterContexts')
  for (const context of contexts) await removeContext(ask, context)
}

async function removeContext(ask: AskNifi, context: unknown): Promise<void> {
  const version = own(own(context, 'revision'), 'version')
  const id = textIn(context, 'id') ?? ''
  await seen(ask('DELETE', `/parameter-contexts/${id}?version=${String(version)}&clientId=somebody-else`))
}

async function rootOf(ask: AskNifi): Promise<unknown> {
  return own(await seen(ask('GET', '/process-groups/root')), 'id')
}

async function seen(asked: ReturnType<AskNifi>): Promise<unknown> {
  const { status, body } = await asked
  if (status < 300) return body
  throw new Error(`${status}: ${JSON.stringify(body)}`)
}

function listIn(value: unknown, name: string): readonly unknown[] {
  const found = own(value, name)
  return Array.isArray(found) ? found : []
}

function textIn(value: unknown, name: string): string | undefined {
  const found = own(value, name)
  return typeof found === 'string' ? found : undefined
}

/** Without ids of instances and in one order: two looks at one content are equal. */
function plainContents(download: unknown): unknown {
  return plain(own(download, 'flowContents'))
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) {
    const list = value.map(plain)
    return list.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  }
  if (!isObject(value)) return value
  const members = Object.entries(value).filter(([name]) => !name.startsWith('instance'))
  return Object.fromEntries(
    members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, of]) => [name, plain(of)]),
  )
}

const processorDefaults = {
  schedulingStrategy: 'TIMER_DRIVEN',
  schedulingPeriod: '0 sec',
  executionNode: 'ALL',
  penaltyDuration: '30 sec',
  yieldDuration: '1 sec',
  bulletinLevel: 'WARN',
  runDurationMillis: 0,
  concurrentlySchedulableTaskCount: 1,
  propertyDescriptors: {},
  position: { x: 0, y: 0 },
}
const connectionDefaults = {
  labelIndex: 0,
  zIndex: 0,
  backPressureObjectThreshold: 10_000,
  backPressureDataSizeThreshold: '1 GB',
  flowFileExpiration: '0 sec',
}

/** What NiFi's import needs besides what people write. */
function complete(definition: object, name: string): object {
  const contents = ownObject(definition, 'flowContents')
  const filled = (list: string, defaults: object) =>
    listIn(contents, list).map((each) => ({ ...defaults, ...(isObject(each) ? each : {}) }))
  return {
    ...definition,
    flowContents: {
      position: { x: 0, y: 0 },
      comments: '',
      ...contents,
      name,
      processors: filled('processors', processorDefaults),
      connections: filled('connections', connectionDefaults),
    },
  }
}
