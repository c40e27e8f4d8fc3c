import type { BareHttp } from './bare-http.ts'
import { changing, flowDefinition, valueIn, withValue, type Download } from './flows.ts'
import { inParallel } from '../../src/client/parallel.ts'
import { waitFor } from './waiting.ts'

/** A process group as the status of the canvas shows it. */
interface GroupStatus {
  readonly id: string
  readonly name: string
  readonly processorStatusSnapshots: readonly { readonly processorStatusSnapshot: ProcessorStatus }[]
  readonly processGroupStatusSnapshots: readonly { readonly processGroupStatusSnapshot: GroupStatus }[]
}

export interface ProcessorStatus {
  readonly id: string
  readonly name: string
  /** NiFi's word: Running, Stopped, Invalid, Validating, Disabled. */
  readonly runStatus: string
}

/** Where a flow stands, and its processor that is changed. */
interface Site {
  readonly groupId: string
  readonly processorId: string
}

interface Replace {
  readonly request: {
    readonly requestId: string
    readonly complete: boolean
    readonly failureReason?: string | null
  }
}

const clientId = 'infometis-bench'
const deadlineMs = 60_000
const pollMs = 10

/** NiFi's REST API without anything around it: the fewest calls that do the work. */
export class BareCanvas {
  readonly #http: BareHttp
  readonly #signal: AbortSignal
  readonly #sites = new Map<string, Site>()
  readonly #downloads = new Map<string, Download>()

  constructor(http: BareHttp, signal: AbortSignal) {
    this.#http = http
    this.#signal = signal
  }

  /** An import of each, and all are started. */
  async create(names: readonly string[]): Promise<void> {
    const root = (await this.#status('root')).id
    for (const name of names) {
      const { id } = (await this.#http.must('POST', `/process-groups/${root}/process-groups/import`, {
        groupId: root,
        groupName: name,
        positionDTO: { x: 0, y: 0 },
        revisionDTO: { clientId, version: 0 },
        disconnectedNodeAcknowledged: false,
        flowSnapshot: flowDefinition(name),
      })) as { readonly id: string }
      await this.#valid(id)
      await this.#http.must('PUT', `/flow/process-groups/${id}`, { id, state: 'RUNNING' })
    }
  }

  /** One status of the canvas, one listing of its groups, a download of each. `width` at a time. */
  async readAll(names: readonly string[], width: number): Promise<void> {
    await this.#find(names)
    const paths = ['/flow/process-groups/root/status?recursive=true', '/process-groups/root/process-groups']
    for (const name of names) paths.push(`/process-groups/${(await this.#site(name)).groupId}/download`)
    await inParallel(paths, width, async (path) => this.#http.must('GET', path))
  }

  /** The values of those flows whose changed processor runs. */
  async values(names: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>()
    await this.#find(names)
    await inParallel(names, 4, async (name) => {
      const site = this.#sites.get(name)
      if (site === undefined) return
      const { status, component } = (await this.#http.must('GET', `/processors/${site.processorId}`)) as {
        readonly status: { readonly runStatus: string }
        readonly component: { readonly config: { readonly properties: Readonly<Record<string, string>> } }
      }
      if (status.runStatus === 'Running') found.set(name, valueIn(component.config.properties))
    })
    return found
  }

  /** One replace-request of the group, followed to its end. NiFi stops and starts what it has to. */
  async set(name: string, value: number): Promise<void> {
    const { groupId } = await this.#site(name)
    const proposal = withValue(await this.#download(name, groupId), name, value)
    const { revision } = (await this.#http.must('GET', `/process-groups/${groupId}`)) as {
      readonly revision: { readonly version: number }
    }
    const sent = (await this.#http.must('POST', `/process-groups/${groupId}/replace-requests`, {
      processGroupRevision: { clientId, version: revision.version },
      disconnectedNodeAcknowledged: false,
      versionedFlowSnapshot: proposal,
    })) as Replace
    const path = `/process-groups/replace-requests/${sent.request.requestId}`
    const over = async (): Promise<Replace['request'] | undefined> => {
      const { request } = (await this.#http.must('GET', path)) as Replace
      return request.complete ? request : undefined
    }
    const wait = { what: `the replace of ${name}`, deadlineMs, everyMs: pollMs, signal: this.#signal }
    const { failureReason = null } = await waitFor(over, wait)
    await this.#http.must('DELETE', path)
    if (failureReason !== null) throw new Error(`the replace of ${name} failed: ${failureReason}`)
  }

  /** The id of the processor that is changed. */
  async changing(name: string): Promise<string> {
    return (await this.#site(name)).processorId
  }

  /** Every processor of the flow, those in its groups too. */
  async processors(name: string): Promise<readonly ProcessorStatus[]> {
    return processorsIn(await this.#status((await this.#site(name)).groupId))
  }

  /** What NiFi has imported it validates for a while, and starts nothing meanwhile. */
  async #valid(groupId: string): Promise<void> {
    const all = async (): Promise<true | undefined> =>
      processorsIn(await this.#status(groupId)).every(({ runStatus }) => runStatus === 'Stopped') || undefined
    await waitFor(all, { what: 'validation', deadlineMs, everyMs: pollMs, signal: this.#signal })
  }

  async #status(groupId: string): Promise<GroupStatus> {
    const path = `/flow/process-groups/${groupId}/status?recursive=true`
    const { processGroupStatus } = (await this.#http.must('GET', path)) as {
      readonly processGroupStatus: { readonly aggregateSnapshot: GroupStatus }
    }
    return processGroupStatus.aggregateSnapshot
  }

  async #site(name: string): Promise<Site> {
    await this.#find([name])
    const site = this.#sites.get(name)
    if (site === undefined) throw new Error(`there is no flow ${name}`)
    return site
  }

  /** Once for each that is there. */
  async #find(names: readonly string[]): Promise<void> {
    if (names.every((name) => this.#sites.has(name))) return
    const { processGroupStatusSnapshots: groups } = await this.#status('root')
    for (const { processGroupStatusSnapshot: group } of groups) {
      const title = `${group.name} ${changing}`
      const processor = processorsIn(group).find(({ name }) => name === title)
      if (processor !== undefined)
        this.#sites.set(group.name, { groupId: group.id, processorId: processor.id })
    }
  }

  async #download(name: string, groupId: string): Promise<Download> {
    const known = this.#downloads.get(name)
    if (known !== undefined) return known
    const download = (await this.#http.must('GET', `/process-groups/${groupId}/download`)) as Download
    this.#downloads.set(name, download)
    return download
  }
}

function processorsIn(group: GroupStatus): readonly ProcessorStatus[] {
  const within = group.processGroupStatusSnapshots.flatMap((each) =>
    processorsIn(each.processGroupStatusSnapshot),
  )
  return [...group.processorStatusSnapshots.map((each) => each.processorStatusSnapshot), ...within]
}
