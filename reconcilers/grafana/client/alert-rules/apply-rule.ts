import { equal } from '../../../../src/core/canonical.ts'
import type { Change } from '../../../../src/core/resource.ts'
import { listed } from '../../../../src/core/text.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import type { AlertRule } from '../../resource.ts'
import { accepted, isMissing, messageIdOf, wordsOf } from '../failures.ts'
import type { Tools } from '../tools.ts'
import type { Wire, WireAnswer } from '../wire.ts'
import { type LiveRule, isAsMeant, showRule, pathOf, readRule, sendableOf } from './live-rule.ts'
import { nextRule } from './next-rule.ts'
import { editsAfter, isProvenanceMismatch, provenanceHeader } from './provenance.ts'
import { intervalOf, readInterval, putInterval } from './rule-group.ts'

type RuleChange = Change<AlertRule>

/** One rule, and never a group with its rules: what is not in such a request is deleted by it. Undefined: it is deleted. */
export async function applyRule(
  tools: Tools,
  change: RuleChange,
  signal: AbortSignal,
): Promise<AlertRule | undefined> {
  if (change.action === 'delete') return deleteRule(tools.wire, change, signal)
  const { desired } = change
  if (desired === undefined) throw new TypeError('a change to nothing')
  if (change.action === 'update') await updateRule(tools.wire, change, signal)
  else await createRule(tools.wire, change, desired, signal)
  try {
    const interval = await alignInterval(tools.wire, change, desired, signal)
    return await verified(tools, change, interval, signal)
  } catch (error) {
    throw change.action === 'create' ? halfMade(change, error) : error
  }
}

/** It is there by now, and ours: a reason that ends the intent would make it somebody else's. The next pass goes on, and tells why not. */
function halfMade({ name }: RuleChange, error: unknown): unknown {
  if (!(error instanceof ReconcileError) || error.retryable) return error
  return new ReconcileError(
    'ChangesFailed',
    `alert rule "${name}" was made, but not to its end: ${error.message}`,
  )
}

async function createRule(
  wire: Wire,
  change: RuleChange,
  desired: AlertRule,
  signal: AbortSignal,
): Promise<void> {
  const headers = provenanceHeader(desired.fields.get('edits') === 'locked' ? 'locked' : 'allowed')
  const request = { method: 'POST', path: pathOf(), body: desired.rule, headers } as const
  const answer = await wire.send(request, signal)
  const there = isTaken(answer) ? await readRule(wire, change.name, signal) : undefined
  if (there === undefined) taken(answer, `creating alert rule "${change.name}"`)
  else mustBeOurs(desired, there)
}

/** Made by a request whose answer was lost, or by somebody else in this moment: only what is the same is ours. */
function mustBeOurs(desired: AlertRule, there: LiveRule): void {
  if (isAsMeant(desired, showRule(there, undefined, { now: 0 }))) return
  throw new ReconcileError(
    'ChangesFailed',
    `somebody else made an alert rule "${desired.name}" in the meantime; it is looked at again`,
  )
}

function isTaken({ status, body }: WireAnswer): boolean {
  if (status !== 400 && status !== 409) return false
  return (
    messageIdOf(body) === 'alerting.alert-rule.conflict' ||
    /conflicting alert rule|unique/i.test(wordsOf(body))
  )
}

async function updateRule(wire: Wire, change: RuleChange, signal: AbortSignal): Promise<void> {
  const live = await look(wire, change, signal)
  mustBeAsSeen(change, live)
  const headers = provenanceHeader(editsAfter(change, live))
  // The interval is the group's. A PUT that changes nothing would still be a save.
  if (change.fields.every(({ path }) => path === 'interval')) return
  const body = nextRule(change, sendableOf(live))
  const answer = await wire.send({ method: 'PUT', path: pathOf(change.name), body, headers }, signal)
  if (isMissing(answer)) throw gone(change)
  taken(answer, `changing alert rule "${change.name}"`)
}

