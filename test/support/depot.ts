import type { Change, Json, Resource } from '../../src/core/resource.ts'
import type { Canonical, Outcome, ServerInfo, ServiceClient } from '../../src/reconcile/service-client.ts'

/** A box or a rack of the depot, desired or observed. */
export interface Item extends Resource {
  /** Desired only: a box may be replaced by one of another size without asking. */
  readonly free?: boolean
  /** Observed only, of boxes: the box that the next one would be, and whether it is being filled. */
  readonly next?: { readonly name: string; readonly begun: boolean }
}

interface Thing {
  readonly id: string
  readonly fields: Map<string, Json>
  /** How often it was worked at, while it is being filled. */
  turns?: number
}

/** Whoever takes a box of another size leaves the old one where it is. */
export const turnsOfReplace = 3

/**
 * The server of a service with everything that Kafka has not: two types, one of which needs the other; documents that are written
 * whole; a spelling of its own; fields that cannot be removed; and boxes whose size cannot be changed, so that their name moves on to
 * another box, in several turns.
 */
export class Depot {
  readonly racks = new Map<string, Thing>()
  /** Racks of which only the name can be seen. */
  readonly unreadable = new Set<string>()
  /** By their own name: `crate-1`. */
  readonly boxes = new Map<string, Thing>()
  /** Name → the box that bears it. */
  readonly labels = new Map<string, string>()
  /** Called before each write; may throw, which is a crash of whoever asked for it. */
  beforeWrite: () => void = () => undefined
  writes = 0
  /** What is told of each update and replace. */
  note = 'nobody could reach in for 0.1 s'
  #made = 0

  /** A write, unless whoever asks for it dies before. */
  write(act: () => void): void {
    this.beforeWrite()
    this.writes += 1
    act()
  }

  thing(fields: Iterable<readonly [string, Json]>): Thing {
    this.#made += 1
    return { id: `id${this.#made}`, fields: new Map(fields) }
  }
}

export class DepotClient implements ServiceClient<Item> {
  readonly #depot: Depot

  constructor(depot: Depot) {
    this.#depot = depot
  }

  async ping(): Promise<ServerInfo> {
    return { version: '1', clusterId: 'depot' }
  }

  async list(type: string): Promise<readonly string[]> {
    const { racks, boxes, labels } = this.#depot
    return type === 'racks' ? [...racks.keys()] : [...labels.keys(), ...boxes.keys()]
  }

  async observe(type: string, names: readonly string[]): Promise<readonly Item[]> {
    return names.flatMap((name) => (type === 'racks' ? this.#rack(name) : this.#box(name)) ?? [])
  }

  /** Colours are kept in lower case, and there is no mauve. */
  async canonical(desired: readonly Item[]): Promise<readonly Canonical<Item>[]> {
    return desired.map((each) => {
      const colour = each.fields.get('colour')
      if (colour === 'mauve') return { ok: false, code: 'RejectedByServer', message: 'there is no mauve' }
      if (typeof colour !== 'string') return { ok: true, desired: each }
      return {
        ok: true,
        desired: { ...each, fields: new Map(each.fields).set('colour', colour.toLowerCase()) },
      }
    })
  }

  async apply(changes: readonly Change<Item>[]): Promise<readonly Outcome[]> {
    return changes.map((change) =>
      change.type === 'racks' ? this.#applyRack(change) : this.#applyBox(change),
    )
  }

  async close(): Promise<void> {}

  #rack(name: string): Item | undefined {
    const rack = this.#depot.racks.get(name)
    if (rack === undefined) return undefined
    if (this.#depot.unreadable.has(name))
      return { type: 'racks', name, id: rack.id, fields: new Map(), unread: true }
    const fields = new Map(rack.fields)
    const original = {
      text: JSON.stringify(Object.fromEntries(fields)),
      by: 'the keeper',
      at: '2026-01-01T00:00:00Z',
    }
    return { type: 'racks', name, id: rack.id, fields, original }
  }

  #box(name: string): Item | undefined {
    const { boxes, labels } = this.#depot
    const own = labels.get(name) ?? name
    const box = boxes.get(own)
    if (box === undefined) return undefined
    const next = nextOf(own)
    const begun = boxes.get(next)?.turns !== undefined
    const fields = new Map(box.fields).set('box', own)
    const explicit = new Set(begun ? fields.keys() : box.fields.keys())
    const permanent = new Set([...fields.keys()].filter((path) => path.startsWith('tag.')))
    return { type: 'boxes', name, id: box.id, fields, explicit, permanent, next: { name: next, begun } }
  }

  #applyRack({ action, name, desired }: Change<Item>): Outcome {
    const { racks } = this.#depot
    if (action === 'delete') this.#depot.write(() => racks.delete(name))
    else {
      const id = racks.get(name)?.id
      const thing = this.#depot.thing(desired?.fields ?? [])
      this.#depot.write(() => racks.set(name, { ...thing, id: id ?? thing.id }))
    }
    return { state: 'done' }
  }

