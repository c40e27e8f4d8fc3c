import { own } from '../../src/core/json.ts'
import type { Json } from '../../src/core/resource.ts'
import { assertRevision, type Call, type Handler, named, ok, revisionIn, touch } from './fake-call.ts'
import { affectedBy } from './fake-compare.ts'
import { assertReadable } from './fake-definition.ts'
import { exportGroup } from './fake-export.ts'
import { jobOf, submit } from './fake-jobs.ts'
import { Refusal, Unexpected, badRequest, conflict } from './fake-refusal.ts'
import { stopAll, threadsOf } from './fake-running.ts'
import {
  type Component,
  type FakeState,
  type Group,
  type Job,
  type Part,
  type Revision,
  timestamp,
} from './fake-state.ts'
import { assertPortsFree, assertQueuesFree, synchronize } from './fake-synchronize.ts'
import { isValid } from './fake-validation.ts'

const steps = [
  'Stopping Affected Processors',
  'Disabling Affected Controller Services',
  'Updating Flow',
  'Re-Enabling Controller Services',
  'Restarting Affected Processors',
]

export const postReplaceRequest: Handler = (call) => {
  const { state, body } = call
  const given = own(body, 'processGroupRevision')
  const snapshot = own(body, 'versionedFlowSnapshot')
  if (given === undefined || given === null) throw badRequest('Process Group Revision must be specified')
  if (snapshot === undefined || snapshot === null)
    throw badRequest('Versioned Flow Snapshot must be supplied')
  const group = state.group(named(call))
  assertReadable(snapshot)
  const revision = revisionIn(given) ?? { version: 0 }
  assertRevision(group, revision)
  if (state.below(group.id).some(({ versionControl }) => versionControl !== undefined)) {
    throw conflict(
      'Cannot replace a Process Group via import while it or its descendants are under Version Control.',
    )
  }
  assertPortsFree(state, group, own(snapshot, 'flowContents'))
  const job = new Replacement(call, group, snapshot, revision)
  submit(state, job)
  return ok(job.show())
}

export const getReplaceRequest: Handler = (call) => ok(jobOf(call, 'replace', named(call)).show())

export const deleteReplaceRequest: Handler = (call) => {
  const job = jobOf(call, 'replace', named(call))
  if (!job.complete) job.cancel()
  call.state.jobs.delete(job.id)
  return ok(job.show())
}

/** A replacement: what is affected stops, services first wait, then the group changes, and all of it starts again. */
class Replacement implements Job {
  readonly kind = 'replace'
  readonly id: string
  readonly user: string
  readonly targetId: string
  complete = false
  readonly #state: FakeState
  readonly #group: Group
  readonly #snapshot: unknown
  readonly #by: Revision
  readonly #affected: ReadonlySet<Component>
  #at = 0
  #failure: string | undefined
  #stopped: readonly Component[] = []
  #disabled: readonly Component[] = []

  constructor({ state, user }: Call, group: Group, snapshot: unknown, by: Revision) {
    this.id = state.newId()
    this.user = user
    this.targetId = group.id
    this.#state = state
    this.#group = group
    this.#snapshot = snapshot
    this.#by = by
    this.#affected = affectedBy(state, group, own(snapshot, 'flowContents'))
  }

  /** Each step of NiFi's is one here. */
  step(): boolean {
    if (this.complete) return false
    const work = [this.#stop, this.#disable, this.#update, this.#enable, this.#restart]
    if (work[this.#at]?.call(this) !== true) return false
    this.#at += 1
    if (this.#at === steps.length) this.complete = true
    return true
  }

  cancel(): void {
    this.complete = true
    this.#failure = 'Request cancelled by user'
  }

  show(): Json {
    const cancelled = this.#failure === 'Request cancelled by user'
    const failed = this.complete && this.#failure !== undefined && !cancelled
    const request = {
      requestId: this.id,
      processGroupId: this.targetId,
      uri: `http://nifi/nifi-api/process-groups/replace-requests/${this.id}`,
      lastUpdated: timestamp(),
      complete: this.complete,
      ...(this.#failure === undefined || !this.complete ? {} : { failureReason: this.#failure }),
      percentCompleted: failed ? 80 : this.#at * 20,
      state: this.complete ? 'Complete' : (steps[this.#at] ?? 'Complete'),
    }
    const shown = this.complete ? { versionedFlowSnapshot: exportGroup(this.#state, this.#group) } : {}
    return { processGroupRevision: { ...this.#group.revision }, request, ...shown }
  }

  #stop(): boolean {
    if (this.#stopped.length === 0) this.#stopped = stopAll([...this.#affected], this.#by)
    return this.#stopped.every((part) => threadsOf(this.#state, part) === 0)
  }

  #disable(): boolean {
    this.#disabled = [...this.#affected].filter(
      ({ kind, state }) => kind === 'controller-service' && (state === 'ENABLED' || state === 'ENABLING'),
    )
    for (const service of this.#disabled) service.state = 'DISABLED'
    return true
  }

  #update(): boolean {
    const contents = own(this.#snapshot, 'flowContents')
    const contexts = own(this.#snapshot, 'parameterContexts')
    const externals = own(this.#snapshot, 'externalControllerServices')
    try {
      assertQueuesFree(this.#state, this.#group, contents)
      const before = this.#parts()
      synchronize(this.#state, this.#group, { contents, contexts, externals }, true)
      for (const part of this.#parts()) if (before.has(part)) touch(part, this.#by)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const why = error instanceof Unexpected ? error.reason : error.message
      this.#failure = `Failed to perform update flow request due to ${why}`
    }
    return true
  }

  #parts(): ReadonlySet<Part> {
    const groups = this.#state.below(this.#group.id)
    const id = this.#group.id
    return new Set([...groups, ...this.#state.componentsBelow(id), ...this.#state.connectionsBelow(id)])
  }

  #enable(): boolean {
    for (const service of this.#disabled) {
      if (this.#state.components.has(service.id) && isValid(this.#state, service)) service.state = 'ENABLED'
    }
    return true
  }

  #restart(): boolean {
    for (const part of this.#stopped) {
      const there = this.#state.components.has(part.id)
      if (!there || part.state !== 'STOPPED' || !isValid(this.#state, part)) continue
      part.state = 'RUNNING'
      touch(part, this.#by)
    }
    return true
  }
}
