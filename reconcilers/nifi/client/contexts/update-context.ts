import { isDeepStrictEqual } from 'node:util'
import { listAt, textAt } from '../members.ts'
import type { Change } from '../../../../src/core/resource.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import type { Outcome } from '../../../../src/reconcile/service-client.ts'
import type { ParameterContext } from '../../resource.ts'
import type { Tools } from '../tools.ts'
import { type LiveContext, type LiveContexts, listed, readContexts } from './live-context.ts'
import { type NextUpdate, nextUpdate } from './next-update.ts'
import { showContexts } from './observe-contexts.ts'
import { awaitUpdate, beginUpdate } from './update-request.ts'

/** NiFi writes its flow to disk half a second after a change; killed before that, it starts again with the value of before. */
const writtenDownMs = 1_000

/** The context that is meant; and of one that was just made, its revision and the sensitive parameters that were set with it. */
export interface Known {
  readonly id: string
  readonly version?: number
  readonly set?: readonly string[]
}

/** More than one change can need with looks in between: only while somebody else changes the context all the time. */
const mostRounds = 12

/**
 * Brings the live context to what the change says, step by step from what is there: by requests that hold only what differs, so that
 * what uses any of it is restarted once, and nothing else is.
 */
export async function updateContext(
  tools: Tools,
  change: Change<ParameterContext>,
  known: Known,
  signal: AbortSignal,
): Promise<Outcome<ParameterContext>> {
  return new Course(tools, change, known, signal).run()
}

/** One change on its way. */
class Course {
  readonly #tools: Tools
  readonly #change: Change<ParameterContext>
  readonly #id: string
  readonly #signal: AbortSignal
  readonly #until: number
  /** Sensitive parameters that were set, and that nobody changed since. */
  #set: ReadonlySet<string>
  /** The revision that we left. */
  #version: number | undefined
  /** What NiFi said of an update that went wrong. */
  #failure: string | undefined
  #writtenDown = true
  #renamed: string | undefined
  /** What was sent last. */
  #sent: NextUpdate['component']

  constructor(tools: Tools, change: Change<ParameterContext>, known: Known, signal: AbortSignal) {
    this.#tools = tools
    this.#change = change
    this.#id = known.id
    this.#version = known.version
    this.#set = new Set(known.set)
    this.#signal = signal
    this.#until = tools.now() + tools.limits.turnMs
  }

  async run(): Promise<Outcome<ParameterContext>> {
    // What a call before this one began may still be under way.
    const unfinished = await this.#wait([])
    if (unfinished !== undefined) return unfinished
    for (let round = 0; round < mostRounds; round += 1) {
      const outcome = await this.#advance()
      if (outcome !== undefined) return outcome
    }
    const message = `parameter context "${this.#change.name}" is being changed by somebody else all the time`
    return { state: 'failed', reason: 'ServiceBusy', message }
  }

  /** Undefined: something was done, and is to be looked at. */
  async #advance(): Promise<Outcome<ParameterContext> | undefined> {
    const { all, live } = await this.#look()
    // Somebody else was there, or NiFi was started anew: what a sensitive parameter holds by now is not known.
    if (live.version !== this.#version) this.#set = new Set()
    const next = nextUpdate(this.#change, live, all, this.#set)
    if (next.component !== undefined) return this.#send(live, next.component, next.secrets)
    if (this.#writtenDown) return this.#result(live, next)
    await this.#tools.pause(writtenDownMs, this.#signal)
    this.#writtenDown = true
    return undefined
  }

  async #look(): Promise<{ readonly all: LiveContexts; readonly live: LiveContext }> {
    const all = await readContexts(this.#tools.wire, this.#signal)
    const live = all.contexts.find(({ id }) => id === this.#id)
    if (live !== undefined) return { all, live }
    const { name } = this.#change
    throw all.hidden.has(this.#id)
      ? new ReconcileError('AuthorizationFailed', `parameter context "${name}" may not be read any more`)
      : new ReconcileError(
          'ChangesFailed',
          `parameter context "${name}" was deleted meanwhile; it is looked at again`,
        )
  }

  async #send(
    live: LiveContext,
    component: NonNullable<NextUpdate['component']>,
    secrets: readonly string[],
  ): Promise<Outcome<ParameterContext> | undefined> {
    if (this.#failure !== undefined)
      return { state: 'failed', reason: 'ChangesFailed', message: this.#failure }
    if (live.version === this.#version && isDeepStrictEqual(component, this.#sent))
      throw notShown(live, component)
    if (this.#tools.now() >= this.#until)
      return { state: 'pending', message: 'goes on in the next turn: the update has several steps' }
    if (live.name !== this.#change.name) this.#renamed = live.name
    this.#sent = component
    try {
      await beginUpdate(this.#tools, live, component, this.#signal)
    } catch (error) {
      if (error instanceof ReconcileError && error.reason === 'ServiceBusy') return undefined
      throw error
    }
    return this.#wait(secrets)
  }

  /** Undefined: nothing is under way. `secrets`: what it sets. */
  async #wait(secrets: readonly string[]): Promise<Outcome<ParameterContext> | undefined> {
    const ended = await awaitUpdate(this.#tools, this.#id, this.#until, this.#signal)
    if (ended === undefined) return undefined
    if (ended.state === 'running') return { state: 'pending', message: ended.doing }
    this.#version = ended.state === 'ended' ? ended.version : undefined
    this.#failure = ended.state === 'ended' ? ended.failure : undefined
    if (ended.state === 'lost' || ended.failure !== undefined || secrets.length === 0) return undefined
    this.#set = new Set([...this.#set, ...secrets])
    this.#writtenDown = false
    return undefined
  }

  async #result(live: LiveContext, { kept }: NextUpdate): Promise<Outcome<ParameterContext> | undefined> {
    if (kept.length > 0) {
      const message = `what is used cannot be removed: ${kept.join('; ')}; end the use, or write it again`
      return { state: 'failed', reason: 'ChangesFailed', message }
    }
    const [shown] = await showContexts(this.#tools, [live], this.#signal)
    // What was shown of sensitive values was read after the rest: it counts if nobody came between.
    const sensitive = [...live.parameters.values()].some((each) => each.sensitive)
    if (sensitive && (await this.#look()).live.version !== live.version) return undefined
    const note = this.#note()
    return {
      state: 'done',
      id: live.id,
      ...(note === '' ? {} : { note }),
      ...(shown === undefined ? {} : { shown }),
    }
  }

  #note(): string {
    const drifted = this.#change.fields
      .filter(({ cause, after }) => cause === 'drift' && after !== undefined)
      .map(({ path }) => path.slice('parameters.'.length))
      .filter((name) => this.#set.has(name))
    const said = [
      drifted.length === 0 ? undefined : `sensitive parameters set again: ${drifted.join(', ')}`,
      this.#renamed === undefined ? undefined : `it was called "${this.#renamed}", and has its name again`,
      this.#failure === undefined ? undefined : `NiFi took it, and then said: ${this.#failure}`,
    ]
    return said.filter((each) => each !== undefined).join('; ')
  }
}

/** Names only: the values beside them may be secret. */
function notShown({ name }: LiveContext, component: NonNullable<NextUpdate['component']>): ReconcileError {
  const parameters = listAt(component, 'parameters').map((each) => `"${textAt(each, 'parameter', 'name')}"`)
  const what = parameters.length === 0 ? 'it' : listed(parameters)
  return new ReconcileError(
    'NotVerified',
    `NiFi took the update of parameter context "${name}", and does not show ${what} so`,
  )
}
