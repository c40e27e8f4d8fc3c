import type { Change, FieldChange, Leaf } from './resource.ts'
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
  const lines = shown.slice(0, mostShown).flatMap((field) => {
    if (field.within !== undefined) return field.within.map((leaf) => leafLine(change, field, leaf))
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

/** What somebody changed where that is theirs to do, in a sentence. */
export function leftAs(field: FieldChange): string {
  const [is, was] = [showValue(field.before), showValue(field.after)]
  return `${nameOf(field)} is ${is}, not ${was}: somebody changed it, and it is left so until Git says something new`
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

/** A place in a field, named by what people call the field. */
function leafLine(change: Change, field: FieldChange, leaf: Leaf): string {
  const name = nameOf(field)
  return line(change, field, { ...leaf, name: leaf.path === '' ? name : `${name}: ${printable(leaf.path)}` })
}

function fieldLine(change: Change, field: FieldChange): string {
  return line(change, field, { ...field, name: nameOf(field) })
}

function nameOf({ title, path }: FieldChange): string {
  return title === undefined ? printable(path) : unbroken(title)
}

function line(
  change: Change,
  of: FieldChange,
  { name, before, after }: Omit<Leaf, 'path'> & { readonly name: string },
): string {
  const cause = of.cause === change.cause ? '' : causeNote(of.cause)
  if (before === undefined) return `    + ${name}: ${showValue(after)}${cause}`
  if (after === undefined) return `    - ${name}: ${showValue(before)}${cause}`
  return `    ~ ${name}: ${showValue(before)} → ${showValue(after)}${cause}`
}
