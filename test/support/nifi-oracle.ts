import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { own } from '../../src/core/json.ts'
import type { AskNifi } from './nifi-bystander.ts'

const standard = { group: 'org.apache.nifi', artifact: 'nifi-standard-nar', version: '2.3.0' }

/** A generator beside a flow. */
export interface Feed {
  /** FlowFiles that have not come into the flow yet. */
  waiting(): Promise<number>
  remove(): Promise<void>
}

/** NiFi's own word for what is where, over another way than the client under test. */
export class NifiOracle {
  readonly #ask: AskNifi

  constructor(ask: AskNifi) {
    this.#ask = ask
  }

  /** The body of an answer; throws NiFi's words where it refused. */
  async ask(method: Parameters<AskNifi>[0], path: string, body?: unknown): Promise<unknown> {
    const answer = await this.#ask(method, path, body)
    if (answer.status < 300) return answer.body
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  }

  /** How often a counter of this name has counted. */
  async counted(name: string): Promise<number> {
    const body = await this.ask('GET', '/counters')
    return (
      listAt(body, 'counters', 'aggregateSnapshot', 'counters')
        // Beside those of single processors.
        .filter((counter) => own(counter, 'name') === name && /^All /.test(String(own(counter, 'context'))))
        .reduce<number>((sum, counter) => sum + Number(own(counter, 'valueCount')), 0)
    )
  }

  /** FlowFiles waiting in a group and below it; of the root: anywhere. */
  async queued(groupId = 'root'): Promise<number> {
    return Number((await this.#status(groupId))['flowFilesQueued'])
  }

  async activeThreads(groupId = 'root'): Promise<number> {
    return Number((await this.#status(groupId))['activeThreadCount'])
  }

  async #status(groupId: string): Promise<Readonly<Record<string, unknown>>> {
    const body = await this.ask('GET', `/flow/process-groups/${groupId}/status`)
    return at(body, 'processGroupStatus', 'aggregateSnapshot') as Readonly<Record<string, unknown>>
  }

  /** Name → state of the processors and ports right in a group. */
  async states(groupId: string): Promise<ReadonlyMap<string, string>> {
    const flow = at(await this.ask('GET', `/flow/process-groups/${groupId}`), 'processGroupFlow', 'flow')
    const components = ['processors', 'inputPorts', 'outputPorts'].flatMap((list) => listAt(flow, list))
    return new Map(
      components.map((each) => [
        String(at(each, 'component', 'name')),
        String(at(each, 'component', 'state')),
      ]),
    )
  }

  async download(groupId: string): Promise<unknown> {
    return this.ask('GET', `/process-groups/${groupId}/download`)
  }

  /** Waits until it is so; throws with what was there last. */
  async until(what: string, isSo: () => Promise<boolean>, ms = 90_000): Promise<void> {
    const end = Date.now() + ms
    while (!(await isSo())) {
      if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`)
      await pause(50)
    }
  }

  /** Puts exactly so many FlowFiles ahead of an input port of a flow: a generator beside it runs once. */
  async feed(groupId: string, portName: string, flowFiles: number): Promise<Feed> {
    const root = String(own(await this.ask('GET', '/process-groups/root'), 'id'))
    const ports = listAt(await this.ask('GET', `/process-groups/${groupId}/input-ports`), 'inputPorts')
    const port = ports.find((each) => at(each, 'component', 'name') === portName)
    const revision = { version: 0, clientId: 'oracle' }
    const generator = await this.ask('POST', `/process-groups/${root}/processors`, {
      revision,
      component: {
        type: 'org.apache.nifi.processors.standard.GenerateFlowFile',
        bundle: standard,
        name: `generator ${randomUUID()}`,
        config: { properties: { 'File Size': '0B', 'Batch Size': String(flowFiles) } },
      },
    })
    const id = String(own(generator, 'id'))
    const connection = await this.ask('POST', `/process-groups/${root}/connections`, {
      revision,
      component: {
        source: { id, groupId: root, type: 'PROCESSOR' },
        destination: { id: own(port, 'id'), groupId, type: 'INPUT_PORT' },
        selectedRelationships: ['success'],
        backPressureObjectThreshold: 0,
      },
    })
    await this.until('the generator is valid', async () => {
      const now = await this.ask('GET', `/processors/${id}`)
      return at(now, 'component', 'validationStatus') === 'VALID'
    })
    await this.ask('PUT', `/processors/${id}/run-status`, {
      revision: own(await this.ask('GET', `/processors/${id}`), 'revision'),
      state: 'RUN_ONCE',
    })
    const connectionId = String(own(connection, 'id'))
    await this.until('the generator has run', async () => {
      const now = await this.ask('GET', `/processors/${id}`)
      return (
        Number(at(now, 'status', 'aggregateSnapshot', 'flowFilesOut')) === flowFiles &&
        at(now, 'component', 'state') === 'STOPPED'
      )
    })
    return {
      waiting: async () => {
        const status = await this.ask('GET', `/flow/connections/${connectionId}/status`)
        return Number(at(status, 'connectionStatus', 'aggregateSnapshot', 'flowFilesQueued'))
      },
      remove: async () => {
        await this.ask('PUT', `/input-ports/${String(own(port, 'id'))}/run-status`, {
          revision: own(await this.ask('GET', `/input-ports/${String(own(port, 'id'))}`), 'revision'),
          state: 'STOPPED',
        })
        await this.#remove(`/connections/${connectionId}`)
        await this.#remove(`/processors/${id}`)
      },
    }
  }

  async #remove(path: string): Promise<void> {
    const version = String(at(await this.ask('GET', path), 'revision', 'version'))
    await this.ask('DELETE', `${path}?version=${version}&clientId=oracle`)
  }
}

export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((found, name) => own(found, name), value)
}

function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}
