import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Change, Json } from '../../../../src/core/resource.ts'
import { SecretValues } from '../../../../src/core/secret-values.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import { failure } from '../../../../test/support/failure.ts'
import { type Answers, ScriptedNifi, toolsOn } from '../../../../test/support/scripted-nifi.ts'
import type { ParameterContext } from '../../resource.ts'
import type { WireAnswer } from '../wire.ts'
import { applyContext, inOrder } from './apply-context.ts'

const signal = AbortSignal.timeout(10_000)
const list = 'GET /flow/parameter-contexts'
const submit = 'POST /parameter-contexts/c1/update-requests'
const request = '/parameter-contexts/c1/update-requests/r1'

function desired(name: string, inherits: readonly string[] = []): ParameterContext {
  const fields = new Map<string, Json>([
    ['inherits', inherits],
    ['parameters.password', { secret: 'fp' }],
  ])
  return {
    type: 'parameter-contexts',
    name,
    fields,
    parameters: new Map([['password', { name: 'password', description: undefined, value: undefined }]]),
    secrets: new SecretValues(new Map([['parameters.password', 'hunter2']])),
  }
}

function update(): Change<ParameterContext> {
  return {
    action: 'update',
    type: 'parameter-contexts',
    name: 'orders',
    id: 'c1',
    cause: 'written',
    fields: [{ path: 'parameters.password', after: { secret: 'fp' }, cause: 'written' }],
    desired: desired('orders'),
  }
}

const context = (version: number, value = '********') => ({
  id: 'c1',
  revision: { version },
  component: {
    name: 'orders',
    description: '[infometis parameter-contexts/orders]',
    parameters: [{ parameter: { name: 'password', sensitive: true, value } }],
  },
})

const progress = (more: object) => ({
  parameterContextRevision: { version: 2 },
  request: { requestId: 'r1', complete: false, state: 'Stopping Affected Processors', ...more },
})

const ended = (more: object = {}) => progress({ complete: true, ...more })

function nifi(more: Readonly<Record<string, Answers>>): ScriptedNifi {
  let version = 1
  return new ScriptedNifi({
    [list]: () => ({ status: 200, body: { parameterContexts: [context(version)] } }),
    'GET /flow/history': { history: { total: 0, actions: [] } },
    [submit]: () => {
      version = 2
      return { status: 200, body: progress({}) }
    },
    [`GET ${request}`]: ended(),
    [`DELETE ${request}`]: {},
    ...more,
  })
}

