import type { Sent } from './pass.ts'

const namesShown = 3
const fieldsShown = 10

const past = { create: 'created', update: 'updated', replace: 'replaced', delete: 'deleted' } as const

/** `created 2 (a, b); updated 1 (c: config.retention.ms); replaced 1 (d — writers were held back for 0.8 s)`. */
export function describeChanges(sent: readonly Sent[]): string {
  const texts = (['create', 'update', 'replace', 'delete'] as const).flatMap((action) => {
    const of = sent.filter(({ change, outcome }) => change.action === action && outcome.state === 'done')
    if (of.length === 0) return []
    const names = of.slice(0, namesShown).map(nameWithFields)
    const more = of.length > namesShown ? ', …' : ''
    return [`${past[action]} ${of.length} (${names.join(', ')}${more})`]
  })
  const failed = sent.filter(({ outcome }) => outcome.state === 'failed').length
  return [...texts, ...(failed > 0 ? [`${failed} failed`] : [])].join('; ')
}

function nameWithFields({ change, outcome, keptIn }: Sent): string {
  const { action, name, fields } = change
  const notes = [
    ...(outcome.state === 'done' && outcome.note !== undefined ? [outcome.note] : []),
    ...(keptIn === undefined ? [] : [`what was there is kept in ${keptIn}`]),
  ]
  const note = notes.length === 0 ? '' : ` — ${notes.join('; ')}`
  if (action !== 'update') return name + note
  const paths = fields.slice(0, fieldsShown).map(({ title, path }) => title ?? path)
  const more = fields.length > fieldsShown ? ' …' : ''
  return `${name}: ${paths.join(' ')}${more}${note}`
}
