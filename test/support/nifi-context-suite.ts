import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { inspect } from 'node:util'
import { z } from 'zod'
import { NifiClient, type NifiClientOptions } from '../../reconcilers/nifi/client/nifi-client.ts'
import type { Wire, WireAnswer, WireRequest } from '../../reconcilers/nifi/client/wire.ts'
import { normalizeContext, secretsOf } from '../../reconcilers/nifi/normalize.ts'
import { type NifiResource, type ParameterContext, isFlow } from '../../reconcilers/nifi/resource.ts'
import { contextSchema } from '../../reconcilers/nifi/schema.ts'
import { pause } from '../../src/client/abort.ts'
import { spelling } from '../../src/core/baseline.ts'
import { diff, retained } from '../../src/core/diff.ts'
import type { InventoryEntry } from '../../src/core/inventory.ts'
import type { Change, FieldChange } from '../../src/core/resource.ts'
import { SecretValues, fingerprintOf } from '../../src/core/secret-values.ts'
import type { Outcome, Sought } from '../../src/reconcile/service-client.ts'
import { creationOf, removalOf } from './changes.ts'

/** Long enough for a start of NiFi on a busy machine. */
const deadline = () => AbortSignal.timeout(180_000)
const never = () => false
const generate = 'org.apache.nifi.processors.standard.GenerateFlowFile'
const invoke = 'org.apache.nifi.processors.standard.InvokeHTTP'
const stream = 'org.apache.nifi.processors.standard.ExecuteStreamCommand'

const bundle = { group: 'org.apache.nifi', artifact: 'nifi-standard-nar', version: '2.3.0' }

/** Keeps what was sent, and lets a test act at a request. */
class WatchedWire implements Wire {
  readonly #wire: Wire
  readonly sent: WireRequest[] = []
  before: (request: WireRequest) => Promise<void> = async () => Promise.resolve()

  constructor(wire: Wire) {
    this.#wire = wire
  }

  async send(request: WireRequest, signal: AbortSignal): Promise<WireAnswer> {
    this.sent.push(request)
    await this.before(request)
    return this.#wire.send(request, signal)
  }

  async close(): Promise<void> {
    await this.#wire.close()
  }

  updates(): readonly WireRequest[] {
    return this.sent.filter(({ method, path }) => method === 'POST' && path.endsWith('/update-requests'))
  }
}

const entity = z.object({ id: z.string(), revision: z.object({ version: z.number() }) })
const contexts = z.object({
  parameterContexts: z.array(
    z.object({
      id: z.string(),
      revision: z.object({ version: z.number(), clientId: z.string().optional() }),
      component: z.object({
        name: z.string(),
        description: z.string().optional(),
        inheritedParameterContexts: z.array(z.object({ component: z.object({ name: z.string() }) })),
        parameters: z.array(
          z.object({
            parameter: z.object({
              name: z.string(),
              sensitive: z.boolean(),
              value: z.string().optional(),
              description: z.string().optional(),
            }),
          }),
        ),
      }),
    }),
  ),
})
const processor = z.object({
  revision: z.object({ version: z.number() }),
  component: z.object({ state: z.string(), validationStatus: z.string() }),
  status: z.object({ aggregateSnapshot: z.object({ activeThreadCount: z.number() }) }),
})
type LiveContext = z.output<typeof contexts>['parameterContexts'][number]

/** A NiFi, real or in memory, with the other end of what runs in it. */
export interface Site {
  readonly rootId: string
  /** For a client of it: in memory no time is spent waiting. */
  readonly options: Partial<NifiClientOptions>
  wire(): Wire
  /** As a person does it, by NiFi's own REST API. */
  ask(method: WireRequest['method'], path: string, body?: unknown): Promise<WireAnswer>
  /** Stops it and starts it again. */
  restart(): Promise<void>
  /** Kills it before it has written anything down. Absent where nothing is lost by that. */
  readonly kill?: () => Promise<void>
  /** Resolves when this text stands in the flow on disk. */
  writtenDown(text: string): Promise<void>
  /** Somebody purges the flow history. */
  purge(): Promise<void>
  /** An address that answers anything. */
  urlOf(path: string): string
  /** The password that comes with the next call of this path. */
  passwordAt(path: string): Promise<string>
  /** The thread of a processor with this name does not end, which is to be so by itself where these are absent. */
  readonly hold?: (name: string) => void
  readonly release?: (name: string) => void
  stop(): Promise<void>
}

