import { own } from '../../src/core/json.ts'
import type { Json } from '../../src/core/resource.ts'
import { type Call, type Handler, checkedRevision, named, ok, textOf, touch } from './fake-call.ts'
import { consumer, contextEntity } from './fake-context-entity.ts'
import {
  assertConsistent,
  assertNames,
  callContext,
  inheritedIn,
  parameterOf,
  parametersIn,
  recordContext,
} from './fake-contexts.ts'
import { jobOf, submit } from './fake-jobs.ts'
import { consumersOf, effectiveParameters, heirsOf } from './fake-parameters.ts'
import { mask } from './fake-properties.ts'
import { Unexpected, badRequest, conflict } from './fake-refusal.ts'
import { describe, stopAll, threadsOf } from './fake-running.ts'
import {
  type Component,
  type Context,
  type FakeState,
  type Job,
  type Parameter,
  type Revision,
  timestamp,
} from './fake-state.ts'
import { isValid } from './fake-validation.ts'

/** What a context is to become. */
interface Update {
  readonly name: string
  readonly description: string | undefined
  readonly parameters: Map<string, Parameter>
  readonly inherits: string[]
}

export const postContextUpdate: Handler = (call) => {
  const { state, body } = call
  const context = callContext(call)
  const component = own(body, 'component')
  if (component === undefined) throw badRequest('Parameter Context details must be specified.')
  const revision = checkedRevision(context, own(body, 'revision'))
  if (!Array.isArray(own(component, 'parameters'))) throw new Unexpected()
  assertNames(component)
  const update = updateOf(state, context, component)
  assertPossible(state, context, update)
  const job = new ContextUpdate(call, context, update, revision)
  submit(state, job)
  return ok(job.show())
}

export const getContextUpdate: Handler = (call) => {
  callContext(call)
  return ok(jobOf(call, 'parameters', named(call, 1)).show())
}

export const deleteContextUpdate: Handler = (call) => {
  const job = jobOf(call, 'parameters', named(call, 1))
  if (!job.complete) job.cancel()
  call.state.jobs.delete(job.id)
  return ok(job.show())
}

function updateOf(state: FakeState, context: Context, component: unknown): Update {
  const parameters = new Map(context.parameters)
  for (const given of parametersIn(component)) {
    const name = textOf(given, 'name') ?? ''
    if (isRemoval(given)) parameters.delete(name)
    else parameters.set(name, parameterOf(given, context.parameters.get(name)))
  }
  return {
    name: textOf(component, 'name') ?? context.name,
    description: textOf(component, 'description') ?? context.description,
    parameters,
    inherits: inheritedIn(state, component, null) ?? context.inherits,
  }
}

/** Only a name: the parameter goes. */
function isRemoval(given: unknown): boolean {
  const said = (name: string): boolean => (own(given, name) ?? null) !== null
  return !['sensitive', 'value', 'description', 'referencedAssets'].some(said) && !said('valueRemoved')
}

function assertPossible(state: FakeState, context: Context, update: Update): void {
  const because = (words: string): Error =>
    conflict(
      `Could not update inherited Parameter Contexts for Parameter Context [${context.name}] because: ${words}`,
    )
  for (const [name, before] of context.parameters) {
    const after = update.parameters.get(name)
    if (after !== undefined && after.sensitive !== before.sensitive) {
      const [from, to] = before.sensitive ? ['sensitive', 'not sensitive'] : ['not sensitive', 'sensitive']
      throw because(
        `Cannot update Parameters because doing so would change Parameter '${name}' from ${from} to ${to}`,
      )
    }
    const user = consumersOf(state, context.id, name).find((part) => part.state === 'RUNNING')
    if (after === undefined && user !== undefined) {
      throw because(
        `Cannot remove parameter '${name}' because it is referenced by ${describe(user)}, which is currently running`,
      )
    }
  }
  assertConsistent(state, { ...context, ...update })
}

const steps = [
  'Stopping Affected Processors',
  'Disabling Affected Controller Services',
  'Updating Parameter Context',
  'Re-Enabling Affected Controller Services',
  'Restarting Affected Processors',
]

/** Consumers of what changes stop for it and start again. */
class ContextUpdate implements Job {
  readonly kind = 'parameters'
  readonly id: string
  readonly user: string
  readonly targetId: string
  complete = false
  readonly #state: FakeState
  readonly #context: Context
  readonly #update: Update
  readonly #by: Revision
  readonly #affected: readonly Component[]
  #at = 0
  #failure: string | undefined
  #stopped: readonly Component[] = []
  #disabled: readonly Component[] = []

  constructor({ state, user }: Call, context: Context, update: Update, by: Revision) {
    this.id = state.newId()
    this.user = user
    this.targetId = context.id
    this.#state = state
    this.#context = context
    this.#update = update
    this.#by = by
    this.#affected = affectedBy(state, context, update)
  }

