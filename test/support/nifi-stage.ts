import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { NifiClient } from '../../reconcilers/nifi/client/nifi-client.ts'
import type { Wire } from '../../reconcilers/nifi/client/wire.ts'
import { NifiReconciler } from '../../reconcilers/nifi/reconciler.ts'
import type { NifiResource } from '../../reconcilers/nifi/resource.ts'
import type { Controls } from '../../src/reconcile/written.ts'
import { Crash, Desk } from './desk.ts'
import { type Moment, MortalWire } from './nifi-mortal-wire.ts'

/** Entries of the two documents. Absent: the document is as it was. */
export interface Documents {
  readonly contexts?: Readonly<Record<string, unknown>>
  readonly flows?: Readonly<Record<string, unknown>>
}

/** A moment around a request, or around a write of what the reconciler keeps, by number from the last `live`. */
export interface Death {
  readonly at: number
  readonly moment: Moment
}

/** The whole reconciler of NiFi at a desk, as a process that can be killed, and started again without all that it knew. */
export class Stage {
  readonly desk: Desk<NifiResource>
  /** Moments since the last `live`, and the first of them at which something was to be written to NiFi. */
  moments = 0
  firstWrite: number | undefined
  dead = false
  readonly #newWire: () => Wire
  readonly #passesTime: boolean
  readonly #documents = new Set<string>()
  #death: Death | undefined
  #atFirstWrite: () => void = () => undefined

  /** `hurry`: waiting takes no time, only the clock goes on. */
  constructor(newWire: () => Wire, { hurry = false }: { readonly hurry?: boolean } = {}) {
    this.#newWire = newWire
    this.#passesTime = !hurry
    this.desk = new Desk(new NifiReconciler(), () => this.#newClient())
  }

  write(documents: Documents, controls: Partial<Controls> = {}): void {
    const { contexts, flows } = documents
    if (contexts !== undefined) this.#write('parameter-contexts', contexts, controls)
    if (flows !== undefined) this.#write('flows', flows, controls)
  }

  #write(type: string, entries: Readonly<Record<string, unknown>>, controls: Partial<Controls>): void {
    this.desk.write(type, type, entries, { controls })
    this.#documents.add(type)
  }

  /** From now on moments are counted; at one of them it dies. */
  live(death?: Death, atFirstWrite: () => void = () => undefined): void {
    this.#death = death
    this.#atFirstWrite = atFirstWrite
    this.moments = 0
    this.firstWrite = undefined
    this.dead = false
    this.desk.tap = ({ what }, moment) => {
      if (what === 'save' && this.#dies(moment)) throw new Crash()
    }
  }

  /** Dies then, and not when it was to. */
  doom(death: Death): void {
    this.#death = death
  }

  /** Passes until nothing is left to be done, or the process is dead. */
  async settle(where: string, ms = 60_000): Promise<void> {
    const now = () => (this.#passesTime ? Date.now() : this.desk.elapsed)
    const end = now() + ms
    for (;;) {
      const open: string[] = []
      for (const name of this.#documents) {
        const result = await this.desk.reconcile(name)
        if (this.dead) return
        const { message = '' } = this.desk.states.get(`team/${name}`) ?? {}
        if (result.kind === 'terminal') assert.fail(`${where}: ${name}: ${message}`)
        if (result.kind !== 'done') open.push(`${name}: ${message}`)
      }
      if (open.length === 0) return
      if (now() > end) assert.fail(`${where}: no end: ${open.join('; ')}`)
      await this.#pause(100)
    }
  }

  /** The next process: it finds what was kept, and NiFi. */
  async restart(): Promise<void> {
    await this.desk.restart()
    this.live()
  }

  async close(): Promise<void> {
    await this.desk.close()
  }

  #newClient(): NifiClient {
    const wire = new MortalWire(this.#newWire(), (moment, _, { method }) => {
      const dies = this.#dies(moment)
      if (moment === 'before' && method !== 'GET') this.#writes()
      return dies
    })
    const now = () => Date.now() + this.desk.elapsed
    return new NifiClient(wire, { now, pause: async (ms) => this.#pause(ms) })
  }

  #writes(): void {
    if (this.firstWrite !== undefined) return
    this.firstWrite = this.moments
    this.#atFirstWrite()
  }

  async #pause(ms: number): Promise<void> {
    if (this.#passesTime) await pause(ms)
    else this.desk.elapsed += ms
  }

  #dies(moment: Moment): boolean {
    if (moment === 'before') this.moments += 1
    const death = this.#death
    if (death !== undefined && moment === death.moment && this.moments >= death.at) this.dead = true
    return this.dead
  }
}