/** What is to be true of parameter contexts, on whatever NiFi. */
export function describeContexts(title: string, open: () => Promise<Site>): void {
  describe(title, { timeout: 900_000 }, () => {
    let site: Site
    let wire: WatchedWire
    let client: NifiClient
    const entries = new Map<string, InventoryEntry>()
    let marks = 0
    /** Everything that was said, for the search after secrets. */
    const said: unknown[] = []
    const secretsUsed = new Set<string>()

    before(async () => {
      site = await open()
    })
    after(async () => site.stop())
    beforeEach(() => {
      wire = new WatchedWire(site.wire())
      client = new NifiClient(wire, site.options)
    })

    // What a person does, by NiFi's own REST API.

    async function asked(method: WireRequest['method'], path: string, body?: unknown): Promise<unknown> {
      const answer = await site.ask(method, path, body)
      assert.ok(answer.status < 400, `${method} ${path}: ${String(answer.status)} ${inspect(answer.body)}`)
      return answer.body
    }

    async function live(name: string): Promise<LiveContext> {
      const all = contexts.parse(await asked('GET', '/flow/parameter-contexts')).parameterContexts
      const found = all.find(({ component }) => component.name === name)
      assert.ok(found, `there is no context ${name}`)
      return found
    }

    async function valuesOf(name: string): Promise<Record<string, string | undefined>> {
      const { component } = await live(name)
      return Object.fromEntries(
        component.parameters.map(({ parameter }) => [parameter.name, parameter.value]),
      )
    }

    /** An edit in the UI: another client, and its own update-request. */
    async function edit(name: string, component: Record<string, unknown>): Promise<void> {
      const { id, revision } = await live(name)
      const path = `/parameter-contexts/${id}/update-requests`
      const request = z.object({ request: z.object({ requestId: z.string(), complete: z.boolean() }) })
      const body = {
        id,
        revision: { version: revision.version, clientId: 'somebody' },
        component: { id, parameters: [], ...component },
      }
      let { request: state } = request.parse(await asked('POST', path, body))
      while (!state.complete) {
        await pause(50, deadline())
        state = request.parse(await asked('GET', `${path}/${state.requestId}`)).request
      }
      await asked('DELETE', `${path}/${state.requestId}`)
    }

    async function makeByHand(name: string, parameters: readonly object[] = []): Promise<string> {
      const component = { name, parameters: parameters.map((parameter) => ({ parameter })) }
      return entity.parse(await asked('POST', '/parameter-contexts', { revision: { version: 0 }, component }))
        .id
    }

    /** Even a NiFi that is stopped in peace loses what it has not written down. */
    async function restartedWhenWritten(): Promise<void> {
      await writtenDown()
      await site.restart()
    }

    /** Resolves when all that was done until now stands on disk. */
    async function writtenDown(): Promise<void> {
      marks += 1
      const mark = `mark ${String(marks)}`
      await makeByHand(mark)
      await site.writtenDown(mark)
    }

    async function group(name: string, contextId: string): Promise<string> {
      const component = { name, position: { x: 0, y: 0 } }
      const path = `/process-groups/${site.rootId}/process-groups`
      const { id, revision } = entity.parse(
        await asked('POST', path, { revision: { version: 0 }, component }),
      )
      await asked('PUT', `/process-groups/${id}`, {
        id,
        revision,
        component: { id, parameterContext: { id: contextId } },
      })
      return id
    }

    async function running(
      groupId: string,
      type: string,
      properties: Record<string, string>,
      done: readonly string[] = ['success'],
    ): Promise<string> {
      const config = { properties, autoTerminatedRelationships: done, schedulingPeriod: '100 ms' }
      const component = { type, bundle, config, position: { x: 0, y: 0 } }
      const path = `/process-groups/${groupId}/processors`
      const { id } = entity.parse(await asked('POST', path, { revision: { version: 0 }, component }))
      await start(id)
      return id
    }

    async function start(id: string): Promise<void> {
      while ((await state(id)).component.validationStatus === 'VALIDATING') await pause(50, deadline())
      const { revision } = await state(id)
      await asked('PUT', `/processors/${id}/run-status`, { revision, state: 'RUNNING' })
    }

    /** Calls with a password, again and again. */
    async function caller(groupId: string, path: string, password: string): Promise<string> {
      const properties = {
        'HTTP URL': site.urlOf(path),
        'Request Username': 'u',
        'Request Password': password,
      }
      return running(groupId, invoke, properties, ['Original', 'Failure', 'Retry', 'No Retry', 'Response'])
    }

    async function state(id: string): Promise<z.output<typeof processor>> {
      return processor.parse(await asked('GET', `/processors/${id}`))
    }

    /** How often each was stopped and started by updates since: each time its revision goes on by two. */
    function restartsSince(ids: readonly string[]): () => Promise<readonly number[]> {
      const before = Promise.all(ids.map(state))
      return async () => {
        const [then, now] = [await before, await Promise.all(ids.map(state))]
        assert.deepEqual(
          now.map(({ component }) => component.state),
          ids.map(() => 'RUNNING'),
        )
        return now.map(({ revision }, at) => (revision.version - (then[at]?.revision.version ?? 0)) / 2)
      }
    }

    async function until(path: string, password: string): Promise<void> {
      const signal = deadline()
      while ((await site.passwordAt(path)) !== password) await pause(1, signal)
    }

    // What InfoMetis does.

    function desire(
      name: string,
      parameters: Record<string, string | null | { readonly is: string }> = {},
      more: {
        readonly description?: string
        readonly inherits?: readonly string[]
        readonly told?: Record<string, string>
      } = {},
    ): ParameterContext {
      const { told = {}, ...rest } = more
      const written = contextSchema.parse({
        ...rest,
        parameters: Object.fromEntries(
          Object.entries(parameters).map(([key, value]) => [
            key,
            {
              ...(isSecret(value) ? { secret: { name: 'orders', key } } : { value }),
              ...(told[key] === undefined ? {} : { description: told[key] }),
            },
          ]),
        ),
      })
      const desired = normalizeContext(name, written)
      const values = new Map(
        secretsOf(desired).map(({ path, secret }) => {
          const value = parameters[secret.key]
          assert.ok(isSecret(value))
          secretsUsed.add(value.is)
          return [path, value.is] as const
        }),
      )
      const fields = new Map(desired.fields)
      for (const [path, value] of values) fields.set(path, fingerprintOf(Buffer.alloc(32, 7), value))
      return { ...desired, fields, secrets: new SecretValues(values) }
    }

    async function observe(name: string, by: NifiClient = client): Promise<ParameterContext | undefined> {
      const id = entries.get(name)?.id
      const sought = new Map<string, Sought<NifiResource>>([[name, id === undefined ? {} : { id }]])
      const [found] = await by.observe('parameter-contexts', [name], deadline(), sought)
      assert.ok(found === undefined || !isFlow(found))
      said.push(found)
      return found
    }

    async function planned(
      desired: ParameterContext,
      by: NifiClient = client,
    ): Promise<Change<ParameterContext> | undefined> {
      const observed = await observe(desired.name, by)
      if (observed === undefined) return creationOf(desired)
      const { type, name } = desired
      const fields = diff(desired, observed, entries.get(name), never)
      const id = observed.id
      return fields.length === 0
        ? undefined
        : {
            action: 'update',
            type,
            name,
            cause: fields[0]?.cause ?? 'written',
            fields,
            desired,
            observed,
            ...(id === undefined ? {} : { id }),
          }
    }

    const drift = async (desired: ParameterContext): Promise<readonly FieldChange[]> =>
      (await planned(desired))?.fields ?? []

    async function apply(
      change: Change<ParameterContext>,
      by: NifiClient = client,
    ): Promise<Outcome<ParameterContext>> {
      const [outcome] = await by.apply([change], deadline())
      assert.ok(outcome !== undefined)
      said.push(change, outcome)
      if (outcome.state !== 'done') return outcome
      const { shown, ...rest } = outcome
      assert.ok(shown === undefined || !isFlow(shown))
      return shown === undefined ? rest : { ...rest, shown }
    }

    /** One pass; what came of it is kept as the inventory keeps it. */
    async function reconcile(
      desired: ParameterContext,
      by: NifiClient = client,
    ): Promise<Outcome<ParameterContext>> {
      const change = await planned(desired, by)
      if (change === undefined) return { state: 'done', note: 'nothing to do' }
      const outcome = await apply(change, by)
      if (outcome.state === 'done') remember(desired, outcome.shown)
      return outcome
    }

    function remember(desired: ParameterContext, shown: ParameterContext | undefined): void {
      assert.ok(shown, 'the client shows what it made')
      const { type, name, fields } = desired
      // What stays because it is used is still of our making.
      const before = entries.get(name)
      const kept = before === undefined ? [] : retained(desired, shown, before, never)
      const entry: InventoryEntry = {
        type,
        name,
        fields: new Map([
          ...fields,
          ...kept.map((path) => [path, before?.fields.get(path) ?? null] as const),
        ]),
        deletable: true,
        ...(shown.id === undefined ? {} : { id: shown.id }),
      }
      const spelled = spelling({ entry, desired, fields, observed: shown, withheld: new Set(), taken: true })
      entries.set(name, { ...entry, ...spelled })
    }

    async function done(desired: ParameterContext): Promise<string> {
      const outcome = await reconcile(desired)
      assert.ok(outcome.state === 'done', inspect(outcome))
      return outcome.id ?? ''
    }

    async function removed(name: string): Promise<Outcome<ParameterContext>> {
      const observed = await observe(name)
      assert.ok(observed)
      return apply(removalOf(observed))
    }

    it('makes a context as written, with its marker, and finds no drift', async () => {
      const desired = desire(
        'made',
        { topic: 'orders', none: null, empty: '', password: { is: 'first-secret' } },
        { description: 'of a test', told: { topic: 'where to' } },
      )
      const id = await done(desired)
      const { component } = await live('made')
      assert.equal(component.description, 'of a test\n[infometis parameter-contexts/made]')
      assert.deepEqual(await valuesOf('made'), {
        topic: 'orders',
        none: undefined,
        empty: '',
        password: '********',
      })
      assert.deepEqual(await drift(desired), [])
      assert.deepEqual((await observe('made'))?.id, id)
      assert.equal(wire.updates().length, 0, 'a creation is one request')
    })

    it('makes none a second time after a crash, nor over somebody else’s', async () => {
      const desired = desire('twice', { a: '1', password: { is: 'second-secret' } })
      const change = creationOf(desired)
      const first = await apply(change)
      const second = await apply(change)
      assert.ok(first.state === 'done' && second.state === 'done')
      assert.equal(second.id, first.id)
      await makeByHand('foreign', [{ name: 'a', sensitive: false, value: 'theirs' }])
      const refused = await apply(creationOf(desire('foreign', { a: 'ours' })))
      assert.deepEqual(refused, {
        state: 'failed',
        reason: 'ChangesFailed',
        message: 'somebody else made a parameter context "foreign" in the meantime; it is looked at again',
      })
      assert.deepEqual(await valuesOf('foreign'), { a: 'theirs' })
    })

    it('changes an adopted context where it differs, and leaves parameters of others alone', async () => {
      const id = await makeByHand('adopted', [
        { name: 'a', sensitive: false, value: 'theirs' },
        { name: 'b', sensitive: false, value: 'theirs', description: 'told' },
      ])
      const desired = desire('adopted', { a: 'ours', c: '1' })
      assert.equal(await done(desired), id)
      assert.deepEqual(await valuesOf('adopted'), { a: 'ours', b: 'theirs', c: '1' })
      assert.equal((await live('adopted')).component.description, '[infometis parameter-contexts/adopted]')
      assert.deepEqual(await drift(desired), [])
    })

    it('restarts only what uses what changed, and that once for all changes', async () => {
      const id = await done(
        desire('restarts', { one: '1', two: '2', three: '3', password: { is: 'pw-restarts' } }),
      )
      const groupId = await group('restarts', id)
      const both = await running(groupId, generate, { 'generate-ff-custom-text': '#{one} #{two}' })
      const other = await running(groupId, generate, { 'generate-ff-custom-text': '#{three}' })
      const restarts = restartsSince([both, other])
      await done(
        desire('restarts', { one: '1a', two: '2a', three: '3', new: '4', password: { is: 'pw-restarts' } }),
      )
      assert.deepEqual(await restarts(), [1, 0])
      assert.equal(wire.updates().length, 1)
      const before = wire.sent.length
      assert.deepEqual(
        await drift(
          desire('restarts', { one: '1a', two: '2a', three: '3', new: '4', password: { is: 'pw-restarts' } }),
        ),
        [],
      )
      assert.ok(wire.sent.slice(before).every(({ method }) => method === 'GET'))
    })

    it('sets again a sensitive value that somebody changed, once, and says so by name', async () => {
      const desired = desire('edited', {
        topic: 'orders',
        password: { is: 'right-password' },
        other: { is: 'other-secret' },
      })
      const id = await done(desired)
      await caller(await group('edited', id), '/edited', '#{password}')
      await until('/edited', 'right-password')
      await edit('edited', {
        parameters: [{ parameter: { name: 'password', sensitive: true, value: 'wrong' } }],
      })
      await until('/edited', 'wrong')
      assert.deepEqual(
        (await drift(desired)).map(({ path, cause }) => ({ path, cause })),
        [{ path: 'parameters.password', cause: 'drift' }],
      )
      const outcome = await reconcile(desired)
      assert.ok(outcome.state === 'done', inspect(outcome))
      assert.equal(outcome.note, 'sensitive parameters set again: password')
      await until('/edited', 'right-password')
      assert.deepEqual(await drift(desired), [])
    })

    it('repairs a plain value without touching the sensitive ones', async () => {
      const desired = desire('plain', { topic: 'orders', password: { is: 'pw-plain' } })
      const id = await done(desired)
      const uses = await caller(await group('plain', id), '/plain', '#{password}')
      await edit('plain', {
        parameters: [{ parameter: { name: 'topic', sensitive: false, value: 'other' } }],
      })
      const restarts = restartsSince([uses])
      await done(desired)
      assert.deepEqual(await restarts(), [0])
      assert.deepEqual(JSON.stringify(wire.updates()[0]?.body).includes('password'), false)
      assert.equal((await valuesOf('plain'))['topic'], 'orders')
      assert.deepEqual(await drift(desired), [])
    })

    it('sets nothing again because NiFi was started anew, and sees what was changed after that', async () => {
      const desired = desire('restarted', { topic: 'orders', password: { is: 'pw-restarted' } })
      await done(desired)
      await restartedWhenWritten()
      assert.equal((await live('restarted')).revision.version, 0, 'the revision began anew')
      assert.deepEqual(await drift(desired), [])
      const parameters = [{ parameter: { name: 'password', sensitive: true, value: 'wrong' } }]
      await edit('restarted', { parameters })
      assert.deepEqual(
        (await drift(desired)).map(({ path }) => path),
        ['parameters.password'],
      )
      await done(desired)
      assert.deepEqual(await drift(desired), [])
    })

    it('sets sensitive values again once where the history of them was purged', async () => {
      const desired = desire('purged', { password: { is: 'pw-purged' } })
      await done(desired)
      await site.purge()
      assert.deepEqual(
        (await drift(desired)).map(({ path }) => path),
        ['parameters.password'],
      )
      await done(desired)
      assert.deepEqual(await drift(desired), [])
      await restartedWhenWritten()
      assert.deepEqual(await drift(desired), [])
    })

    it('takes several new Secrets in one request', async () => {
      const id = await done(desire('rotated', { password: { is: 'old-one' }, key: { is: 'old-two' } }))
      const groupId = await group('rotated', id)
      const ids = [
        await caller(groupId, '/rotated/1', '#{password}'),
        await caller(groupId, '/rotated/2', '#{key}'),
      ]
      await until('/rotated/2', 'old-two')
      const restarts = restartsSince(ids)
      const before = wire.updates().length
      await done(desire('rotated', { password: { is: 'new-one' }, key: { is: 'new-two' } }))
      assert.deepEqual(await restarts(), [1, 1])
      assert.equal(wire.updates().length - before, 1)
      await until('/rotated/1', 'new-one')
      await until('/rotated/2', 'new-two')
    })

    it('takes a value away, and a parameter that is no longer written', async () => {
      await done(desire('less', { a: '1', b: '2', c: '3' }, { told: { c: 'told' }, description: 'text' }))
      const desired = desire('less', { a: null, c: '3' })
      await done(desired)
      assert.deepEqual(await valuesOf('less'), { a: undefined, c: '3' })
      assert.equal((await live('less')).component.description, '[infometis parameter-contexts/less]')
      assert.deepEqual(await drift(desired), [])
    })

    it('removes a sensitive parameter without a trace of its value in the history', async () => {
      const id = await done(desire('traceless', { password: { is: 'leave-no-trace' }, a: '1' }))
      await done(desire('traceless', { a: '1' }))
      assert.deepEqual(await valuesOf('traceless'), { a: '1' })
      const history = await asked('GET', `/flow/history?offset=0&count=1000&sourceId=${id}`)
      const text = JSON.stringify(history)
      assert.ok(text.includes('"password"'), 'the history knows of it')
      assert.ok(!text.includes('leave-no-trace'))
    })

    it('turns a plain parameter into a sensitive one and back', async () => {
      await done(desire('turned', { a: 'open' }))
      const secret = desire('turned', { a: { is: 'closed-value' } })
      await done(secret)
      assert.deepEqual(await valuesOf('turned'), { a: '********' })
      assert.deepEqual(await drift(secret), [])
      const plain = desire('turned', { a: 'open' })
      await done(plain)
      assert.deepEqual(await valuesOf('turned'), { a: 'open' })
      assert.deepEqual(await drift(plain), [])
    })

    it('keeps a parameter that is used, and removes it once it is not', async () => {
      const id = await done(desire('used', { old: '1', stays: '1' }))
      const uses = await running(await group('used', id), generate, { 'generate-ff-custom-text': '#{old}' })
      const next = desire('used', { new: '2', stays: '1' })
      const change = await planned(next)
      assert.deepEqual(
        change?.fields.map(({ path }) => path),
        ['parameters.new'],
        'what is used is not planned to go',
      )
      assert.ok(change)
      await done(next)
      assert.deepEqual(await valuesOf('used'), { old: '1', new: '2', stays: '1' })
      assert.deepEqual(await drift(next), [], 'it is kept, and no drift')

      // As if it had come into use between the plan and the update.
      const late = {
        ...change,
        fields: [...change.fields, { path: 'parameters.old', cause: 'written' as const }],
      }
      const refused = await apply(late)
      assert.ok(refused.state === 'failed')
      assert.equal(refused.reason, 'ChangesFailed')
      assert.match(
        refused.message,
        /^what is used cannot be removed: "old" is used by processor GenerateFlowFile \([-0-9a-f]+\); end the use/,
      )
      assert.equal((await state(uses)).component.state, 'RUNNING')

      const { revision } = await state(uses)
      await asked('PUT', `/processors/${uses}/run-status`, { revision, state: 'STOPPED' })
      const stopped = (await state(uses)).revision.version
      await asked('DELETE', `/processors/${uses}?version=${String(stopped)}`)
      await done(next)
      assert.deepEqual(await valuesOf('used'), { new: '2', stays: '1' })
    })

    it('inherits in the order written, and takes nothing inherited for its own', async () => {
      await done(desire('base-1', { x: 'of 1', password: { is: 'pw-base' } }))
      await done(desire('base-2', { x: 'of 2', y: 'of 2' }))
      const desired = desire('heir', { own: '1' }, { inherits: ['base-1', 'base-2'] })
      await done(desired)
      const inherited = async () =>
        (await live('heir')).component.inheritedParameterContexts.map(({ component }) => component.name)
      assert.deepEqual(await inherited(), ['base-1', 'base-2'])
      assert.deepEqual([...((await observe('heir'))?.parameters.keys() ?? [])], ['own'])
      assert.deepEqual(await drift(desired), [])
      const turned = desire('heir', { own: '1' }, { inherits: ['base-2', 'base-1'] })
      await done(turned)
      assert.deepEqual(await inherited(), ['base-2', 'base-1'])
      assert.deepEqual(await valuesOf('heir'), { own: '1' })
      const missing = await reconcile(desire('heir', { own: '1' }, { inherits: ['nowhere'] }))
      assert.ok(missing.state === 'failed')
      assert.equal(missing.reason, 'DependencyMissing')
      const circle = await reconcile(
        desire('base-1', { x: 'of 1', password: { is: 'pw-base' } }, { inherits: ['heir'] }),
      )
      assert.ok(circle.state === 'failed')
      assert.equal(circle.reason, 'RejectedByServer')
      assert.match(circle.message, /Circular references in Parameter Contexts not allowed/)
      const shadow = await reconcile(desire('heir', { own: '1', password: 'open' }, { inherits: ['base-1'] }))
      assert.ok(shadow.state === 'failed')
      assert.equal(shadow.reason, 'RejectedByServer')
    })

    it('makes what is inherited first, and deletes it last', async () => {
      const parent = desire('order-parent', { x: '1' })
      const child = desire('order-child', {}, { inherits: ['order-parent'] })
      const made = await client.apply([creationOf(child), creationOf(parent)], deadline())
      assert.deepEqual(
        made.map(({ state }) => state),
        ['done', 'done'],
      )
      const [first, second] = [await observe('order-parent'), await observe('order-child')]
      assert.ok(first && second)
      const gone = await client.apply([removalOf(first), removalOf(second)], deadline())
      assert.deepEqual(gone, [{ state: 'done' }, { state: 'done' }])
    })

    it('gives a context its name back that somebody renamed', async () => {
      const desired = desire('named', { a: '1' })
      const id = await done(desired)
      await edit('named', { name: 'renamed by hand' })
      const outcome = await reconcile(desired)
      assert.ok(outcome.state === 'done', inspect(outcome))
      assert.equal(outcome.note, 'it was called "renamed by hand", and has its name again')
      assert.equal((await live('named')).id, id)
    })

    it('deletes by id only, never what is used, and what is gone is done', async () => {
      const id = await done(desire('bound', { a: '1' }))
      await done(desire('heir-of-bound', {}, { inherits: ['bound'] }))
      const groupId = await group('uses bound', id)
      assert.deepEqual(await removed('bound'), {
        state: 'failed',
        reason: 'ChangesFailed',
        message:
          'parameter context "bound" is still used by parameter context "heir-of-bound", which inherits it, process group "uses bound": end that use, then it is deleted',
      })
      const { revision } = entity.parse(await asked('GET', `/process-groups/${groupId}`))
      await asked('DELETE', `/process-groups/${groupId}?version=${String(revision.version)}`)
      assert.deepEqual(await removed('heir-of-bound'), { state: 'done' })
      const before = await observe('bound')
      assert.ok(before)
      assert.deepEqual(await apply(removalOf(before)), { state: 'done' })
      const foreign = await makeByHand('bound')
      assert.deepEqual(await apply(removalOf(before)), { state: 'done' }, 'ours is gone')
      assert.equal((await live('bound')).id, foreign)
    })

    it('waits for what cannot be stopped at once, says so, and finds its request again', async () => {
      const id = await done(desire('slow', { seconds: '3' }))
      const groupId = await group('slow', id)
      const sleeper = await sleeping(groupId, 'slow')
      const patient = new NifiClient(wire, { ...site.options, limits: { pollMs: 100, turnMs: 500 } })
      const desired = desire('slow', { seconds: '2' })
      const first = await reconcile(desired, patient)
      assert.deepEqual(first, {
        state: 'pending',
        message: 'NiFi is at "Stopping Affected Processors", waits for what runs in "sleeper of slow"',
      })
      site.release?.('sleeper of slow')
      let outcome: Outcome<ParameterContext> = first
      while (outcome.state === 'pending') outcome = await reconcile(desired, patient)
      assert.equal(outcome.state, 'done', inspect(outcome))
      assert.equal(wire.updates().length, 1, 'one request for it all')
      assert.equal((await state(sleeper)).component.state, 'RUNNING')
      assert.deepEqual(await drift(desired), [])
    })

    it('ends well what a reconciler began that died meanwhile', async () => {
      const id = await done(desire('died', { seconds: '3', password: { is: 'pw-before-death' } }))
      const groupId = await group('died', id)
      const sleeper = await sleeping(groupId, 'died')
      const desired = desire('died', { seconds: '2', password: { is: 'pw-after-death' } })
      const dying = new NifiClient(wire, { ...site.options, limits: { pollMs: 100, turnMs: 300 } })
      assert.equal((await reconcile(desired, dying)).state, 'pending')
      site.release?.('sleeper of died')
      let outcome = await reconcile(desired, new NifiClient(site.wire(), site.options))
      for (let pass = 0; pass < 5 && outcome.state !== 'done'; pass += 1)
        outcome = await reconcile(desired, new NifiClient(site.wire(), site.options))
      assert.equal(outcome.state, 'done', inspect(outcome))
      assert.equal((await valuesOf('died'))['seconds'], '2')
      assert.equal((await state(sleeper)).component.state, 'RUNNING')
      assert.deepEqual(await drift(desired), [])
    })

    it('does not believe a sensitive value that NiFi lost because it was killed before it wrote it down', async (t) => {
      const id = await done(desire('lost', { password: { is: 'before-the-kill' } }))
      await caller(await group('lost', id), '/lost', '#{password}')
      await until('/lost', 'before-the-kill')
      await writtenDown()
      const desired = desire('lost', { password: { is: 'after-the-kill' } })
      let kills = 1
      const killing = new NifiClient(wire, {
        ...site.options,
        pause: async (ms, signal) => {
          if (ms < 1_000 || kills === 0) return pause(ms, signal)
          kills -= 1
          await (site.kill ?? site.restart)()
          t.diagnostic(`after the kill NiFi has the value from ${await site.passwordAt('/lost')}`)
        },
      })
      let outcome = await reconcile(desired, killing)
      while (outcome.state === 'pending') outcome = await reconcile(desired, killing)
      assert.equal(outcome.state, 'done', inspect(outcome))
      assert.equal(kills, 0, 'it was killed')
      await until('/lost', 'after-the-kill')
      assert.deepEqual(await drift(desired), [])
    })

    it('loses nothing to somebody who edits at the same moment', async () => {
      const desired = desire('meanwhile', { a: '1', password: { is: 'pw-meanwhile' } })
      const id = await done(desired)
      await caller(await group('meanwhile', id), '/meanwhile', '#{password}')
      const next = desire('meanwhile', { a: '2', password: { is: 'pw-meanwhile-2' } })
      // Between our look and our update, our update and our look at what it made, and while that is being looked at.
      const moments: readonly ((request: WireRequest) => boolean)[] = [
        ({ path }) => path.endsWith('/update-requests'),
        ({ method }) => method === 'DELETE',
        ({ path }) => path === '/flow/history',
      ]
      let seen = 0
      wire.before = async (request) => {
        if (moments[seen]?.(request) !== true) return
        seen += 1
        await edit('meanwhile', {
          parameters: [{ parameter: { name: 'password', sensitive: true, value: `wrong-${String(seen)}` } }],
        })
      }
      await done(next)
      assert.equal(seen, moments.length)
      await until('/meanwhile', 'pw-meanwhile-2')
      assert.deepEqual(await drift(next), [])
    })

    it('never says a value that came from a Secret', () => {
      const all = [JSON.stringify(said), inspect(said, { depth: Infinity, showHidden: true })].join('\n')
      assert.ok(said.length > 50)
      assert.deepEqual(
        [...secretsUsed].filter((value) => all.includes(value)),
        [],
      )
    })

    /** A processor whose thread runs for as many seconds as the parameter says. */
    async function sleeping(groupId: string, name: string): Promise<string> {
      const properties = {
        'Command Path': '/bin/sleep',
        'Command Arguments': '#{seconds}',
        'Ignore STDIN': 'true',
      }
      const path = `/process-groups/${groupId}`
      const at = { x: 0, y: 0 }
      const done = ['output stream', 'original', 'nonzero status']
      const make = async (type: string, config: object, role: string) =>
        entity.parse(
          await asked('POST', `${path}/processors`, {
            revision: { version: 0 },
            component: { type, bundle, config, position: at, name: `${role} of ${name}` },
          }),
        ).id
      const sleeper = await make(stream, { properties, autoTerminatedRelationships: done }, 'sleeper')
      const source = await make(generate, { schedulingPeriod: '1 sec' }, 'source')
      const end = (id: string) => ({ id, groupId, type: 'PROCESSOR' })
      await asked('POST', `${path}/connections`, {
        revision: { version: 0 },
        component: { source: end(source), destination: end(sleeper), selectedRelationships: ['success'] },
      })
      await start(sleeper)
      await start(source)
      site.hold?.(`sleeper of ${name}`)
      const signal = deadline()
      while ((await state(sleeper)).status.aggregateSnapshot.activeThreadCount === 0) await pause(100, signal)
      return sleeper
    }
  })
}

function isSecret(value: unknown): value is { readonly is: string } {
  return typeof value === 'object' && value !== null && 'is' in value
}
