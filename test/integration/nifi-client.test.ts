import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { AxiosWire } from '../../reconcilers/nifi/client/axios-wire.ts'
import { NifiClient } from '../../reconcilers/nifi/client/nifi-client.ts'
import type { Wire, WireRequest } from '../../reconcilers/nifi/client/wire.ts'
import { normalizeFlow } from '../../reconcilers/nifi/normalize.ts'
import { type Flow, isFlow } from '../../reconcilers/nifi/resource.ts'
import { flowSchema } from '../../reconcilers/nifi/schema.ts'
import { nifiSettings } from '../../reconcilers/nifi/settings.ts'
import { readSettings } from '../../src/config.ts'
import { own, ownObject } from '../../src/core/json.ts'
import type { Sought } from '../../src/reconcile/service-client.ts'
import { createAuthority } from '../../src/stack/certificates.ts'
import { failure } from '../support/failure.ts'
import { type TestNifi, startNifi } from '../support/nifi.ts'
import { testPlaces } from '../support/places.ts'

const deadline = () => AbortSignal.timeout(60_000)

const grants = [
  'read /flow',
  'read /process-groups/root',
  'write /process-groups/root',
  'read /parameter-contexts',
  'write /parameter-contexts',
] as const

/** A wire that tells what went over it. */
class CountingWire implements Wire {
  readonly sent: string[] = []
  readonly #wire: Wire

  constructor(wire: Wire) {
    this.#wire = wire
  }

  async send(request: WireRequest, signal: AbortSignal) {
    this.sent.push(`${request.method} ${request.path}`)
    return this.#wire.send(request, signal)
  }

  async close(): Promise<void> {
    return this.#wire.close()
  }
}

/** What a person does in NiFi's user interface, done over its API. */
class Hand {
  readonly #nifi: TestNifi

  constructor(nifi: TestNifi) {
    this.#nifi = nifi
  }