/** "Already gone" is done. */
async function deleteRule(wire: Wire, change: RuleChange, signal: AbortSignal): Promise<undefined> {
  const live = await readRule(wire, change.name, signal)
  if (live === undefined || (change.id !== undefined && live.id !== change.id)) return
  mustBeAsSeen(change, live)
  const headers = provenanceHeader(editsAfter(change, live))
  const answer = await wire.send({ method: 'DELETE', path: pathOf(change.name), headers }, signal)
  if (!isMissing(answer)) taken(answer, `deleting alert rule "${change.name}"`)
}

/** A new rule takes the interval of its group, or a minute; one that moves brings its own along. Undefined: nobody looked at it. */
async function alignInterval(
  wire: Wire,
  { action, fields }: RuleChange,
  desired: AlertRule,
  signal: AbortSignal,
): Promise<number | undefined> {
  const seconds = desired.fields.get('interval')
  const changes = (...paths: readonly string[]) => fields.some(({ path }) => paths.includes(path))
  const moves = action === 'update' && changes('folder', 'group')
  if (typeof seconds !== 'number' || !(moves || action === 'create' || changes('interval'))) return undefined
  const where = { folder: textOf(desired, 'folder'), group: textOf(desired, 'group') }
  // Of a group with two intervals it is not known whose is shown.
  if (!moves && (await readInterval(wire, where, signal)) === seconds) return seconds
  await putInterval(wire, where, seconds, signal)
  return seconds
}

function textOf({ fields }: AlertRule, path: string): string {
  const value = fields.get(path)
  return typeof value === 'string' ? value : ''
}

/** What Grafana shows of it now: its 200 is no proof (it answers so to an Editor whose change it leaves out). */
async function verified(
  tools: Tools,
  change: RuleChange,
  interval: number | undefined,
  signal: AbortSignal,
): Promise<AlertRule> {
  const live = await look(tools.wire, change, signal)
  const seconds = interval ?? (await intervalOf(tools.wire, live, signal))
  const shown = showRule(live, seconds, { now: tools.now() })
  const left = change.fields.filter(({ path, before, after }) => {
    const there = shown.fields.get(path)
    return !equal(there, after) && equal(there, before)
  })
  if (left.length === 0) return shown
  const paths = listed(left.map(({ path }) => path))
  if (change.action === 'create')
    throw new ReconcileError('ChangesFailed', `alert rule "${change.name}" was made without ${paths}`)
  throw new ReconcileError(
    'AuthorizationFailed',
    `alert rule "${change.name}": Grafana answered that it took the change, and still shows ${paths} as before: it does so to a service account that is not Admin`,
  )
}

async function look(wire: Wire, change: RuleChange, signal: AbortSignal): Promise<LiveRule> {
  const live = await readRule(wire, change.name, signal)
  if (live === undefined) throw gone(change)
  return live
}

function gone({ name }: RuleChange): ReconcileError {
  return new ReconcileError(
    'ChangesFailed',
    `alert rule "${name}" is not there any more; it is looked at again`,
  )
}

/** No request is bound to a version: what somebody made of it since the plan is seen only so, and is not in the original yet. */
function mustBeAsSeen({ name, observed }: RuleChange, live: LiveRule): void {
  if (observed === undefined) return
  const isSame =
    equal(sendableOf(live), observed.rule) && live.provenance === (observed.facts?.provenance ?? '')
  if (isSame) return
  throw new ReconcileError(
    'ServiceBusy',
    `somebody changed alert rule "${name}" in this moment; it is looked at again`,
  )
}

/** What a rule needs besides its folder, and what a person may make at any time. */
const missing = /folder does not exist|receiver does not exist|time interval does not exist/i

function taken(answer: WireAnswer, doing: string): void {
  const words = wordsOf(answer.body)
  if (isProvenanceMismatch(answer))
    throw new ReconcileError('ServiceBusy', `${doing}: somebody locked it in this moment (${words})`)
  if (answer.status >= 400 && missing.test(words))
    throw new ReconcileError('DependencyMissing', `${doing}: ${words}`)
  accepted(answer, doing)
}
