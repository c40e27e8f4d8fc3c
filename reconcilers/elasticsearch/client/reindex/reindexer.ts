import { canonicalJson } from '../../../../src/core/canonical.ts'
import type { Change } from '../../../../src/core/resource.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import type { Outcome } from '../../../../src/reconcile/service-client.ts'
import { placeFields } from '../../field-class.ts'
import { standing } from '../../resource.ts'
import type { Index } from '../../resource.ts'
import { permitAlias } from '../../markers.ts'
import { wholeCallReasons } from '../failures.ts'
import { applyInPlace } from '../in-place.ts'
import type { Wire } from '../wire.ts'
import { catchUp, sweepDeleted } from './catch-up.ts'
import { discardClones, staleClones } from './clone.ts'
import { copyAll, followPass } from './copy.ts'
import { haveReplicas } from './replicas.ts'
import { byId, readSite } from './site.ts'
import { switchOver } from './switch-over.ts'
import { discard, haveTarget } from './target.ts'
import { runningTasks } from './tasks.ts'
import { wishOf } from './wish.ts'
import { newNote, sourceOf, targetOf } from './work.ts'
import type { Note, Time, Work } from './work.ts'
import { releaseAfterCrash } from './write-block.ts'

/** One phase: undefined when it has nothing (more) to do and the next one follows; an outcome ends the call. */
type Phase = (work: Work) => Promise<Outcome | undefined>

/**
 * A reindex from its beginning to its end. Every call goes through all phases, and each finds out from the server whether its part is
 * done: whoever comes after a crash, at whatever step, goes on from there. Writers are held back in the last phase only.
 */
const phases: readonly Phase[] = [
  recognizeTheEnd,
  liftOldBlock,
  requireSource,
  changeInPlace,
  haveTarget,
  followPass,
  sweepDoubtful,
  copyAll,
  catchUp,
  sweepDeleted,
  haveReplicas,
  switchOver,
]

/** A reindex that nobody advanced for so long (milliseconds) does not keep others waiting. */
const turnMs = 60_000

/** Makes a new index behind an alias, while writers and readers go on. One at a time per cluster. */
export class Reindexer {
  readonly #wire: Wire
  readonly #time: Time
  /** By name. */
  readonly #notes = new Map<string, Note>()

  constructor(wire: Wire, time: Time) {
    this.#wire = wire
    this.#time = time
  }

  /**
   * Takes the reindex a step further; to be called about once a second with the same wish. `done` carries the new uuid. A call takes
   * seconds at most, except the one that holds writers back. Throws ReconcileError where the server did not answer.
   */
  async advance(change: Change<Index>, signal: AbortSignal): Promise<Outcome> {
    const note = this.#notes.get(change.name) ?? newNote()
    this.#notes.set(change.name, note)
    note.touched = this.#time.now()
    try {
      const waiting = await this.#waitForTurn(change.name, signal)
      if (waiting !== undefined) note.active = false
      if (waiting !== undefined) return waiting
      const outcome = await this.#goOn(change, note, signal)
      if (outcome.state === 'done') this.#notes.delete(change.name)
      note.active = outcome.state === 'pending' && note.notBefore <= note.touched
      return outcome
    } catch (error) {
      note.active = false
      signal.throwIfAborted()
      if (!(error instanceof ReconcileError) || wholeCallReasons.has(error.reason)) throw error
      return { state: 'failed', reason: error.reason, message: error.message }
    }
  }

  /** Gives up what was begun: writers go on, the unfinished copy goes. `pending` while a task still writes. */
  async abandon({ name }: Change<Index>, signal: AbortSignal): Promise<Outcome> {
    this.#notes.delete(name)
    const own = { wire: this.#wire, time: this.#time, signal }
    const site = await releaseAfterCrash(own, name)
    await discardClones(own, site)
    return (await discard({ ...own, site }, site.unfinished)) ?? { state: 'done' }
  }

  async #goOn(change: Change<Index>, note: Note, signal: AbortSignal): Promise<Outcome> {
    note.active = true
    const site = await readSite(this.#wire, change.name, signal)
    const work: Work = {
      wire: this.#wire,
      time: this.#time,
      change,
      wish: wishOf(change),
      note,
      signal,
      site,
    }
    for (const phase of phases) {
      const outcome = await phase(work)
      if (outcome !== undefined) return outcome
    }
    throw new TypeError('the last phase has no end')
  }

  /** Two copies at once would share the disks and take longer each; the one that began goes on. */
  async #waitForTurn(name: string, signal: AbortSignal): Promise<Outcome | undefined> {
    const now = this.#time.now()
    const [ahead] =
      [...this.#notes].find(
        ([other, note]) => other !== name && note.active && now - note.touched < turnMs,
      ) ?? []
    const tasks = ahead === undefined ? await runningTasks(this.#wire, signal) : []
    const other = ahead ?? tasks.find((task) => task.name !== name)?.name
    return other === undefined
      ? undefined
      : { state: 'pending', message: `waits for the reindex of ${other}` }
  }
}

/** The name stands for another index than the plan was made for, and an old one says that it was our swap. */
async function recognizeTheEnd({ site, wish }: Work): Promise<Outcome | undefined> {
  const [bearer] = site.bearers
  if (bearer?.name !== wish.target || bearer.uuid === wish.sourceId || site.rollbacks.length === 0)
    return undefined
  return { state: 'done', id: bearer.uuid }
}

async function liftOldBlock(work: Work): Promise<undefined> {
  const { site, wish } = work
  const permitted = site.indices.some(({ aliases }) => aliases.has(permitAlias(wish.name)))
  if (site.blocked.length > 0 || permitted) work.site = await releaseAfterCrash(work, wish.name)
  if (staleClones(work.site).length === 0) return
  await discardClones(work, work.site)
  work.site = await readSite(work.wire, wish.name, work.signal)
}

async function requireSource({ site, wish }: Work): Promise<undefined> {
  const source = byId(site, wish.sourceId)
  if (source !== undefined && site.bearers.length === 1 && site.bearers[0] === source) return
  const stands = site.bearers.map(({ name }) => name).join(', ') || 'no index'
  throw new ReconcileError(
    'ChangesFailed',
    `${wish.name} stands for ${stands} now, not for what the plan was made for: it is planned anew`,
  )
}

/** What the index itself can take does not wait for the copy. A refusal is told when the plan comes to it by itself. */
async function changeInPlace(work: Work): Promise<undefined> {
  const { change, note, wire, signal, wish } = work
  const { observed } = change
  if (observed === undefined) return
  const { onIncompatible } = wish.options
  const placed = placeFields({ fields: change.fields, observed, onIncompatible })
  const fields = change.fields.filter(
    ({ path }) => path !== standing && placed.get(path)?.class === 'in place',
  )
  const sent = canonicalJson(fields)
  if (fields.length === 0 || note.sent === sent) return
  await applyInPlace(wire, { ...change, action: 'update', fields }, sourceOf(work).name, signal)
  note.sent = sent
  work.site = await readSite(wire, wish.name, signal)
}

async function sweepDoubtful(work: Work): Promise<Outcome | undefined> {
  return work.note.doubtful && targetOf(work) !== undefined ? sweepDeleted(work) : undefined
}
