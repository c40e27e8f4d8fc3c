import { definitionOf, groupNamed, processor } from '../support/nifi-definition.ts'
import { type Conversation, importOf } from './nifi-answers.ts'
import { type Talk, at, textAt } from './nifi-talk.ts'

type Members = Readonly<Record<string, unknown>>

interface Wish {
  readonly parameters?: readonly Members[]
  readonly inherits?: readonly string[]
  readonly description?: string
}

function contextOf(name: string | null, { parameters = [], inherits = [], description }: Wish = {}): Members {
  return {
    ...{ name, ...(description === undefined ? {} : { description }) },
    parameters: parameters.map((parameter) => ({ parameter })),
    inheritedParameterContexts: inherits.map((id) => ({ id, component: { id } })),
  }
}

async function made(talk: Talk, name: string, wish: Wish = {}): Promise<string> {
  const body = { revision: { version: 0, clientId: 'one' }, component: contextOf(name, wish) }
  return textAt(await talk.ask(201, 'POST', '/parameter-contexts', body), 'id')
}

async function revision(talk: Talk, path: string): Promise<Members> {
  return { version: at(await talk.quietly('GET', path), 'revision', 'version'), clientId: 'one' }
}

async function updateOf(talk: Talk, id: string, component: Members): Promise<Members> {
  return { id, revision: await revision(talk, `/parameter-contexts/${id}`), component: { id, ...component } }
}

async function updated(talk: Talk, id: string, component: Members): Promise<void> {
  const path = `/parameter-contexts/${id}/update-requests`
  const posted = await talk.quietly('POST', path, await updateOf(talk, id, component))
  const request = `${path}/${textAt(posted, 'request', 'requestId')}`
  await talk.until(request, (body) => at(body, 'request', 'complete') === true)
  await talk.ask(200, 'DELETE', request)
  await talk.ask(404, 'GET', request)
}

/** What the history says of something, oldest first. */
async function told(talk: Talk, id: string): Promise<unknown> {
  const order = 'sortColumn=timestamp&sortOrder=asc'
  const body = await talk.quietly('GET', `/flow/history?offset=0&count=100&${order}&sourceId=${id}`)
  return (at(body, 'history', 'actions') as readonly unknown[])
    .map((each) => [Number(at(each, 'id')), at(each, 'action')] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, action]) =>
      ['operation', 'sourceType', 'sourceName', 'actionDetails'].map((name) => at(action, name)),
    )
    .map((each) => JSON.stringify(each))
    .join('\n')
}

async function refused(talk: Talk, status: number, id: string, component: Members): Promise<void> {
  await talk.ask(
    status,
    'POST',
    `/parameter-contexts/${id}/update-requests`,
    await updateOf(talk, id, component),
  )
}

const plain = { name: 'a', sensitive: false, description: 'of a', value: '1' }
const secret = { name: 's', sensitive: true, value: 'hidden' }

function generator(identifier: string, text: string): Members {
  return processor(identifier, {
    type: 'org.apache.nifi.processors.standard.GenerateFlowFile',
    schedulingPeriod: '1 hour',
    properties: { 'generate-ff-custom-text': text },
    propertyDescriptors: {
      'generate-ff-custom-text': {
        ...{ name: 'generate-ff-custom-text', displayName: 'Custom Text' },
        ...{ identifiesControllerService: false, sensitive: false, dynamic: false },
      },
    },
    autoTerminatedRelationships: ['success'],
  })
}

/** A flow that uses a parameter, in its own group and in one below. */
function bound(name: string | undefined, text = '#{a}', contexts: Members = {}): unknown {
  const own = name === undefined ? {} : { parameterContextName: name }
  const inner = groupNamed('sub', 'inner', { processors: [generator('inside', text)], ...own })
  return definitionOf(
    { processors: [generator('gen', text)], processGroups: [inner], ...own },
    { parameterContexts: contexts },
  )
}

function named(name: string, parameters: readonly Members[] = []): Members {
  return { [name]: { name, parameters, inheritedParameterContexts: [], componentType: 'PARAMETER_CONTEXT' } }
}

async function imported(talk: Talk, name: string, snapshot: unknown): Promise<string> {
  const body = { ...importOf(name, snapshot), groupId: talk.rootId }
  const path = `/process-groups/${talk.rootId}/process-groups/import`
  const id = textAt(await talk.quietly('POST', path, body), 'id')
  await states(talk, id)
  return id
}

