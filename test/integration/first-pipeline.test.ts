import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { z } from 'zod'
import { environment } from '../../src/config.ts'
import { runCommand, type CommandResult } from '../../src/stack/command.ts'
import { waitUntil } from '../../src/stack/deadline.ts'
import { isRunning } from '../../src/stack/process-identity.ts'
import { projectFile } from '../../src/stack/project.ts'
import { readRecord, type StackRecord } from '../../src/stack/stack-record.ts'

const ports = ['--api-port', '0', '--elasticsearch-port', '0', '--nifi-port', '0']

const count = z.object({ count: z.number() })
const mapped = z.record(
  z.string(),
  z.object({ mappings: z.object({ dynamic: z.string(), properties: z.record(z.string(), z.unknown()) }) }),
)
const found = z.object({
  hits: z.object({
    hits: z.array(z.object({ _id: z.string(), _source: z.record(z.string(), z.unknown()) })),
  }),
})
const component = z.object({ id: z.string(), component: z.object({ name: z.string() }) })
const groups = z.object({ processGroups: z.array(component) })
const processor = component.extend({
  revision: z.object({ version: z.number() }),
  status: z.object({
    aggregateSnapshot: z.object({ flowFilesOut: z.number(), activeThreadCount: z.number() }),
  }),
})
const processors = z.object({ processors: z.array(processor) })
const status = z.object({
  processGroupStatus: z.object({
    aggregateSnapshot: z.object({ flowFilesQueued: z.number(), activeThreadCount: z.number() }),
  }),
})

