import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ScriptedNifi, type Answers, toolsOn } from '../../../../test/support/scripted-nifi.ts'
import { failure } from '../../../../test/support/failure.ts'
import type { Wire, WireRequest } from '../wire.ts'
import { listContexts, observeContexts } from './observe-contexts.ts'

const contextsPath = 'GET /flow/parameter-contexts'
const historyPath = 'GET /flow/history'
const signal = AbortSignal.timeout(10_000)

function context(id: string, version: number, parameters: readonly object[] = []): object {
  return {
    id,
    revision: { version },
    permissions: { canRead: true },
    component: { name: `name-${id}`, parameters: parameters.map((parameter) => ({ parameter })) },
  }
}

const password = { name: 'password', sensitive: true, value: '********' }
const hidden = { id: 'h', permissions: { canRead: false } }

interface Action {
  readonly id: number
  readonly of: string
  readonly name: string
}

/** NiFi's flow history, newest first; asked for no end it leaves out what its clock has not reached, here the newest. */
function history(actions: readonly Action[]): (request: WireRequest) => { status: number; body: unknown } {
  return ({ query = {} }) => {
    const found = actions
      .filter(({ of }) => query['sourceId'] === undefined || query['sourceId'] === of)
      .toSorted((a, b) => b.id - a.id)
      .slice(query['endDate'] === undefined ? 1 : 0)
    const [offset, count] = [Number(query['offset']), Number(query['count'])]
    const page = found.slice(offset, offset + count).map(({ id, of, name }) => ({
      id,
      sourceId: of,
      action: { actionDetails: { name, value: '********', previousValue: 'in plain' } },
    }))
    return { status: 200, body: { history: { total: found.length, actions: page } } }
  }
}

function nifi(contexts: readonly object[], actions: Answers): ScriptedNifi {
  return new ScriptedNifi({ [contextsPath]: { parameterContexts: contexts }, [historyPath]: actions })
}

async function passwordIn(wire: Wire, id: string): Promise<unknown> {
  const [found] = await observeContexts(toolsOn(wire), [`name-${id}`], signal, new Map())
  return found?.fields.get('parameters.password')
}

describe('what is observed of a sensitive parameter', () => {
  it('is the newest change of it in the flow history', async () => {
    const actions = [
      { id: 3, of: 'a', name: 'password' },
      { id: 7, of: 'a', name: 'password' },
      { id: 8, of: 'a', name: 'other' },
      { id: 9, of: 'b', name: 'password' },
    ]
    assert.deepEqual(await passwordIn(nifi([context('a', 1, [password])], history(actions)), 'a'), {
      sensitive: 'change 7',
    })
  })

  it('is found however long the history is', async () => {
    const actions = Array.from({ length: 2_500 }, (_, id) => ({
      id,
      of: 'a',
      name: id === 1 ? 'password' : 'other',
    }))
    const wire = nifi([context('a', 1, [password])], history(actions))
    assert.deepEqual(await passwordIn(wire, 'a'), { sensitive: 'change 1' })
    assert.equal(wire.times(historyPath), 4, 'the newest, and three pages')
  })

  it('is one thing as long as the history does not name it', async () => {
    const before = await passwordIn(nifi([context('a', 5, [password])], history([])), 'a')
    const after = await passwordIn(nifi([context('a', 0, [password])], history([])), 'a')
    const another = await passwordIn(nifi([context('b', 0, [password])], history([])), 'b')
    assert.deepEqual(before, after)
    assert.notDeepEqual(another, after, 'made anew it has another id')
  })

  it('is another one with each revision where this user may not read the history', async () => {
    const refused = () => ({ status: 403, body: 'Unable to view the history.' })
    const first = await passwordIn(nifi([context('a', 5, [password])], refused), 'a')
    const second = await passwordIn(nifi([context('a', 6, [password])], refused), 'a')
    assert.deepEqual(first, { sensitive: 'revision 5 of a' })
    assert.deepEqual(second, { sensitive: 'revision 6 of a' })
  })

  it('says where no value is set', async () => {
    const unset = { name: 'password', sensitive: true }
    assert.deepEqual(await passwordIn(nifi([context('a', 1, [unset])], history([])), 'a'), {
      sensitive: 'unset',
    })
  })

  it('costs one request for all of them while nothing was changed', async () => {
    const actions = [{ id: 1, of: 'a', name: 'password' }]
    const many = ['a', 'b', 'c'].map((id) => context(id, 1, [password]))
    const wire = nifi(many, (request: WireRequest) => history(actions)(request))
    const tools = toolsOn(wire)
    const look = async () => {
      const before = wire.asked.length
      const names = ['name-a', 'name-b', 'name-c']
      const [first] = await observeContexts(tools, names, signal, new Map())
      return { asked: wire.asked.length - before, a: first?.fields.get('parameters.password') }
    }
    assert.deepEqual(await look(), { asked: 5, a: { sensitive: 'change 1' } })
    assert.deepEqual(await look(), { asked: 2, a: { sensitive: 'change 1' } })
    actions.push({ id: 2, of: 'a', name: 'password' })
    assert.deepEqual(await look(), { asked: 5, a: { sensitive: 'change 2' } })
  })

  it('asks for no history where nothing is sensitive', async () => {
    const wire = nifi([context('a', 1, [{ name: 'a', value: '1' }])], history([]))
    const [found] = await observeContexts(toolsOn(wire), ['name-a'], signal, new Map())
    assert.equal(found?.fields.get('parameters.a'), '1')
    assert.equal(wire.times(historyPath), 0)
  })
})

describe('contexts that are there', () => {
  it('are found by name; what is inherited is not their own', async () => {
    const inherited = { name: 'theirs', value: '1', inherited: true }
    const wire = nifi([context('a', 1, [inherited, { name: 'own', value: '1' }])], history([]))
    const found = await observeContexts(toolsOn(wire), ['name-a', 'nowhere'], signal, new Map())
    assert.deepEqual(
      found.map(({ name, id, parameters }) => [name, id, [...parameters.keys()]]),
      [['name-a', 'a', ['own']]],
    )
  })

  it('are no absence when they may not be read any more', async () => {
    const wire = nifi([context('a', 1), hidden], history([]))
    const sought = new Map([['orders', { id: 'h' }]])
    const thrown = await failure(observeContexts(toolsOn(wire), ['orders'], signal, sought))
    assert.equal(thrown.reason, 'AuthorizationFailed')
    assert.match(thrown.message, /parameter context "orders" may not be read any more/)
  })

  it('of other teams stand in nobody’s way', async () => {
    const wire = nifi([context('a', 1), hidden], history([]))
    assert.deepEqual(await observeContexts(toolsOn(wire), ['orders'], signal, new Map()), [])
    assert.deepEqual(await listContexts(toolsOn(wire), signal), ['name-a'])
  })
})