async function replaced(talk: Talk, id: string, versionedFlowSnapshot: unknown): Promise<void> {
  const processGroupRevision = await revision(talk, `/process-groups/${id}`)
  const body = { processGroupRevision, disconnectedNodeAcknowledged: false, versionedFlowSnapshot }
  const posted = await talk.quietly('POST', `/process-groups/${id}/replace-requests`, body)
  const path = `/process-groups/replace-requests/${textAt(posted, 'request', 'requestId')}`
  await talk.until(path, (answer) => at(answer, 'request', 'complete') === true)
  await states(talk, id)
  await talk.ask(200, 'GET', `/process-groups/${id}`)
}

async function states(talk: Talk, id: string): Promise<void> {
  await talk.until(`/process-groups/${id}/processors?includeDescendantGroups=true`, (body) =>
    (at(body, 'processors') as readonly unknown[]).every(
      (each) => at(each, 'component', 'validationStatus') !== 'VALIDATING',
    ),
  )
}

/** Until so many components of a group are known to be invalid: NiFi looks after it has answered. */
async function invalid(talk: Talk, id: string, count: number): Promise<void> {
  await talk.until(`/process-groups/${id}`, (body) => at(body, 'invalidCount') === count)
}

async function run(talk: Talk, id: string, state: string): Promise<void> {
  await talk.ask(200, 'PUT', `/flow/process-groups/${id}`, { id, state })
}

