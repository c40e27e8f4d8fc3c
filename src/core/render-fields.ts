import type { Change, FieldChange } from './resource.ts'
import { printable, showValue, unbroken } from './text.ts'

/** How many fields of one change are shown; JSON output carries them all. */
const mostShown = 60

/** The fields of a change as text, one line each. What comes or goes as a whole is one line, with the number of its members. */
export function fieldLines(change: Change): readonly string[] {
  const wholes = new Map(change.fields.filter(isWhole).map((field) => [field.path, { field, members: 0 }]))
  const shown = change.fields.filter((field) => {
    const whole = wholeOf(field, wholes)
    if (whole !== undefined) whole.members += 1
    return whole === undefined
  })
  const lines = shown.slice(0, mostShown).map((field) => {
    const members = wholes.get(field.path)?.members ?? 0
    return (
      fieldLine(change, field) +
      (members > 0 ? ` (with ${members} ${members === 1 ? 'field' : 'fields'})` : '')
    )
  })
  return shown.length > mostShown ? [...lines, `    … and ${shown.length - mostShown} fields more`] : lines
}

export function causeNote(cause: Change['cause']): string {
  return cause === 'written' ? '' : ` (${cause})`
}

interface Whole {
  readonly field: FieldChange
  members: number
}

/** What has a name of its own, and comes or goes. */
function isWhole({ title, before, after }: FieldChange): boolean {
  return title !== undefined && (before === undefined) !== (after === undefined)
}

/** The whole that a field comes or goes with. */
function wholeOf(field: FieldChange, wholes: ReadonlyMap<string, Whole>): Whole | undefined {
  const { path } = field
  for (let end = path.lastIndexOf('.'); end > 0; end = path.lastIndexOf('.', end - 1)) {
    const whole = wholes.get(path.slice(0, end))
    if (whole !== undefined && sameWay(whole.field, field)) return whole
  }
  return undefined
}

function sameWay(a: FieldChange, b: FieldChange): boolean {
  return (
    (a.before === undefined) === (b.before === undefined) &&
    (a.after === undefined) === (b.after === undefined)
  )
}

function fieldLine(change: Change, field: FieldChange): string {
  const cause = field.cause === change.cause ? '' : causeNote(field.cause)
  const name = field.title === undefined ? printable(field.path) : unbroken(field.title)
  if (field.before === undefined) return `    + ${name}: ${showValue(field.after)}${cause}`
  if (field.after === undefined) return `    - ${name}: ${showValue(field.before)}${cause}`
  return `    ~ ${name}: ${showValue(field.before)} → ${showValue(field.after)}${cause}`
}
