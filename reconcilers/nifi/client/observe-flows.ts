import { isObject, own } from '../../../src/core/json.ts'
import { ReconcileError } from '../../../src/errors.ts'
import type { Sought } from '../../../src/reconcile/service-client.ts'
import { componentsOf, groupsOf } from '../definition/components.ts'
import { observedFlow, parentPath } from '../normalize.ts'
import type { Flow, FlowFacts, Snapshot } from '../resource.ts'
import { type Bulletins, readBulletins } from './bulletins.ts'
import { Canvas, type Found } from './canvas.ts'
import { pathOf } from './canvas-status.ts'
import { accepted, isMissing } from './failures.ts'
import { readFaults, serviceFaults } from './faults.ts'
import { type FlowState, controlOf, flowState, runningOf, stoppedOf } from './flow-facts.ts'
import { healthOf } from './health.ts'
import { textAt } from './members.ts'
import { inParallel } from '../../../src/client/parallel.ts'
import { type ServiceStatus, readServices } from './services.ts'
import { outerPorts, readConnectedPorts } from './used-ports.ts'
import type { Wire } from './wire.ts'

/** Flows that are looked at at once: each download is work for the server. */
const flowsAtOnce = 4

type Names = ReadonlyMap<string, Sought<Flow> | undefined>

/** One look at flows by name: what exists of them, each as it is now. */
export async function observeFlows(
  wire: Wire,
  version: string,
  names: Names,
  signal: AbortSignal,
): Promise<readonly Flow[]> {
  const [canvas, bulletins] = await Promise.all([Canvas.read(wire, signal), readBulletins(wire, signal)])
  const look = new FlowLook({ wire, version, canvas, bulletins, signal })
  const flows = await inParallel([...names], flowsAtOnce, async ([name, sought]) => look.at(name, sought))
  return flows.filter((flow) => flow !== undefined)
}

interface Sight {
  readonly wire: Wire
  readonly version: string
  readonly canvas: Canvas
  readonly bulletins: ReadonlyMap<string, Bulletins>
  readonly signal: AbortSignal
}

class FlowLook {
  readonly #sight: Sight
  /** Ids of ports that connections use, by the group that the connections stand in. */
  readonly #ports = new Map<string, Promise<ReadonlySet<string>>>()

  constructor(sight: Sight) {
    this.#sight = sight
  }

  async at(name: string, sought: Sought<Flow> | undefined): Promise<Flow | undefined> {
    const found = await this.#sight.canvas.find(name, sought)
    if (found === undefined) return undefined
    const download = await this.#download(found.group.id)
    if (download === undefined) return undefined
    const services = await this.#services(found.group.id, download)
    const state = flowState(download, this.#status(found), services)
    const running = runningOf(state)
    const stopped = stoppedOf(state, services)
    const faults = await this.#faults(state, services)
    const facts: FlowFacts = {
      groupId: found.group.id,
      parentId: found.group.parentId,
      revision: found.group.revision,
      marked: found.group.entry === name,
      versionControl: controlOf(found, download),
      rivals: found.rivals,
      instances: state.instances,
      queues: state.queues,
      running,
      stopped,
      invalid: new Map([...faults].map(([identifier, { errors }]) => [identifier, errors])),
      usedPorts: await this.#usedPorts(found, download),
    }
    const desired = sought?.desired
    const flow = observedFlow(this.#group(name, found, download), download, facts, desired)
    const activeThreads = this.#status(found)?.activeThreads ?? 0
    const { bulletins } = this.#sight
    return { ...flow, ...healthOf({ state, faults, bulletins, running, stopped, activeThreads, desired }) }
  }

  #group(name: string, { group }: Found, download: Snapshot): Parameters<typeof observedFlow>[0] {
    const parent = this.#sight.canvas.status.groups.get(group.parentId)
    return {
      name,
      groupName: group.name,
      parent: parentPath(parent === undefined ? [] : pathOf(parent)),
      comments: group.comments,
      contexts: contextsOf(download),
      spelledBy: this.#sight.version,
    }
  }

  #status({ group }: Found) {
    return this.#sight.canvas.status.groups.get(group.id)
  }

  /** Undefined: it went while it was looked for. */
  async #download(groupId: string): Promise<Snapshot | undefined> {
    const { wire, signal } = this.#sight
    const path = `/process-groups/${encodeURIComponent(groupId)}/download`
    const answer = await wire.send({ method: 'GET', path }, signal)
    if (isMissing(answer)) return undefined
    const body = accepted(answer, 'downloading the flow definition')
    if (isSnapshot(body)) return body
    throw new ReconcileError('NotSupportedByServer', `GET ${path} answered with what is no flow definition`)
  }

  async #services(groupId: string, download: Snapshot): Promise<readonly ServiceStatus[]> {
    const has = [...componentsOf(download).values()].some(({ kind }) => kind === 'controller-service')
    return has ? readServices(this.#sight.wire, groupId, this.#sight.signal) : []
  }

  async #faults(state: FlowState, services: readonly ServiceStatus[]) {
    const invalid = state.standing.filter((each) => each.state === 'Invalid')
    const faults = await readFaults(this.#sight.wire, invalid, this.#sight.signal)
    return new Map([...faults, ...serviceFaults(state.standing, services)])
  }

  async #usedPorts({ group }: Found, download: Snapshot): Promise<ReadonlySet<string>> {
    const ports = outerPorts(download)
    const around = this.#sight.canvas.status.groups.get(group.parentId)
    if (ports.size === 0 || around === undefined || around.connections.length === 0) return new Set()
    const connected = await this.#connectedPorts(group.parentId)
    return new Set([...ports].filter(([, id]) => connected.has(id)).map(([identifier]) => identifier))
  }

  async #connectedPorts(groupId: string): Promise<ReadonlySet<string>> {
    let ports = this.#ports.get(groupId)
    if (ports === undefined) {
      ports = readConnectedPorts(this.#sight.wire, groupId, this.#sight.signal)
      this.#ports.set(groupId, ports)
    }
    return ports
  }
}

function isSnapshot(body: unknown): body is Snapshot {
  return isObject(own(body, 'flowContents'))
}

/** Which context is bound to which group, by the group's path. */
function contextsOf(download: Snapshot): ReadonlyMap<string, string> {
  return new Map(
    groupsOf(download)
      .map(({ path, json }) => [path, textAt(json, 'parameterContextName')] as const)
      .filter(([, context]) => context !== ''),
  )
}