/** The first pipeline as it is shipped: environments/dev, on the local stack. */
describe('the first pipeline', { timeout: 300_000 }, () => {
  let home: string
  let runDirectory: string
  let addresses: Readonly<Record<string, string>>

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'infometis-pipeline-'))
    runDirectory = join(home, 'stack')
  })
  after(async () => {
    await infometis('down')
    await rm(home, { recursive: true, force: true })
  })

  const infometis = async (...args: readonly string[]): Promise<CommandResult> =>
    runCommand(process.execPath, [projectFile('src', 'main.ts'), ...args], {
      env: { ...environment(), INFOMETIS_STACK_DIR: runDirectory },
      deadlineMs: 180_000,
    })
  const record = async (): Promise<StackRecord> => {
    const stack = await readRecord(runDirectory)
    assert.ok(stack, 'a stack is on record')
    return stack
  }
  const kubectl = async (...args: readonly string[]): Promise<void> => {
    const { kubectl: binary = '', environment: env = {} } = await record()
    const { code, stderr } = await runCommand(binary, ['--namespace', 'infometis', ...args], {
      env: { ...env, HOME: home },
      deadlineMs: 30_000,
    })
    assert.equal(code, 0, stderr)
  }

  /** What a service answers; undefined while it does not, or says no. */
  async function get(setting: string, path: string): Promise<unknown> {
    const response = await fetch(`${addresses[setting] ?? ''}${path}`, {
      signal: AbortSignal.timeout(10_000),
    }).catch(() => undefined)
    return response?.ok === true ? response.json() : undefined
  }
  const search = async (path: string): Promise<unknown> => get('ELASTICSEARCH_URL', path)
  const nifi = async (path: string): Promise<unknown> => get('NIFI_URL', `/nifi-api${path}`)

  async function documents(): Promise<number> {
    await fetch(`${addresses['ELASTICSEARCH_URL'] ?? ''}/pipeline-events/_refresh`, { method: 'POST' }).catch(
      () => undefined,
    )
    return count.safeParse(await search('/pipeline-events/_count')).data?.count ?? 0
  }
  async function more(than: number, deadlineMs: number): Promise<void> {
    const what = `more than ${than} documents`
    await waitUntil(async () => (await documents()) > than, { what, deadlineMs, everyMs: 200 })
  }
  async function group(): Promise<string> {
    const { processGroups } = groups.parse(await nifi('/process-groups/root/process-groups'))
    const flow = processGroups.find((each) => each.component.name === 'Events to search')
    assert.ok(flow, 'the flow is there')
    return flow.id
  }
  async function generator(): Promise<z.output<typeof processor>> {
    const all = processors.parse(await nifi(`/process-groups/${await group()}/processors`)).processors
    const one = all.find((each) => each.component.name === 'Generate events')
    assert.ok(one, 'its generator is there')
    return one
  }

  it('brings documents within a minute of up', async (context) => {
    const began = performance.now()
    const { code, stdout, stderr } = await infometis(
      'up',
      '--detach',
      '--services',
      'elasticsearch,nifi',
      ...ports,
    )
    assert.equal(code, 0, stdout + stderr)
    const up = performance.now()
    addresses = (await record()).environment ?? {}
    await more(0, 60_000)
    const seconds = (from: number): string => ((performance.now() - from) / 1000).toFixed(1)
    context.diagnostic(
      `first document ${seconds(up)} s after up had returned, ${seconds(began)} s after it began`,
    )
    for (const type of ['parameter-contexts', 'flows'])
      assert.match(stdout, new RegExp(`nifi-${type}-desired: ready True`))
  })

  it('into the index that InfoMetis made, as its mapping says', async () => {
    const indices = mapped.parse(await search('/pipeline-events/_mapping'))
    const [name, ...others] = Object.keys(indices)
    assert.deepEqual([name, others], ['pipeline-events-000001', []])
    const { dynamic, properties } = indices[name ?? '']?.mappings ?? {}
    assert.equal(dynamic, 'strict')
    const [event] = found.parse(await search('/pipeline-events/_search?size=1')).hits.hits
    assert.ok(event)
    assert.deepEqual(Object.keys(event._source).sort(), Object.keys(properties ?? {}).sort())
    const at = Date.parse(String(event._source['@timestamp']))
    assert.ok(Math.abs(Date.now() - at) < 300_000, `${String(event._source['@timestamp'])} is now`)
  })

  it('faster once a parameter says so, without anything else changing', async () => {
    const flow = await group()
    const parameters = 'events-to-search: {parameters: {events-per-second: {value: "100"}}}'
    const patch = JSON.stringify({ data: { 'parameter-contexts.yaml': parameters } })
    await kubectl('patch', 'configmap', 'nifi-parameter-contexts-desired', '--type=merge', '--patch', patch)
    await more((await documents()) + 300, 30_000)
    assert.equal(await group(), flow)
  })

  it('loses none and doubles none while Elasticsearch is killed', async () => {
    const node = (await record()).children.find(({ name }) => name === 'elasticsearch')
    assert.ok(node)
    const before = await documents()
    process.kill(node.pid, 'SIGKILL')
    await waitUntil(async () => !(await isRunning(node)), { what: 'its end', deadlineMs: 10_000 })
    // `up` starts it again by itself.
    await more(before + 1_000, 120_000)

    // The source stops; nobody starts it again meanwhile. What is under way arrives.
    await kubectl('annotate', 'configmap', 'nifi-flows-desired', 'infometis.io/suspend=true')
    const { id, revision } = await generator()
    const stop = await fetch(`${addresses['NIFI_URL'] ?? ''}/nifi-api/processors/${id}/run-status`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ revision, state: 'STOPPED' }),
    })
    assert.equal(stop.status, 200)
    const path = `/flow/process-groups/${await group()}/status`
    const isStill = async (): Promise<boolean> => {
      const { flowFilesQueued, activeThreadCount } = status.parse(await nifi(path)).processGroupStatus
        .aggregateSnapshot
      return flowFilesQueued === 0 && activeThreadCount === 0
    }
    await waitUntil(isStill, { what: 'every queue to be empty', deadlineMs: 60_000, everyMs: 500 })
    const { flowFilesOut } = (await generator()).status.aggregateSnapshot
    assert.ok(flowFilesOut > 1_000)
    assert.equal(await documents(), flowFilesOut)
  })
})