  step(): boolean {
    if (this.complete) return false
    const work = [this.#stop, this.#disable, this.#apply, this.#enable, this.#restart]
    if (work[this.#at]?.call(this) !== true) return false
    this.#at += 1
    this.complete = this.#at === steps.length
    return true
  }

  cancel(): void {
    this.complete = true
    this.#failure = 'Request cancelled by user'
  }

  show(): Json {
    const { id } = this
    const contextId = this.targetId
    const context = contextEntity(this.#state, this.#context) as { readonly component: Json }
    const request = {
      requestId: id,
      uri: `http://nifi/nifi-api/parameter-contexts/${contextId}/update-requests/${id}`,
      lastUpdated: timestamp(),
      complete: this.complete,
      ...(this.#failure === undefined ? {} : { failureReason: this.#failure }),
      percentCompleted: this.#at * 20,
      state: this.complete ? 'Complete' : (steps[this.#at] ?? 'Complete'),
      updateSteps: steps.map((description, index) => ({ description, complete: index < this.#at })),
      ...(this.complete ? { parameterContext: context.component } : {}),
      referencingComponents: this.#affected.map((part) => consumer(this.#state, part)) as Json,
    }
    return { parameterContextRevision: { ...this.#context.revision }, request }
  }

  #stop(): boolean {
    if (this.#stopped.length === 0) this.#stopped = stopAll(this.#affected, undefined)
    return this.#stopped.every((part) => threadsOf(this.#state, part) === 0)
  }

  #disable(): boolean {
    this.#disabled = this.#affected.filter(({ state }) => state === 'ENABLED' || state === 'ENABLING')
    for (const service of this.#disabled) service.state = 'DISABLED'
    return true
  }

  #apply(): boolean {
    const before = { ...this.#context }
    Object.assign(this.#context, this.#update)
    recordChanges(this.#state, before, this.#context)
    touch(this.#context, this.#by)
    return true
  }

  #enable(): boolean {
    for (const service of this.#disabled) if (isValid(this.#state, service)) service.state = 'ENABLED'
    return true
  }

  #restart(): boolean {
    for (const part of this.#stopped) {
      if (!this.#state.components.has(part.id) || !isValid(this.#state, part)) continue
      part.state = 'RUNNING'
      touch(part, undefined)
    }
    return true
  }
}

/** Those of parameters whose value or description is another afterwards, in this context and in those that inherit from it. */
function affectedBy(state: FakeState, context: Context, update: Update): readonly Component[] {
  const before = effectiveParameters(state, context)
  const after = effectiveParameters(state, { ...context, ...update })
  const changed = new Set(
    [...before.keys(), ...after.keys()].filter((name) => differ(before.get(name), after.get(name))),
  )
  const found = [...changed].flatMap((name) =>
    heirsOf(state, context.id).flatMap((heir) => consumersOf(state, heir.id, name)),
  )
  return [...new Set(found)]
}

function differ(before: Parameter | undefined, after: Parameter | undefined): boolean {
  return before?.value !== after?.value || before?.description !== after?.description
}

/** One action for each value that is another; NiFi writes what was secret into the history, and so does the fake. */
function recordChanges(state: FakeState, before: Context, after: Context): void {
  const tell = (details: Readonly<Record<string, string | undefined>>): void => {
    recordContext(state, after, 'Configure', JSON.parse(JSON.stringify(details)) as Record<string, string>)
  }
  const [had, has] = [effectiveParameters(state, before), effectiveParameters(state, after)]
  for (const name of new Set([...had.keys(), ...has.keys()])) {
    const [was, is] = [had.get(name), has.get(name)]
    if (!tells(was, is)) continue
    const shown = (value: string | undefined): string | undefined =>
      value !== undefined && is?.sensitive === true ? mask : value
    tell({ name, previousValue: shown(was?.value), value: shown(is?.value) })
  }
  if (before.description !== after.description)
    tell({ name: 'Description', previousValue: before.description, value: after.description })
  if (before.name !== after.name) tell({ name: 'Name', previousValue: before.name, value: after.name })
  const [previousValue, value] = [before.inherits.join(', '), after.inherits.join(', ')]
  if (previousValue !== value && value !== '') {
    const previous = previousValue === '' ? undefined : previousValue
    tell({ name: 'Inherited Parameter Contexts', previousValue: previous, value })
  }
}

/** A description alone does not count, but where there is no value. */
function tells(was: Parameter | undefined, is: Parameter | undefined): boolean {
  if (was === undefined || is === undefined || was.value !== is.value) return true
  return is.value === undefined && was.description !== is.description
}