  #applyBox(change: Change<Item>): Outcome {
    const { name, action, desired } = change
    if (Number(desired?.fields.get('size')) > 100)
      return { state: 'failed', reason: 'RejectedByServer', message: 'no box is that large' }
    if (!this.#racked(desired))
      return { state: 'failed', reason: 'RejectedByServer', message: 'there is no such rack' }
    if (action === 'create') return this.#create(name, desired)
    if (action === 'delete') return this.#remove(name)
    this.#setInPlace(change)
    return action === 'replace' ? this.#replace(change) : { state: 'done', note: this.#depot.note }
  }

  #racked(desired: Item | undefined): boolean {
    const rack = desired?.fields.get('rack')
    return typeof rack !== 'string' || this.#depot.racks.has(rack)
  }

  #create(name: string, desired: Item | undefined): Outcome {
    const { boxes, labels } = this.#depot
    this.#depot.write(() => {
      boxes.set(`${name}-1`, this.#depot.thing(desired?.fields ?? []))
      labels.set(name, `${name}-1`)
    })
    return { state: 'done' }
  }

  #remove(name: string): Outcome {
    const { boxes, labels } = this.#depot
    this.#depot.write(() => {
      boxes.delete(labels.get(name) ?? name)
      labels.delete(name)
    })
    return { state: 'done' }
  }

  #setInPlace({ name, fields, action }: Change<Item>): void {
    const { boxes, labels } = this.#depot
    const own = labels.get(name) ?? name
    for (const { path, after } of fields) {
      if (path === 'box' && after === undefined) this.#depot.write(() => boxes.delete(nextOf(own)))
      if (path === 'box' || (path === 'size' && action === 'replace')) continue
      const box = boxes.get(own)
      if (after === undefined) this.#depot.write(() => box?.fields.delete(path))
      else this.#depot.write(() => box?.fields.set(path, after))
    }
  }

  /** One turn of it: begin to fill the next box, fill it, hand the label over. */
  #replace({ name, desired, observed }: Change<Item>): Outcome {
    const { boxes, labels } = this.#depot
    const next = observed?.next?.name ?? ''
    const turns = boxes.get(next)?.turns ?? 0
    const thing = turns === 0 ? this.#depot.thing(desired?.fields ?? []) : boxes.get(next)
    if (thing === undefined || turns < turnsOfReplace) {
      this.#depot.write(() => boxes.set(next, { ...(thing ?? this.#depot.thing([])), turns: turns + 1 }))
      return { state: 'pending', message: `moved ${turns + 1} of ${turnsOfReplace} things` }
    }
    this.#depot.write(() => {
      boxes.set(next, { id: thing.id, fields: new Map(desired?.fields) })
      labels.set(name, next)
    })
    return { state: 'done', id: thing.id, note: this.#depot.note }
  }
}

/** `crate-1` → `crate-2`. */
function nextOf(box: string): string {
  const dash = box.lastIndexOf('-')
  return `${box.slice(0, dash)}-${Number(box.slice(dash + 1)) + 1}`
}
