import type { Change } from '../../../src/core/resource.ts'
import { ReconcileError } from '../../../src/errors.ts'
import type { Reason } from '../../../src/errors.ts'
import type { Outcome } from '../../../src/reconcile/service-client.ts'
import { batchesOf, groupsOf } from '../batches.ts'
import type { Topic } from '../normalize.ts'
import { partitionsOf, weightOf } from '../requests.ts'
import { pause } from '../../../src/client/abort.ts'
import { codes, reasonOf, wordsOf } from './failures.ts'
import { describeTopics } from './observe.ts'
import { alterConfigs, createPartitions, createTopics, deleteTopics } from './steps.ts'
import type { Call, ItemAnswer, Step } from './steps.ts'

/** What became of a change in one step: nothing to say against it, or why it failed. */
export type StepResult = { readonly id?: string } | { readonly reason: Reason; readonly message: string }

export type StepResults = ReadonlyMap<Change<Topic>, readonly StepResult[]>

/** Whole-call failures after which the next request would meet the same. */
const ending = new Set<Reason>(['ServiceUnreachable', 'ServiceTimeout', 'AuthenticationFailed', 'TlsFailed'])
/** While a new controller is elected: 0.1 + 0.2 + … + 3.2 s. */
const firstPauseMs = 100
const lastPauseMs = 3_200

export const upserts: readonly Step[] = [createTopics, createPartitions, alterConfigs]

/** Every change carried out, and what became of it. Throws only when nothing at all could be tried. */
export async function applyChanges(
  changes: readonly Change<Topic>[],
  call: Call,
): Promise<readonly Outcome[]> {
  const known = changes.filter(({ action, id }) => action !== 'delete' || id !== undefined)
  const results = await runSteps([...upserts, deleteTopics], known, call)
  return changes.map((change) => outcomeOf(results.get(change) ?? [unknownId]))
}

/** No step concerns the change, e.g. a changed replication factor. A rule stands before it; this is for the day it does not. */
const unsendable = {
  reason: 'NotSupportedByServer',
  message: 'no request makes this change to a topic',
} as const

const unknownId: StepResult = {
  reason: 'NotVerified',
  message: 'the topic’s id is not known, and by name another topic could be deleted',
}

function outcomeOf(results: readonly StepResult[]): Outcome {
  const failures = results.filter((each) => 'reason' in each)
  const [first] = failures
  if (first !== undefined) {
    return {
      state: 'failed',
      reason: first.reason,
      message: failures.map(({ message }) => message).join('; '),
    }
  }
  if (results.length === 0) return { state: 'failed', ...unsendable }
  const id = results.map((each) => ('id' in each ? each.id : undefined)).find((each) => each !== undefined)
  return id === undefined ? { state: 'done' } : { state: 'done', id }
}

/** Runs the steps in batches. A failure of a whole request is the result of its changes, unless it is the only result there is. */
export async function runSteps(
  steps: readonly Step[],
  changes: readonly Change<Topic>[],
  call: Call,
): Promise<StepResults> {
  const results = new Map<Change<Topic>, StepResult[]>(changes.map((change) => [change, []]))
  let ended: ReconcileError | undefined
  let answered = false
  const batches = steps.flatMap((step) =>
    groupsOf(changes.filter(step.concerns), step.key)
      .flatMap((group) => batchesOf(group, weightOf))
      .map((batch) => ({ step, batch })),
  )
  for (const { step, batch } of batches) {
    const found: Answers = ended ?? (await answersOf(step, batch, call))
    if (!(found instanceof ReconcileError)) answered = true
    else if (ending.has(found.reason)) ended = found
    for (const change of batch) results.get(change)?.push(resultOf(change, step, found))
  }
  if (ended !== undefined && !answered) throw ended
  return results
}

type Answers = ReadonlyMap<string, ItemAnswer> | ReconcileError

async function answersOf(step: Step, changes: readonly Change<Topic>[], call: Call): Promise<Answers> {
  try {
    return await settlePartitions(step, changes, await insist(step, changes, call), call)
  } catch (error) {
    call.signal.throwIfAborted()
    if (error instanceof ReconcileError) return error
    throw error
  }
}

/** Sends again what met no controller, and in halves what the controller finds too large. */
async function insist(
  step: Step,
  changes: readonly Change<Topic>[],
  call: Call,
): Promise<ReadonlyMap<string, ItemAnswer>> {
  const answers = new Map(await step.send(changes, call))
  if (changes.length > 1 && [...answers.values()].every(isTooLarge)) {
    const half = Math.ceil(changes.length / 2)
    const [first, second] = [changes.slice(0, half), changes.slice(half)]
    return new Map([...(await insist(step, first, call)), ...(await insist(step, second, call))])
  }
  for (let ms = firstPauseMs; ms <= lastPauseMs; ms *= 2) {
    const again = changes.filter((change) => answers.get(step.key(change))?.errorCode === codes.notController)
    if (again.length === 0) break
    await pause(ms, call.signal)
    await call.cluster.moveToController(call.signal)
    for (const [key, answer] of await step.send(again, call)) answers.set(key, answer)
  }
  return answers
}

/** The controller counts records, of which we know only a part when the broker decides on the number of partitions. */
function isTooLarge({ errorCode, errorMessage }: ItemAnswer): boolean {
  return errorCode === codes.policyViolation && /excessively large/i.test(errorMessage ?? '')
}

/** "Invalid partitions" is also said of a topic that has the wanted number already, so that number is looked up. */
async function settlePartitions(
  step: Step,
  changes: readonly Change<Topic>[],
  answers: ReadonlyMap<string, ItemAnswer>,
  { cluster, signal }: Call,
): Promise<ReadonlyMap<string, ItemAnswer>> {
  if (step !== createPartitions) return answers
  const doubtful = changes.filter(({ name }) => answers.get(name)?.errorCode === codes.invalidPartitions)
  if (doubtful.length === 0) return answers
  const found = await describeTopics(
    cluster,
    doubtful.map(({ name }) => name),
    signal,
  )
  const counts = new Map(found.map(({ name, partitions }) => [name, partitions.length]))
  const settled = doubtful.filter((change) => counts.get(change.name) === partitionsOf(change))
  return new Map([...answers, ...settled.map(({ name }) => [name, { errorCode: codes.none }] as const)])
}

function resultOf(change: Change<Topic>, step: Step, answers: Answers): StepResult {
  if (answers instanceof ReconcileError) return { reason: answers.reason, message: answers.message }
  const answer = answers.get(step.key(change))
  if (answer === undefined)
    return { reason: 'ChangesFailed', message: 'the broker’s answer leaves this topic out' }
  if (answer.errorCode === codes.none) return answer.id === undefined ? {} : { id: answer.id }
  if (isDone(step, answer)) return {}
  return { reason: reasonOf(answer), message: wordsOf(answer) }
}

/** "Already exists" and "already gone" are what was asked for. */
function isDone(step: Step, { errorCode }: ItemAnswer): boolean {
  if (step === createTopics) return errorCode === codes.topicExists
  if (step === deleteTopics) return errorCode === codes.unknownTopicId || errorCode === codes.unknownTopic
  return false
}