  async ask(method: string, path: string, body?: unknown, status = 200): Promise<unknown> {
    const answer = await this.#nifi.ask(method, path, body, { signal: deadline() })
    assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  async make(path: string, component: Readonly<Record<string, unknown>>): Promise<string> {
    const position = { x: 0, y: 0 }
    return idOf(
      await this.ask('POST', path, { revision: { version: 0 }, component: { position, ...component } }, 201),
    )
  }

  async group(parent: string, name: string, comments = ''): Promise<string> {
    return this.make(`/process-groups/${parent}/process-groups`, { name, comments })
  }

  async processor(group: string, type: string, name: string, config: object = {}): Promise<string> {
    const full = `org.apache.nifi.processors.standard.${type}`
    return this.make(`/process-groups/${group}/processors`, { type: full, name, config })
  }

  async port(group: string, kind: 'input' | 'output', name: string): Promise<string> {
    return this.make(`/process-groups/${group}/${kind}-ports`, { name })
  }

  async connect(group: string, source: End, destination: End, more: object = {}): Promise<string> {
    return this.make(`/process-groups/${group}/connections`, {
      source: endOf(source),
      destination: endOf(destination),
      ...more,
    })
  }

  /** Changes members of a component that bears a revision. */
  async edit(path: string, change: object): Promise<void> {
    const { revision } = (await this.ask('GET', path)) as { revision: unknown }
    const id = path.slice(path.lastIndexOf('/') + 1)
    await this.ask('PUT', path, { revision, id, component: { id, ...change } })
  }

  async run(kind: string, id: string, state: string): Promise<void> {
    const { revision } = (await this.ask('GET', `/${kind}/${id}`)) as { revision: unknown }
    await this.ask('PUT', `/${kind}/${id}/run-status`, { revision, state })
  }

  async download(group: string): Promise<unknown> {
    return this.ask('GET', `/process-groups/${group}/download`)
  }
}

type End = readonly [type: string, group: string, id: string]

function endOf([type, groupId, id]: End): object {
  return { type, groupId, id }
}

function idOf(entity: unknown): string {
  const id = own(entity, 'id')
  assert.ok(typeof id === 'string')
  return id
}

async function observe(client: NifiClient, name: string, sought?: Sought<Flow>): Promise<Flow | undefined> {
  const known = sought === undefined ? new Map<string, Sought<Flow>>() : new Map([[name, sought]])
  const [flow] = await client.observe('flows', [name], deadline(), known)
  assert.ok(flow === undefined || isFlow(flow))
  return flow
}

async function see(client: NifiClient, name: string, sought?: Sought<Flow>): Promise<Flow> {
  const flow = await observe(client, name, sought)
  assert.ok(flow !== undefined, `${name} is not seen`)
  return flow
}

/** Looks until it is so: NiFi validates and schedules in its own time. */
async function seeWhen(client: NifiClient, name: string, so: (flow: Flow) => boolean): Promise<Flow> {
  const end = deadline()
  for (;;) {
    const flow = await see(client, name)
    if (so(flow)) return flow
    assert.ok(!end.aborted, `it did not come about: ${JSON.stringify(flow.unhealthy)}`)
  }
}

/** The same definition of a group with other comments. */
function marked(definition: unknown, comments: string): unknown {
  return { flowContents: { ...ownObject(definition, 'flowContents'), comments } }
}

function desiredFlow(name: string, written: Readonly<Record<string, unknown>>): Flow {
  return normalizeFlow(name, flowSchema.parse(written))
}

describe('the client on a real NiFi that asks who one is', () => {
  let nifi: TestNifi
  let directory: string
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'infometis-nifi-client-'))
    nifi = await startNifi({ users: { infometis: grants, stranger: [], visitor: ['read /flow'] } })
  })
  after(async () => {
    await nifi.stop()
    await rm(directory, { recursive: true, force: true })
  })

  function loginOf(name: string): Record<string, string> {
    const user = nifi.users.get(name)
    assert.ok(user !== undefined)
    return { NIFI_USERNAME_FILE: user.usernameFile, NIFI_PASSWORD_FILE: user.passwordFile }
  }

  function wireTo(env: Record<string, string>): AxiosWire {
    return new AxiosWire(
      readSettings(nifiSettings, { NIFI_URL: nifi.url, NIFI_CA_FILE: nifi.ca ?? '', ...env }),
    )
  }

  it('comes in with user and password, and says which NiFi it is', async () => {
    const client = new NifiClient(wireTo(loginOf('infometis')))
    assert.deepEqual(await client.ping(deadline()), { version: nifi.version, clusterId: nifi.clusterId })
    await client.close()
  })

  it('comes in with a client certificate, without asking for a token', async () => {
    const user = nifi.users.get('infometis')
    assert.ok(user !== undefined)
    const wire = wireTo({ NIFI_CERT_FILE: user.certificate.certificate, NIFI_KEY_FILE: user.certificate.key })
    const { body } = await wire.send({ method: 'GET', path: '/flow/current-user' }, deadline())
    assert.equal(own(body, 'identity'), 'infometis')
    await wire.close()
  })

  it('gets another token when NiFi has forgotten the old one', async () => {
    const wire = wireTo(loginOf('infometis'))
    assert.equal((await wire.send({ method: 'GET', path: '/flow/about' }, deadline())).status, 200)
    const { status } = await wire.send({ method: 'DELETE', path: '/access/logout' }, deadline())
    assert.equal(status, 200)
    assert.equal((await wire.send({ method: 'GET', path: '/flow/about' }, deadline())).status, 200)
    await wire.close()
  })

  it('is refused with a wrong password, without a token or a certificate, and tells no secret', async () => {
    const password = join(directory, 'password')
    await writeFile(password, 'no-such-password')
    const cases = [{ ...loginOf('infometis'), NIFI_PASSWORD_FILE: password }, {}] as const
    for (const env of cases) {
      const wire = wireTo(env)
      const error = await failure(wire.send({ method: 'GET', path: '/flow/about' }, deadline()))
      assert.equal(error.reason, 'AuthenticationFailed', error.message)
      assert.doesNotMatch(error.message, /no-such-password/)
      await wire.close()
    }
  })

  it('is refused by name where a policy is missing', async () => {
    for (const name of ['stranger', 'visitor']) {
      const client = new NifiClient(wireTo(loginOf(name)))
      const error = await failure(client.ping(deadline()))
      assert.equal(error.reason, 'AuthorizationFailed', error.message)
      assert.match(error.message, /who it is|view the component/)
      await client.close()
    }
  })

  it('takes no certificate that another authority signed', async () => {
    const other = await createAuthority(join(directory, 'other'), testPlaces().path, deadline())
    const wire = wireTo({ ...loginOf('infometis'), NIFI_CA_FILE: other.certificate })
    const error = await failure(wire.send({ method: 'GET', path: '/flow/about' }, deadline()))
    assert.equal(error.reason, 'TlsFailed')
    assert.match(error.message, /signed by no authority of NIFI_CA_FILE/)
    await wire.close()
  })

  it('says so where NIFI_URL says http', async () => {
    const wire = new AxiosWire(readSettings(nifiSettings, { NIFI_URL: nifi.url.replace('https:', 'http:') }))
    const error = await failure(wire.send({ method: 'GET', path: '/flow/about', once: true }, deadline()))
    assert.match(error.reason, /^(ServiceUnreachable|NotSupportedByServer)$/)
    await wire.close()
  })

  it('gives up on a frozen node in the time given, and goes on with it afterwards', async () => {
    const wire = wireTo(loginOf('infometis'))
    await wire.send({ method: 'GET', path: '/flow/about' }, deadline())
    nifi.pause()
    try {
      const begun = performance.now()
      const error = await failure(
        wire.send({ method: 'GET', path: '/flow/about', timeoutMs: 500 }, deadline()),
      )
      assert.equal(error.reason, 'ServiceTimeout')
      assert.ok(performance.now() - begun < 2_000)
    } finally {
      nifi.resume()
    }
    assert.equal((await wire.send({ method: 'GET', path: '/flow/about' }, deadline())).status, 200)
    await wire.close()
  })

  it('tells a node that is gone, and knows it again when it is back', async () => {
    const client = new NifiClient(wireTo(loginOf('infometis')))
    const known = await client.ping(deadline())
    await nifi.kill()
    const error = await failure(client.ping(deadline()))
    assert.equal(error.reason, 'ServiceUnreachable')
    await nifi.start(deadline())
    assert.deepEqual(await client.ping(deadline()), known)
    await client.close()
  })
})

