import type { Priority } from './priority.ts'

export interface DelayedKey {
  readonly key: string
  /** On the clock of whoever owns this. */
  readonly due: number
  readonly priority: Priority
}

/**
 * Keys that wait for a time, earliest first. A binary heap with an index, so that a key is there once and can be taken
 * out: what is held is bounded by the number of keys, however often they are put in.
 */
export class DelayedKeys {
  readonly #heap: DelayedKey[] = []
  readonly #places = new Map<string, number>()

  get size(): number {
    return this.#heap.length
  }

  get first(): DelayedKey | undefined {
    return this.#heap[0]
  }

  get(key: string): DelayedKey | undefined {
    const place = this.#places.get(key)
    return place === undefined ? undefined : this.#heap[place]
  }

  /** Of two times for one key the earlier counts. */
  add(entry: DelayedKey): void {
    const known = this.get(entry.key)
    if (known !== undefined && known.due <= entry.due) return
    this.delete(entry.key)
    this.#heap.push(entry)
    this.#rise(this.#heap.length - 1)
  }

  delete(key: string): void {
    const place = this.#places.get(key)
    const last = this.#heap.at(-1)
    if (place === undefined || last === undefined) return
    this.#heap.pop()
    this.#places.delete(key)
    if (last.key === key) return
    this.#put(last, place)
    this.#sink(place)
    this.#rise(place)
  }

  clear(): void {
    this.#heap.length = 0
    this.#places.clear()
  }

  #put(entry: DelayedKey, place: number): void {
    this.#heap[place] = entry
    this.#places.set(entry.key, place)
  }

  #rise(start: number): void {
    const entry = this.#heap[start]
    if (entry === undefined) return
    let place = start
    while (place > 0) {
      const above = (place - 1) >> 1
      const parent = this.#heap[above]
      if (parent === undefined || parent.due <= entry.due) break
      this.#put(parent, place)
      place = above
    }
    this.#put(entry, place)
  }

  #sink(start: number): void {
    const entry = this.#heap[start]
    if (entry === undefined) return
    let place = start
    for (let child = this.#smallerChild(place); child !== undefined; child = this.#smallerChild(place)) {
      if (child.entry.due >= entry.due) break
      this.#put(child.entry, place)
      place = child.place
    }
    this.#put(entry, place)
  }

  #smallerChild(place: number): { readonly place: number; readonly entry: DelayedKey } | undefined {
    const left = this.#heap[2 * place + 1]
    const right = this.#heap[2 * place + 2]
    if (left === undefined) return undefined
    if (right !== undefined && right.due < left.due) return { place: 2 * place + 2, entry: right }
    return { place: 2 * place + 1, entry: left }
  }
}
