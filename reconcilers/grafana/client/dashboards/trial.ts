import { inParallel } from '../../../../src/client/parallel.ts'
import type { Change } from '../../../../src/core/resource.ts'
import type { Verdict } from '../../../../src/reconcile/service-client.ts'
import type { Dashboard, DashboardContent } from '../../resource.ts'
import { isMissing } from '../failures.ts'
import type { Apis } from '../tools.ts'
import type { Wire, WireAnswer } from '../wire.ts'
import { nextOf } from './apply-dashboard.ts'
import { ObjectStore } from './object-store.ts'
import { refusalOf } from './refusal.ts'

/** A dashboard that nobody has, and that a Grafana which takes a trial for the thing itself is rid of at once. */
const canary = {
  name: 'infometis-dry-run',
  content: {
    model: 'classic',
    spec: { title: 'InfoMetis asks whether this Grafana only tries what it is told to try' },
  },
  folder: '',
  edits: 'allowed',
} as const

const triedAtOnce = 6

/** Statuses that say something of what was sent, and not of the moment. */
const ofWhatWasSent = new Set([400, 422])

interface Known {
  /** Of what was there. */
  readonly edition: string | undefined
  readonly verdict: Verdict
}

/**
 * What Grafana says of a change that is not to be made yet, by `dryRun=All`. Not every part of Grafana honours that
 * (grafana-enterprise#12569), and one that does not would write: so it is found out first, by a canary.
 */
export class Trial {
  readonly #dry: ObjectStore
  readonly #real: ObjectStore
  readonly #known = new WeakMap<DashboardContent, Known>()
  #honoured: boolean | undefined

  constructor(wire: Wire, apis: Apis) {
    this.#dry = new ObjectStore(wire, apis, { dryRun: 'All' })
    this.#real = new ObjectStore(wire, apis)
  }

  /** Good where nothing can be asked. */
  async of(changes: readonly Change<Dashboard>[], signal: AbortSignal): Promise<readonly Verdict[]> {
    const asked = changes.some(({ action }) => action !== 'delete')
    if (asked) this.#honoured ??= await this.#isHonoured(signal)
    return inParallel(changes, triedAtOnce, async (change) => this.#verdict(change, signal))
  }

  /** What waits for a person is planned in each pass: the same is asked once, as long as nobody saves. */
  async #verdict(change: Change<Dashboard>, signal: AbortSignal): Promise<Verdict> {
    const content = change.desired?.content
    const edition = change.observed?.edition
    const known = content && this.#known.get(content)
    if (known !== undefined && known.edition === edition) return known.verdict
    const verdict = await this.#tried(change, signal)
    if (content !== undefined) this.#known.set(content, { edition, verdict })
    return verdict
  }

  async #tried(change: Change<Dashboard>, signal: AbortSignal): Promise<Verdict> {
    const answer = this.#honoured === true ? await this.#ask(change, signal) : undefined
    if (answer === undefined || !ofWhatWasSent.has(answer.status)) return { ok: true }
    const { message } = refusalOf(answer, `trying dashboard "${change.name}"`, nextOf(change, undefined))
    return { ok: false, code: 'RejectedByServer', message }
  }

  async #ask(change: Change<Dashboard>, signal: AbortSignal): Promise<WireAnswer | undefined> {
    if (change.action === 'create') return this.#dry.create(nextOf(change, undefined), signal)
    if (change.action !== 'update') return undefined
    const live = await this.#real.read(change.name, signal, change.observed?.content)
    return live && this.#dry.update(nextOf(change, live), live, signal)
  }

  async #isHonoured(signal: AbortSignal): Promise<boolean> {
    const { name } = canary
    // One that is there was left by a trial that was cut off: it is none that can be tried.
    if ((await this.#real.read(name, signal)) === undefined) {
      const answer = await this.#dry.create(canary, signal)
      if (answer.status >= 400) return false
    }
    const made = await this.#real.read(name, signal)
    if (made === undefined) return true
    const removed = await this.#real.remove(made, signal)
    if (removed.status >= 400 && !isMissing(removed))
      throw refusalOf(removed, `deleting dashboard "${name}", which a dry run has made`, undefined)
    return false
  }
}