describe('flows as the client sees them on a real NiFi', () => {
  let nifi: TestNifi
  let hand: Hand
  let wire: CountingWire
  let client: NifiClient
  let root: string
  before(async () => {
    nifi = await startNifi()
    hand = new Hand(nifi)
    root = nifi.clusterId
    wire = new CountingWire(new AxiosWire(readSettings(nifiSettings, { NIFI_URL: nifi.url })))
    client = new NifiClient(wire)
  })
  after(async () => {
    await client.close()
    await nifi.stop()
  })

  it('what runs, what stands, what is wrong, what waits, and what outside uses', async () => {
    const flow = await hand.group(root, 'shop', 'orders of the shop\n[infometis flows/orders]')
    const inner = await hand.group(flow, 'ingest')
    const generate = await hand.processor(inner, 'GenerateFlowFile', 'Generate', {
      schedulingPeriod: '1 day',
      properties: { 'Batch Size': '3' },
      autoTerminatedRelationships: [],
    })
    const log = await hand.processor(inner, 'LogAttribute', 'Log', {
      autoTerminatedRelationships: ['success'],
    })
    const link: End = ['PROCESSOR', inner, generate]
    const queue = await hand.connect(inner, link, ['PROCESSOR', inner, log], {
      selectedRelationships: ['success'],
      backPressureObjectThreshold: 3,
    })
    const send = await hand.processor(flow, 'InvokeHTTP', 'Send')
    const reader = await hand.make(`/process-groups/${flow}/controller-services`, {
      type: 'org.apache.nifi.json.JsonTreeReader',
      name: 'reader',
    })
    const input = await hand.port(flow, 'input', 'in')
    const unused = await hand.port(flow, 'output', 'out')
    const funnel = await hand.make(`/process-groups/${root}/funnels`, {})
    await hand.connect(root, ['FUNNEL', root, funnel], ['INPUT_PORT', flow, input])
    await hand.run('processors', generate, 'RUNNING')

    const seen = await seeWhen(
      client,
      'orders',
      ({ facts, unavailable }) => (facts?.queues.size ?? 0) > 0 && unavailable === undefined,
    )
    const { facts, figures } = seen
    assert.ok(facts !== undefined)
    const identifierOf = (id: string) => [...facts.instances].find(([, each]) => each.id === id)?.[0] ?? ''
    assert.equal(seen.id, flow)
    assert.equal(seen.fields.get('name'), 'shop')
    assert.equal(seen.fields.get('comments'), 'orders of the shop')
    assert.equal(seen.fields.get('run-state'), 'partly')
    assert.equal(facts.marked, true)
    assert.equal(facts.parentId, root)
    assert.deepEqual(facts.running, new Set([identifierOf(generate)]))
    assert.deepEqual(facts.stopped, new Set([log, reader].map(identifierOf)))
    assert.deepEqual(facts.queues, new Map([[identifierOf(queue), { flowFiles: 3, bytes: 0 }]]))
    assert.deepEqual(facts.usedPorts, new Set([identifierOf(input)]))
    assert.equal(facts.instances.get(identifierOf(generate))?.groupId, inner)
    assert.match(
      seen.unhealthy ?? '',
      /^processor "Send" is invalid: 'HTTP URL' is invalid because HTTP URL is required, /,
    )
    const invalid = [...facts.invalid.keys()].map((each) => facts.instances.get(each)?.id ?? '')
    assert.deepEqual(invalid.sort(), [input, unused, send].sort())
    const warnings = seen.warnings?.join('\n') ?? ''
    assert.match(warnings, /output port "out" is invalid/)
    assert.match(
      warnings,
      /connection "Generate → Log \(success\)" in \/ingest is full, so that what feeds it waits/,
    )
    assert.equal(figures?.get('queued_flowfiles'), 3)
    assert.equal(figures.get('running_components'), 1)
    assert.equal(figures.get('backpressured_connections'), 1)
    assert.deepEqual(
      await see(client, 'orders'),
      { ...seen, snapshot: (await see(client, 'orders')).snapshot },
      'another look says the same',
    )
  })

  it('a service that is enabled runs nothing and stands in nobody’s way', async () => {
    const flow = await hand.group(root, 'services', '[infometis flows/services]')
    const service = await hand.make(`/process-groups/${flow}/controller-services`, {
      type: 'org.apache.nifi.json.JsonTreeReader',
      name: 'reader',
    })
    const stopped = await seeWhen(client, 'services', ({ facts }) => facts?.stopped.size === 1)
    assert.equal(stopped.fields.get('run-state'), 'stopped')
    await hand.run('controller-services', service, 'ENABLED')
    const enabled = await seeWhen(
      client,
      'services',
      ({ facts, unavailable }) => facts?.stopped.size === 0 && unavailable === undefined,
    )
    assert.deepEqual(
      [enabled.facts?.running.size, enabled.unhealthy, enabled.warnings],
      [0, undefined, undefined],
    )
  })

  it('an error that a component reports is a warning by its name, without its words', async () => {
    const flow = await hand.group(root, 'loud', '[infometis flows/loud]')
    const bad = await hand.processor(flow, 'InvokeHTTP', 'Call', {
      properties: { 'HTTP URL': 'http://127.0.0.1:1/token-in-url' },
      autoTerminatedRelationships: ['Original', 'Failure', 'Retry', 'No Retry', 'Response'],
    })
    const generate = await hand.processor(flow, 'GenerateFlowFile', 'Generate', { schedulingPeriod: '1 day' })
    await hand.connect(flow, ['PROCESSOR', flow, generate], ['PROCESSOR', flow, bad], {
      selectedRelationships: ['success'],
    })
    await hand.run('processors', bad, 'RUNNING')
    await hand.run('processors', generate, 'RUNNING')
    const seen = await seeWhen(client, 'loud', ({ warnings }) => warnings !== undefined)
    assert.deepEqual(seen.warnings, ['processor "Call" reports errors: see its bulletins'])
    assert.equal(seen.unhealthy, undefined)
    assert.ok((seen.figures?.get('bulletins') ?? 0) > 0)
  })

  it('one that was moved and renamed is found by its marker, and by its id', async () => {
    const folder = await hand.group(root, 'Team A')
    const flow = await hand.group(folder, 'renamed', '[infometis flows/moved]')
    assert.equal((await see(client, 'moved')).id, flow)
    assert.equal((await see(client, 'moved')).fields.get('parent'), 'root/Team A')
    await hand.edit(`/process-groups/${flow}`, { name: 'again', comments: 'no marker' })
    assert.equal(await observe(client, 'moved'), undefined)
    const desired = desiredFlow('moved', { definition: await hand.download(flow) })
    const seen = await see(client, 'moved', { desired, id: flow })
    assert.deepEqual([seen.id, seen.facts?.marked, seen.facts?.rivals], [flow, false, []])
    assert.equal(
      await observe(client, 'moved', { id: flow }),
      undefined,
      'nobody wants it, and it is not ours',
    )
  })

  it('one of somebody else is taken by its name where it is to stand, and several are rivals', async () => {
    const flow = await hand.group(root, 'theirs')
    const desired = desiredFlow('mine', { name: 'theirs', definition: await hand.download(flow) })
    const first = await see(client, 'mine', { desired })
    assert.deepEqual([first.id, first.facts?.marked, first.facts?.rivals], [flow, false, []])
    const elsewhere = desiredFlow('mine', {
      name: 'theirs',
      parent: 'root/Team A',
      definition: await hand.download(flow),
    })
    assert.equal(await observe(client, 'mine', { desired: elsewhere }), undefined)
    const second = await hand.group(root, 'theirs')
    const { id = '', facts } = await see(client, 'mine', { desired })
    assert.deepEqual([id, ...(facts?.rivals ?? [])].sort(), [flow, second].sort())
  })

  it('one that was deleted, or deleted and made again under another id', async () => {
    const first = await hand.group(root, 'short-lived')
    const desired = desiredFlow('short-lived', { definition: await hand.download(first) })
    await hand.ask('DELETE', `/process-groups/${first}?version=1&clientId=hand`)
    assert.equal(await observe(client, 'short-lived', { desired, id: first }), undefined)
    const second = await hand.group(root, 'short-lived')
    assert.equal((await see(client, 'short-lived', { desired, id: first })).id, second)
  })

  it('names: entries of marked groups wherever they stand, other groups below the root', async () => {
    const names = await client.list('flows', deadline())
    for (const name of ['orders', 'services', 'loud', 'Team A', 'theirs'])
      assert.ok(names.includes(name), name)
    assert.ok(!names.includes('shop'), 'a marked group is known by its entry')
    assert.ok(!names.includes('ingest'), 'what stands in a flow is the flow’s')
    assert.deepEqual(await client.list('nothing', deadline()), [])
  })

  it('what NiFi would not take or not run is refused before', async () => {
    const flow = await hand.group(root, 'to-refuse')
    await hand.processor(flow, 'GenerateFlowFile', 'Generate', { properties: { 'Custom Text': '#{text}' } })
    const definition = JSON.stringify(await hand.download(flow))
    await hand.make('/parameter-contexts', { name: 'empty', parameters: [] })
    const written = (change: (text: string) => string, more: object = {}) =>
      desiredFlow('to-refuse', { definition: JSON.parse(change(definition)) as unknown, ...more })
    const bound = { 'parameter-contexts': { '/': 'empty' } }
    const cases: readonly (readonly [Flow, string | undefined, RegExp])[] = [
      [written((text) => text.replaceAll('#{text}', 'text')), undefined, /^$/],
      [written((text) => text, { 'parameter-contexts': { '/': 'still-to-come' } }), undefined, /^$/],
      [
        written((text) => text, bound),
        'UnresolvedParameter',
        /processor "Generate", "Custom Text": #\{text\} is not in the context empty/,
      ],
      [written((text) => text), 'UnresolvedParameter', /no parameter context is bound/],
      [
        written((text) => text.replaceAll('GenerateFlowFile', 'GenerateFlowFiles')),
        'MissingBundle',
        /has no org\.apache\.nifi\.processors\.standard\.GenerateFlowFiles .*it has org\.apache\.nifi\.processors\.standard\.GenerateFlowFile/,
      ],
      [
        written((text) =>
          text.replaceAll('GenerateFlowFile', 'ExecuteStreamCommand').replaceAll('#{text}', 'text'),
        ),
        'CodeNotAllowed',
        /^ExecuteStreamCommand would run what stands in the flow/,
      ],
      [
        written((text) => text.replaceAll('#{text}', 'text'), { parent: 'root/Team Z' }),
        'ParentMissing',
        /there is no process group root\/Team Z/,
      ],
      [
        written((text) => text.replaceAll('#{text}', 'text'), { parent: 'root/shop/ingest' }),
        'InsideAnotherFlow',
        /root\/shop\/ingest is in the process group of the flow orders/,
      ],
      [
        written((text) =>
          text.replaceAll('#{text}', 'text').replaceAll('"version":"2.3.0"', '"version":"2.2.0"'),
        ),
        undefined,
        /^$/,
      ],
    ]
    const verdicts = await client.canonical(
      cases.map(([each]) => each),
      deadline(),
    )
    for (const [index, [, code, words]] of cases.entries()) {
      const verdict = verdicts[index]
      assert.ok(verdict !== undefined)
      assert.deepEqual(
        verdict.ok ? undefined : verdict.code,
        code,
        JSON.stringify(verdict.ok || verdict.message),
      )
      assert.match(verdict.ok ? '' : verdict.message, words)
    }
    const generous = new NifiClient(wire, { allowedCode: new Set(['ExecuteStreamCommand']) })
    const code = cases[5]?.[0]
    assert.ok(code !== undefined)
    assert.deepEqual((await generous.canonical([code], deadline()))[0]?.ok, true)
  })

  it('fifty of them cost one look at the canvas, one at each parent, and one download each', async () => {
    const source = await hand.group(root, 'source')
    await hand.processor(source, 'GenerateFlowFile', 'Generate', { autoTerminatedRelationships: ['success'] })
    const flowSnapshot = await hand.download(source)
    const sought = new Map<string, Sought<Flow>>()
    for (let number = 0; number < 50; number += 1) {
      const name = `many-${number}`
      const made = await hand.ask(
        'POST',
        `/process-groups/${root}/process-groups/import`,
        {
          groupId: root,
          groupName: name,
          positionDTO: { x: 0, y: 0 },
          revisionDTO: { version: 0 },
          flowSnapshot: marked(flowSnapshot, `[infometis flows/${name}]`),
        },
        201,
      )
      sought.set(name, { id: idOf(made), desired: desiredFlow(name, { definition: flowSnapshot }) })
    }
    await seeWhen(client, 'many-49', ({ unavailable }) => unavailable === undefined)
    wire.sent.length = 0
    const begun = performance.now()
    const seen = await client.observe('flows', [...sought.keys()], deadline(), sought)
    const took = performance.now() - begun
    assert.equal(seen.length, 50)
    const others = wire.sent.filter((each) => !each.endsWith('/download'))
    assert.deepEqual(others.sort(), [
      'GET /flow/bulletin-board',
      'GET /flow/process-groups/root/status',
      `GET /process-groups/${root}/process-groups`,
    ])
    assert.equal(wire.sent.length, 53)
    assert.ok(seen.every((each) => each.fields.size > 20 && each.unavailable === undefined))
    assert.ok(took < 10_000, `${took} ms`)
  })
})
