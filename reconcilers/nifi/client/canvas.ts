import { ReconcileError } from '../../../src/errors.ts'
import type { Sought } from '../../../src/reconcile/service-client.ts'
import { readMarker } from '../marker.ts'
import type { Flow } from '../resource.ts'
import { type CanvasStatus, type GroupStatus, groupsAt, readCanvasStatus } from './canvas-status.ts'
import { accepted, isMissing } from './failures.ts'
import { at, listAt, numberAt, textAt } from './members.ts'
import { inParallel } from '../../../src/client/parallel.ts'
import type { Wire } from './wire.ts'

/** A process group as its parent lists it. */
export interface Group {
  readonly id: string
  readonly name: string
  readonly parentId: string
  /** The marker included. */
  readonly comments: string
  /** The entry whose flow this is, by its marker. */
  readonly entry: string | undefined
  readonly revision: number
  /** `registry/bucket/flow@version`. */
  readonly versionControl: string | undefined
}

/** Why a flow cannot be: the code of a rule, and a sentence. */
export interface Objection {
  readonly code: string
  readonly message: string
}

/** The group of a flow, and others that could be meant as well. */
export interface Found {
  readonly group: Group
  readonly rivals: readonly string[]
}

const listsAtOnce = 4

/** Unmarked groups with groups in them that a search looks into: more would be another flow in each of a thousand folders. */
const mostSearched = 2_000

/** One look at the canvas: what is asked twice during it is read once. Nothing outlives it. */
export class Canvas {
  readonly status: CanvasStatus
  readonly #wire: Wire
  readonly #signal: AbortSignal
  readonly #lists = new Map<string, Promise<readonly Group[]>>()
  #marked: Promise<ReadonlyMap<string, readonly Group[]>> | undefined

  private constructor(wire: Wire, status: CanvasStatus, signal: AbortSignal) {
    this.#wire = wire
    this.status = status
    this.#signal = signal
  }

  static async read(wire: Wire, signal: AbortSignal): Promise<Canvas> {
    return new Canvas(wire, await readCanvasStatus(wire, signal), signal)
  }

  /**
   * By id where that is known, by the marker wherever the group stands, or by the name where it is to stand: the last is somebody
   * else's group, to be adopted. A name of which nothing else is known is looked for right below the root. What is no longer written
   * and bears no marker was let go: it is nobody's.
   */
  async find(name: string, sought: Sought<Flow> | undefined): Promise<Found | undefined> {
    const known = sought?.id === undefined ? undefined : await this.#byId(sought.id)
    if (known !== undefined && (known.entry !== undefined || sought?.desired !== undefined))
      return { group: known, rivals: [] }
    return chosen((await this.marked()).get(name) ?? []) ?? chosen(await this.#byName(name, sought))
  }

  /** By entry where a marker says it, else by the group's name. */
  async names(): Promise<readonly string[]> {
    const marked = [...(await this.marked()).keys()]
    const others = (await this.groupsIn(this.status.root.id)).filter(({ entry }) => entry === undefined)
    return [...new Set([...marked, ...others.map(({ name }) => name)])]
  }

  /** The id of the group at these names from the root downwards. Throws where several are meant: which one is nobody's to guess. */
  place(path: readonly string[]): string | undefined {
    const [group, ...more] = groupsAt(this.status, path)
    if (more.length === 0) return group?.id
    throw new ReconcileError(
      'RejectedByServer',
      `${more.length + 1} process groups are called ${path.join('/')}: rename all but one`,
    )
  }

  /** Why no flow can be put where these names lead to. A flow's own group is no place: what stands in it would be that flow's. */
  async objectionTo(path: readonly string[]): Promise<Objection | undefined> {
    const [group, ...more] = groupsAt(this.status, path)
    const named = ['root', ...path].join('/')
    if (group === undefined) return { code: 'ParentMissing', message: `there is no process group ${named}` }
    if (more.length > 0) {
      return { code: 'ParentMissing', message: `${more.length + 1} process groups are called ${named}` }
    }
    const flow = await this.#flowAround(group)
    if (flow === undefined) return undefined
    return { code: 'InsideAnotherFlow', message: `${named} is in the process group of the flow ${flow}` }
  }

  async #flowAround(group: GroupStatus): Promise<string | undefined> {
    if (group.parent === undefined) return undefined
    const listed = (await this.groupsIn(group.parent.id)).find(({ id }) => id === group.id)
    return listed?.entry ?? this.#flowAround(group.parent)
  }

