import type { Action, Change, FieldChange, Plan, PlannedChange, ResourceKey } from './resource.ts'
import { mapToObject } from './canonical.ts'
import { causeNote, fieldLines, leftAs } from './render-fields.ts'
import { keyOf } from './resource.ts'
import { listed, printable, unbroken } from './text.ts'

/** What a piece of text means; the caller decides whether that becomes a colour. */
export type Tone = 'create' | 'update' | 'delete' | 'withheld' | 'quiet'
export type Paint = (tone: Tone, text: string) => string

const plain: Paint = (_tone, text) => text

const symbols: Readonly<Record<Action, string>> = { create: '+', update: '~', replace: '±', delete: '-' }
const tones: Readonly<Record<Action, Tone>> = {
  create: 'create',
  update: 'update',
  replace: 'delete',
  delete: 'delete',
}

/** How many changes of each kind there are. Withheld ones are not counted among those that would be made. */
export interface PlanCounts {
  readonly create: number
  readonly update: number
  readonly replace: number
  readonly delete: number
  readonly held: number
  readonly refused: number
  readonly withheld: number
  readonly waiting: number
  readonly orphans: number
  readonly unchanged: number
}

/** One change as JSON. `before` and `after` are absent where the field is. */
export interface ChangeJson {
  readonly action: Action
  readonly type: string
  readonly name: string
  readonly id?: string
  readonly cause: string
  readonly verdict: string
  readonly code?: string
  readonly message?: string
  readonly class?: string
  readonly reason?: string
  readonly fields: readonly FieldChange[]
}

export interface PlanJson {
  readonly changes: readonly ChangeJson[]
  readonly orphans: readonly ResourceKey[]
  readonly adopted: readonly ResourceKey[]
  readonly retained: Readonly<Record<ResourceKey, readonly string[]>>
  readonly yielded: Readonly<Record<ResourceKey, readonly FieldChange[]>>
  readonly counts: PlanCounts
}

/** The changes of a plan as text: one line per change, one per field, in the plan's order. Empty for none. */
export function renderChanges(changes: readonly PlannedChange[], paint: Paint = plain): string {
  return changes.flatMap((planned) => changeLines(planned, paint)).join('\n')
}

/** A plan as text: its changes, then what is kept though nobody writes it. Empty when there is nothing to say. */
export function renderPlan(plan: Plan, paint: Paint = plain): string {
  const orphans = plan.orphans.map((key) =>
    paint('quiet', `? ${printable(key)}  orphan: no longer written, and kept`),
  )
  const retained = [...plan.retained].map(([key, paths]) =>
    paint(
      'quiet',
      `? ${printable(key)}  retained: no longer written, and the service cannot remove ${listed(paths)}`,
    ),
  )
  const yielded = [...plan.yielded].flatMap(([key, fields]) =>
    fields.map((field) => paint('quiet', `? ${printable(key)}  left: ${leftAs(field)}`)),
  )
  return [renderChanges(plan.changes, paint), ...orphans, ...retained, ...yielded]
    .filter((part) => part !== '')
    .join('\n')
}

function changeLines({ change, judgement }: PlannedChange, paint: Paint): string[] {
  const what = `${printable(keyOf(change))}  ${change.action}${classNote(change)}`
  const why = saysMore(change, judgement) ? [paint('quiet', `    # ${unbroken(change.reason ?? '')}`)] : []
  const fields = [...why, ...fieldLines(change)]
  if (judgement.verdict === 'apply') {
    const tone = tones[change.action]
    return [paint(tone, `${symbols[change.action]} ${what}${causeNote(change.cause)}`), ...fields]
  }
  const verdict = `${judgement.verdict} (${judgement.code}): ${unbroken(judgement.message)}`
  return [paint('withheld', `! ${what} ${verdict}`), ...fields]
}

/** The reason of a class, unless the judgement's sentence has it already. */
function saysMore({ reason }: Change, judgement: PlannedChange['judgement']): boolean {
  return reason !== undefined && (judgement.verdict === 'apply' || !judgement.message.includes(reason))
}

function classNote({ class: way }: Change): string {
  return way === undefined ? '' : ` [${way}]`
}

export function countPlan(plan: Plan): PlanCounts {
  const having = (test: (planned: PlannedChange) => boolean): number => plan.changes.filter(test).length
  const applied = (action: Action): number =>
    having(({ change, judgement }) => judgement.verdict === 'apply' && change.action === action)
  const judged = (verdict: string): number => having(({ judgement }) => judgement.verdict === verdict)
  return {
    create: applied('create'),
    update: applied('update'),
    replace: applied('replace'),
    delete: applied('delete'),
    held: judged('held'),
    refused: judged('refused'),
    withheld: judged('withheld'),
    waiting: judged('waiting'),
    orphans: plan.orphans.length,
    unchanged: plan.unchanged,
  }
}

/** Counts of several plans as one. */
export function addCounts(all: readonly PlanCounts[]): PlanCounts {
  const sum = (pick: (counts: PlanCounts) => number): number =>
    all.reduce((total, each) => total + pick(each), 0)
  return {
    create: sum((each) => each.create),
    update: sum((each) => each.update),
    replace: sum((each) => each.replace),
    delete: sum((each) => each.delete),
    held: sum((each) => each.held),
    refused: sum((each) => each.refused),
    withheld: sum((each) => each.withheld),
    waiting: sum((each) => each.waiting),
    orphans: sum((each) => each.orphans),
    unchanged: sum((each) => each.unchanged),
  }
}

/** `Plan: 3 to create, 1 to change, 0 to delete, 1 held (hash 3f2a…), 1 refused`; without changes, a sentence that says so. */
export function renderSummary(counts: PlanCounts, hash?: string): string {
  const { create, update, replace, held, refused, withheld, waiting, orphans, unchanged } = counts
  const made = create + update + replace + counts.delete
  if (made + held + refused + withheld + waiting === 0) {
    const kept = orphans === 0 ? '' : `, ${orphans} orphan${orphans === 1 ? '' : 's'} kept`
    return `No changes: ${unchanged} as written${kept}.`
  }
  const parts = [`${create} to create`, `${update} to change`]
  if (replace > 0) parts.push(`${replace} to replace`)
  parts.push(`${counts.delete} to delete`)
  if (held > 0) parts.push(`${held} held${hash === undefined ? '' : ` (hash ${hash})`}`)
  if (refused > 0) parts.push(`${refused} refused`)
  if (withheld > 0) parts.push(`${withheld} withheld`)
  if (waiting > 0) parts.push(`${waiting} waiting`)
  if (orphans > 0) parts.push(`${orphans} orphan${orphans === 1 ? '' : 's'} kept`)
  return `Plan: ${parts.join(', ')}`
}

/** A plan as plain values, for `-o json` and for status. */
export function planToJson(plan: Plan): PlanJson {
  return {
    changes: plan.changes.map(changeToJson),
    orphans: plan.orphans,
    adopted: plan.adopted.map(keyOf),
    retained: mapToObject(plan.retained),
    yielded: mapToObject(plan.yielded),
    counts: countPlan(plan),
  }
}

export function changeToJson({ change, judgement }: PlannedChange): ChangeJson {
  return {
    action: change.action,
    type: change.type,
    name: change.name,
    ...(change.id === undefined ? {} : { id: change.id }),
    cause: change.cause,
    verdict: judgement.verdict,
    ...(judgement.verdict === 'apply' ? {} : { code: judgement.code, message: judgement.message }),
    ...(change.class === undefined ? {} : { class: change.class }),
    ...(change.reason === undefined ? {} : { reason: change.reason }),
    fields: change.fields,
  }
}
