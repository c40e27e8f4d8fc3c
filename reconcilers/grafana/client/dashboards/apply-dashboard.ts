import { figureAt } from '../../../../src/core/members.ts'
import type { Change } from '../../../../src/core/resource.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import type { Outcome } from '../../../../src/reconcile/service-client.ts'
import { contentOf } from '../../dashboard/model.ts'
import { patched } from '../../dashboard/patch.ts'
import type { Dashboard } from '../../resource.ts'
import { isMissing } from '../failures.ts'
import type { WireAnswer } from '../wire.ts'
import { isAsMeant } from './observed.ts'
import { isSavedMeanwhile, refusalOf } from './refusal.ts'
import type { DashboardStore, LiveDashboard, NextDashboard } from './store.ts'

/** How often a write is tried that somebody else's comes before. */
const mostTries = 3

/** What a change is made with. */
export interface Desk {
  readonly store: DashboardStore
  /** Live → observed, with what is to be known of it. */
  show(live: LiveDashboard, change: Change<Dashboard>, signal: AbortSignal): Promise<Dashboard>
}

/** One change. Throws ReconcileError where Grafana does not do it. */
export async function applyDashboard(
  desk: Desk,
  change: Change<Dashboard>,
  signal: AbortSignal,
): Promise<Outcome<Dashboard>> {
  if (change.action === 'delete') return remove(desk, change, signal)
  if (change.action === 'create') return create(desk, change, signal)
  return update(desk, change, signal)
}

/** "Already exists" is done where it is what is meant: then our own request had arrived, and only its answer was lost. */
async function create(
  desk: Desk,
  change: Change<Dashboard>,
  signal: AbortSignal,
): Promise<Outcome<Dashboard>> {
  const next = nextOf(change, undefined)
  const answer = await desk.store.create(next, signal)
  if (!isSavedMeanwhile(answer)) return taken(desk, { change, next, answer, before: undefined }, signal)
  const live = await desk.store.read(change.name, signal, change.desired?.content)
  return asMeant(desk, change, live, signal)
}

async function update(
  desk: Desk,
  change: Change<Dashboard>,
  signal: AbortSignal,
): Promise<Outcome<Dashboard>> {
  for (let tries = 1; ; tries += 1) {
    const live = await desk.store.read(
      change.name,
      signal,
      change.observed?.content ?? change.desired?.content,
    )
    if (live === undefined || isMoved(live, change)) return asMeant(desk, change, live, signal)
    const next = nextOf(change, live)
    const answer = await desk.store.update(next, live, signal)
    if (!isSavedMeanwhile(answer) || tries === mostTries)
      return taken(desk, { change, next, answer, before: live }, signal)
  }
}

/** "Already gone" is done, and so is another one of that name. */
async function remove(
  desk: Desk,
  change: Change<Dashboard>,
  signal: AbortSignal,
): Promise<Outcome<Dashboard>> {
  for (let tries = 1; ; tries += 1) {
    const live = await desk.store.read(change.name, signal, change.observed?.content)
    if (live === undefined || isAnother(live, change)) return { state: 'done' }
    if (isMoved(live, change)) throw moved(change)
    const answer = await desk.store.remove(live, signal)
    if (answer.status < 400 || isMissing(answer)) return { state: 'done' }
    if (!isSavedMeanwhile(answer) || tries === mostTries)
      throw refusalOf(answer, `deleting dashboard "${change.name}"`, undefined)
  }
}

/** What somebody saved since the plan was made is in nobody's plan, and not kept yet; nor is what could not be read for it. */
function isMoved(live: LiveDashboard, { observed }: Change<Dashboard>): boolean {
  if (observed?.edition === undefined) return observed?.unread === true
  return observed.edition !== live.edition
}

function isAnother({ ids }: LiveDashboard, { id }: Change<Dashboard>): boolean {
  return id !== undefined && !ids.includes(id)
}

function moved({ name }: Change<Dashboard>): ReconcileError {
  return new ReconcileError(
    'ServiceBusy',
    `somebody saved dashboard "${name}" in this moment; it is looked at again, and nothing of it is lost`,
  )
}

/** Somebody else's doing is left for the next pass to judge, unless it is our own of a moment ago. */
async function asMeant(
  desk: Desk,
  change: Change<Dashboard>,
  live: LiveDashboard | undefined,
  signal: AbortSignal,
): Promise<Outcome<Dashboard>> {
  if (live === undefined)
    throw new ReconcileError(
      'ServiceBusy',
      `dashboard "${change.name}" was deleted in this moment; it is looked at again`,
    )
  const shown = await desk.show(live, change, signal)
  if (!isAsMeant(shown, change)) throw moved(change)
  return done(shown)
}

interface Given {
  readonly change: Change<Dashboard>
  readonly next: NextDashboard
  readonly answer: WireAnswer
  readonly before: LiveDashboard | undefined
}

/** What Grafana made of it is what it shows now; where that is what was there before, somebody else has to look. */
async function taken(
  desk: Desk,
  { change, next, answer, before }: Given,
  signal: AbortSignal,
): Promise<Outcome<Dashboard>> {
  const doing = `${before === undefined ? 'creating' : 'changing'} dashboard "${change.name}"`
  if (answer.status >= 400) throw refusalOf(answer, doing, next)
  const live = await desk.store.read(change.name, signal, next.content)
  if (live === undefined || live.edition === before?.edition) return { state: 'done' }
  if (isSavedSince(live, answer)) throw moved(change)
  const shown = await desk.show(live, change, signal)
  return shown.fields.get('folder') === next.folder ? done(shown) : { state: 'done' }
}

/** A person's save right after our write must not pass for what Grafana made of ours: nobody would ever look at it again. */
function isSavedSince({ metadata, facts }: LiveDashboard, { body }: WireAnswer): boolean {
  const written = figureAt(body, 'metadata', 'generation')
  if (written !== undefined) return (figureAt(metadata, 'generation') ?? written) > written
  return Number(facts.version) > (figureAt(body, 'version') ?? Infinity)
}

function done(shown: Dashboard): Outcome<Dashboard> {
  return { state: 'done', shown, ...(shown.id !== undefined && { id: shown.id }) }
}

/** What is written: of what is there, whatever the change does not name stays (it is ignored, or held). */
export function nextOf(
  { name, desired, fields }: Change<Dashboard>,
  live: LiveDashboard | undefined,
): NextDashboard {
  if (desired?.content === undefined)
    throw new ReconcileError('InternalError', `nothing is to be written of dashboard "${name}"`)
  const { content } = desired
  const [folder, edits] = [desired.fields.get('folder'), desired.fields.get('edits')]
  const next = {
    name,
    content,
    folder: typeof folder === 'string' ? folder : '',
    edits: edits === 'allowed' ? ('allowed' as const) : ('locked' as const),
  }
  if (live === undefined) return next
  const changes = new Set(fields.map(({ path }) => path))
  return {
    ...next,
    content: patched(contentOf(live.content), content, fields),
    ...(!changes.has('folder') && { folder: live.folder }),
    ...(!changes.has('edits') && live.edits !== undefined && { edits: live.edits }),
  }
}