  /** The groups in this one. */
  async groupsIn(parentId: string): Promise<readonly Group[]> {
    let list = this.#lists.get(parentId)
    if (list === undefined) {
      list = listGroups(this.#wire, parentId, this.#signal)
      this.#lists.set(parentId, list)
    }
    return list
  }

  /** Groups that bear a marker, by entry. Nobody looks for one inside another: what stands in a flow is the flow's. */
  async marked(): Promise<ReadonlyMap<string, readonly Group[]>> {
    this.#marked ??= this.#search()
    return this.#marked
  }

  async #search(): Promise<ReadonlyMap<string, readonly Group[]>> {
    const found: Group[] = []
    let level: readonly GroupStatus[] = [this.status.root]
    for (let searched = 0; level.length > 0;) {
      searched += level.length
      if (searched > mostSearched) throw tooMany()
      const groups = (await inParallel(level, listsAtOnce, async ({ id }) => this.groupsIn(id))).flat()
      found.push(...groups.filter(({ entry }) => entry !== undefined))
      level = groups
        .filter(({ entry }) => entry === undefined)
        .map(({ id }) => this.status.groups.get(id))
        .filter((group) => group !== undefined)
        .filter((group) => group.groups.length > 0)
    }
    return Map.groupBy(found, ({ entry = '' }) => entry)
  }

  async #byId(id: string): Promise<Group | undefined> {
    const parentId = this.status.groups.get(id)?.parent?.id
    if (parentId === undefined) return undefined
    return (await this.groupsIn(parentId)).find((group) => group.id === id)
  }

  async #byName(name: string, sought: Sought<Flow> | undefined): Promise<readonly Group[]> {
    const options = sought?.desired?.options
    // An id that is not there any more, and nothing written: it was ours and is gone.
    if (options === undefined && sought?.id !== undefined) return []
    const { groupName, parent } = options ?? { groupName: name, parent: [] }
    const places = groupsAt(this.status, parent).filter(({ groups }) =>
      groups.some((each) => each.name === groupName),
    )
    const listed = await inParallel(places, listsAtOnce, async ({ id }) => this.groupsIn(id))
    return listed.flat().filter((group) => group.name === groupName && group.entry === undefined)
  }
}

function chosen(groups: readonly Group[]): Found | undefined {
  const [group, ...rivals] = groups.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  return group && { group, rivals: rivals.map(({ id }) => id) }
}

async function listGroups(wire: Wire, parentId: string, signal: AbortSignal): Promise<readonly Group[]> {
  const path = `/process-groups/${encodeURIComponent(parentId)}/process-groups`
  const answer = await wire.send({ method: 'GET', path }, signal)
  // It was there when the canvas was read.
  if (isMissing(answer)) return []
  return listAt(accepted(answer, 'listing process groups'), 'processGroups').map(readGroup)
}

/** Of what may not be read NiFi tells the id alone. */
function readGroup(entity: unknown): Group {
  const component = at(entity, 'component')
  const comments = textAt(component, 'comments')
  const { marker } = readMarker(comments)
  return {
    id: textAt(entity, 'id'),
    name: textAt(component, 'name'),
    parentId: textAt(component, 'parentGroupId'),
    comments,
    entry: marker?.type === 'flows' ? marker.name : undefined,
    revision: numberAt(entity, 'revision', 'version'),
    versionControl: versionControl(at(component, 'versionControlInformation')),
  }
}

/** Of a group itself (`versionControlInformation`), or of one in a definition (`versionedFlowCoordinates`). */
export function versionControl(told: unknown): string | undefined {
  if (told === undefined || told === null) return undefined
  const first = (...names: readonly string[]) =>
    names.map((name) => textAt(told, name)).find((text) => text !== '')
  const registry = first('registryName', 'registryId', 'storageLocation') ?? 'a registry'
  const bucket = first('bucketName', 'bucketId') ?? ''
  const flow = first('flowName', 'flowId') ?? ''
  const version = at(told, 'version')
  const versioned = typeof version === 'string' || typeof version === 'number' ? `@${version}` : ''
  return `${registry}/${bucket}/${flow}${versioned}`
}

function tooMany(): ReconcileError {
  return new ReconcileError(
    'NotSupportedByServer',
    `more than ${mostSearched} process groups hold others: they are not searched for the flow; give InfoMetis a user who sees fewer`,
  )
}