/** Of parameter contexts, and of groups that use them. */
export const contextConversations: Readonly<Record<string, Conversation>> = {
  'contexts are made, and inherit': async (talk) => {
    const base = await made(talk, 'base', { parameters: [plain, secret], description: 'of base\n[mark]' })
    const child = await made(talk, 'child', {
      parameters: [{ name: 'b', sensitive: false }],
      inherits: [base],
    })
    await talk.ask(200, 'GET', '/flow/parameter-contexts')
    await talk.ask(200, 'GET', `/parameter-contexts/${child}`)
    await talk.ask(200, 'GET', `/parameter-contexts/${child}?includeInheritedParameters=true`)
    const post = async (status: number, component: Members, version = 0): Promise<void> => {
      await talk.ask(status, 'POST', '/parameter-contexts', { revision: { version }, component })
    }
    await post(409, contextOf('base'))
    await post(400, contextOf(null))
    await post(400, contextOf('x'), 1)
    await post(400, contextOf('x', { parameters: [{ name: 'a/b', sensitive: false, value: '1' }] }))
    await post(400, { ...contextOf('x'), inheritedParameterContexts: [{ id: base }] })
    await post(404, contextOf('x', { inherits: ['nope'] }))
    await talk.ask(400, 'DELETE', `/parameter-contexts/${base}`)
    await talk.ask(400, 'DELETE', `/parameter-contexts/${base}?version=7`)
    await talk.ask(409, 'DELETE', `/parameter-contexts/${base}?version=1`)
    await talk.ask(200, 'DELETE', `/parameter-contexts/${child}?version=1`)
    await talk.ask(200, 'DELETE', `/parameter-contexts/${base}?version=1`)
    await talk.ask(404, 'DELETE', `/parameter-contexts/${base}?version=1`)
  },

  'contexts are updated on request': async (talk) => {
    const id = await made(talk, 'base', { parameters: [plain, secret] })
    const set = async (...parameters: readonly Members[]): Promise<void> => {
      await updated(talk, id, { parameters: parameters.map((parameter) => ({ parameter })) })
    }
    await set({ name: 'a', sensitive: false, value: '2' })
    await set({ name: 'a', sensitive: false, description: '' })
    await set({ name: 'n', sensitive: false, value: null })
    await set({ name: 's', sensitive: true, value: null })
    await set({ name: 's', sensitive: true, value: null, valueRemoved: true })
    await set({ name: 'n' }, { name: 'never was' })
    await updated(talk, id, { parameters: [], description: 'now', name: 'other' })
    await refused(talk, 500, id, {})
    talk.note(await told(talk, id))
    await refused(talk, 409, id, { parameters: [{ parameter: { name: 'a', sensitive: true, value: '1' } }] })
    await refused(talk, 400, id, {
      parameters: [{ parameter: { name: 'x/y', sensitive: false, value: '1' } }],
    })
    const stale = { id, revision: { version: 0, clientId: 'zz' }, component: { id, parameters: [] } }
    await talk.ask(400, 'POST', `/parameter-contexts/${id}/update-requests`, stale)
    const child = await made(talk, 'child', { inherits: [id] })
    const parent = await made(talk, 'parent', { parameters: [{ ...secret, name: 'p' }] })
    await updated(talk, child, {
      parameters: [],
      inheritedParameterContexts: contextOf('', { inherits: [parent, id] })['inheritedParameterContexts'],
    })
    await updated(talk, child, { parameters: [], inheritedParameterContexts: [] })
    talk.note(await told(talk, child))
    await updated(talk, child, { ...contextOf('child', { inherits: [id] }) })
    await refused(talk, 409, id, { ...contextOf('other', { inherits: [child] }) })
    await talk.ask(200, 'GET', `/parameter-contexts/${id}`)
  },

  'a group gets a context that its definition brings along': async (talk) => {
    const base = await made(talk, 'base', { parameters: [plain, secret] })
    const without = await imported(talk, 'without', bound('base'))
    await states(talk, without)
    const id = await imported(
      talk,
      'with',
      bound('base', '#{a}', named('base', [{ ...plain, value: 'other' }])),
    )
    await states(talk, id)
    await talk.ask(200, 'GET', `/parameter-contexts/${base}`)
    await talk.ask(200, 'GET', `/process-groups/${id}/download`)
    await imported(
      talk,
      'new',
      bound('fresh', '#{q}', named('fresh', [{ name: 'q', sensitive: false, value: 'v' }])),
    )
    await talk.ask(200, 'GET', '/flow/parameter-contexts')
    await replaced(talk, id, bound(undefined, '#{a}', named('base')))
    await replaced(talk, id, bound('base'))
    await replaced(talk, id, bound('base', '#{a}', named('base')))
    await replaced(talk, id, bound('fresh', '#{a}', { ...named('base'), ...named('fresh') }))
    await talk.ask(200, 'GET', `/process-groups/${id}/download`)
    await states(talk, id)
  },

  'what refers to a parameter restarts with it': async (talk) => {
    const base = await made(talk, 'base', { parameters: [plain, secret] })
    const other = await made(talk, 'other', { parameters: [{ name: 'o', sensitive: false, value: '1' }] })
    const id = await imported(talk, 'flow', bound('base', '#{a}', named('base')))
    await states(talk, id)
    await run(talk, id, 'RUNNING')
    await updated(talk, base, { parameters: [{ parameter: { name: 'a', sensitive: false, value: '2' } }] })
    await states(talk, id)
    const removal = await updateOf(talk, base, { parameters: [{ parameter: { name: 'a' } }] })
    await talk.status(409, 'POST', `/parameter-contexts/${base}/update-requests`, removal)
    const { version } = await revision(talk, `/parameter-contexts/${base}`)
    await talk.ask(409, 'DELETE', `/parameter-contexts/${base}?version=${String(version)}`)
    const put = async (status: number, context: Members): Promise<void> => {
      const revised = await revision(talk, `/process-groups/${id}`)
      const body = { revision: revised, component: { id, parameterContext: context } }
      await talk.ask(status, 'PUT', `/process-groups/${id}`, body)
    }
    await put(409, { id: other })
    await run(talk, id, 'STOPPED')
    await put(200, { id: other })
    await states(talk, id)
    await put(200, { id: null })
    const revised = await revision(talk, `/process-groups/${id}`)
    await talk.ask(200, 'PUT', `/process-groups/${id}`, {
      ...{ revision: revised, component: { id, parameterContext: { id: base } } },
      processGroupUpdateStrategy: 'ALL_DESCENDANTS',
    })
    await invalid(talk, id, 0)
    await talk.ask(200, 'GET', `/process-groups/${id}/process-groups`)
    await talk.ask(200, 'DELETE', `/parameter-contexts/${base}?version=${String(version)}`)
    await invalid(talk, id, 1)
  },

  'sensitive parameters are for sensitive properties': async (talk) => {
    await made(talk, 'base', { parameters: [plain, secret] })
    const id = await imported(talk, 'flow', bound('base', '#{s} #{a} #{zz} ##{a}', named('base')))
    await states(talk, id)
  },
}