describe('an update of a parameter context', () => {
  it('is removed from NiFi when it is over, and not before', async () => {
    let polls = 0
    const wire = nifi({
      [`GET ${request}`]: () => {
        polls += 1
        return { status: 200, body: polls < 4 ? progress({}) : ended() }
      },
    })
    const outcome = await applyContext(toolsOn(wire), update(), signal)
    assert.equal(outcome.state, 'done')
    assert.equal(wire.times(`DELETE ${request}`), 1)
    assert.ok(polls >= 4, 'it was over by then')
  })

  it('that lasts is pending and told the same way, and is not begun a second time', async () => {
    const busy = [
      { component: { name: 'B', activeThreadCount: 2 } },
      { component: { name: 'A', activeThreadCount: 1 } },
    ]
    let over = false
    const wire = nifi({
      [`GET ${request}`]: () => ({
        status: 200,
        body: over
          ? ended()
          : progress({
              referencingComponents: [...busy, { component: { name: 'C', activeThreadCount: 0 } }],
            }),
      }),
    })
    const waits = {
      state: 'pending',
      message: 'NiFi is at "Stopping Affected Processors", waits for what runs in "A", "B"',
    }
    assert.deepEqual(await applyContext(toolsOn(wire, 1_000), update(), signal), waits)
    assert.deepEqual(await applyContext(toolsOn(wire, 1_000), update(), signal), waits)
    assert.equal(wire.times(submit), 1)
    assert.equal(wire.times(`DELETE ${request}`), 0, 'NiFi would leave stopped what it stopped')
    over = true
    assert.equal((await applyContext(toolsOn(wire), update(), signal)).state, 'done')
    assert.equal(
      wire.times(submit),
      2,
      'what a sensitive parameter holds is not shown, so it is set to make sure',
    )
  })

  it('of which NiFi knows nothing any more is looked at and begun again', async () => {
    let lost = true
    const wire = nifi({
      [`GET ${request}`]: (): WireAnswer => {
        if (!lost) return { status: 200, body: ended() }
        lost = false
        return { status: 404, body: 'Could not find a Request with identifier r1' }
      },
    })
    assert.equal((await applyContext(toolsOn(wire), update(), signal)).state, 'done')
    assert.equal(wire.times(submit), 2)
  })

  it('that ends badly is told in NiFi’s words without any secret, and not tried at once', async () => {
    const wire = nifi({
      [`GET ${request}`]: ended({ failureReason: 'Failed to update Parameter Context due to hunter2' }),
    })
    assert.deepEqual(await applyContext(toolsOn(wire), update(), signal), {
      state: 'failed',
      reason: 'ChangesFailed',
      message: 'Failed to update Parameter Context due to [secret]',
    })
    assert.equal(wire.times(submit), 1)
  })

  it('goes on from a fresh look where somebody else was faster', async () => {
    let conflicts = 2
    const words =
      '[1, us, c1] is not the most up-to-date revision. This component appears to have been modified.'
    const wire = nifi({
      [submit]: () => {
        conflicts -= 1
        return conflicts >= 0 ? { status: 400, body: words } : { status: 200, body: progress({}) }
      },
      [list]: () => ({ status: 200, body: { parameterContexts: [context(conflicts < 0 ? 2 : 1)] } }),
    })
    assert.equal((await applyContext(toolsOn(wire), update(), signal)).state, 'done')
    assert.equal(wire.times(submit), 3)
  })

  it('sets a sensitive value again as long as somebody else changes the context, and gives up in the end', async () => {
    let version = 1
    const wire = nifi({
      [list]: () => {
        version += 5
        return { status: 200, body: { parameterContexts: [context(version)] } }
      },
    })
    assert.deepEqual(await applyContext(toolsOn(wire), update(), signal), {
      state: 'failed',
      reason: 'ServiceBusy',
      message: 'parameter context "orders" is being changed by somebody else all the time',
    })
  })

  it('is done only when NiFi has had the time to write it down, and has it still', async () => {
    let looks = 0
    const wire = nifi({
      // Killed after the update: the revision begins anew.
      [list]: () => {
        looks += 1
        return { status: 200, body: { parameterContexts: [context([1, 2, 0, 2, 2, 2][looks - 1] ?? 2)] } }
      },
    })
    const outcome = await applyContext(toolsOn(wire), update(), signal)
    assert.equal(outcome.state, 'done')
    assert.equal(wire.times(submit), 2)
  })

  it('does not go round in circles where NiFi takes what it does not show', async () => {
    const change: Change<ParameterContext> = {
      ...update(),
      fields: [{ path: 'descriptions.password', after: 'told', cause: 'written' }],
    }
    const outcome = await applyContext(toolsOn(nifi({})), change, signal)
    assert.deepEqual(outcome, {
      state: 'failed',
      reason: 'NotVerified',
      message: 'NiFi took the update of parameter context "orders", and does not show "password" so',
    })
  })

  it('that was deleted by somebody is looked at again', async () => {
    const outcome = await applyContext(toolsOn(nifi({ [list]: { parameterContexts: [] } })), update(), signal)
    assert.ok(outcome.state === 'failed')
    assert.equal(outcome.reason, 'ChangesFailed')
  })

  it('throws what every other request would meet as well, without any secret', async () => {
    const wire = nifi({
      [submit]: () => {
        throw new ReconcileError('ServiceUnreachable', 'no way to NiFi with hunter2')
      },
    })
    const thrown = await failure(applyContext(toolsOn(wire), update(), signal))
    assert.equal(thrown.reason, 'ServiceUnreachable')
    assert.equal(thrown.message, 'no way to NiFi with [secret]')
  })
})

describe('the order of changes', () => {
  const creation = (name: string, inherits: readonly string[] = []): Change<ParameterContext> => ({
    action: 'create',
    type: 'parameter-contexts',
    name,
    cause: 'written',
    fields: [],
    desired: desired(name, inherits),
  })
  const deletion = (name: string, inherits: readonly string[] = []): Change<ParameterContext> => ({
    action: 'delete',
    type: 'parameter-contexts',
    name,
    cause: 'written',
    fields: [],
    observed: desired(name, inherits),
  })
  const names = (changes: readonly Change<ParameterContext>[]) => inOrder(changes).map(({ name }) => name)

  it('has what is inherited before what inherits it', () => {
    assert.deepEqual(names([creation('c', ['b']), creation('b', ['a']), creation('a')]), ['a', 'b', 'c'])
  })

  it('is the other way round for what is deleted, and that comes last', () => {
    assert.deepEqual(names([deletion('a'), deletion('b', ['a']), creation('c')]), ['c', 'b', 'a'])
  })

  it('has everything once, also of a circle', () => {
    const changes = [creation('a', ['b']), creation('b', ['a']), creation('self', ['self', 'elsewhere'])]
    assert.deepEqual(names(changes).toSorted(), ['a', 'b', 'self'])
  })
})
