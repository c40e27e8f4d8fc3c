import { readFile, writeFile } from 'node:fs/promises'
import type { Row } from './row.ts'

const marks = { begin: '<!-- bench:begin -->', end: '<!-- bench:end -->' } as const

/** The rows as a Markdown table with notes: what the terminal shows and what README.md carries. */
export function renderTable(rows: readonly Row[], machine: string): string {
  const head = '| what | measured: median (min–max) | bare limit, same run | ratio | target | |'
  const lines = rows.map(
    ({ what, measured, bare, ratio, target, met }, index) =>
      `| ${what} [${index + 1}] | ${measured} | ${bare} | ${ratio} | ${target} | ${sayMet(met)} |`,
  )
  const notes = rows.map(({ how }, index) => `${index + 1}. ${how}`)
  return [machine, '', head, '|---|---|---|---|---|---|', ...lines, '', ...notes].join('\n')
}

function sayMet(met: boolean | undefined): string {
  if (met === undefined) return '–'
  return met ? 'met' : '**missed**'
}

/** Puts the table between its marks. Throws when the file has none. */
export async function writeTable(file: string, table: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  const [begin, end] = [text.indexOf(marks.begin), text.indexOf(marks.end)]
  if (begin < 0 || end < begin) throw new Error(`${file} has no ${marks.begin} … ${marks.end}`)
  const before = text.slice(0, begin + marks.begin.length)
  await writeFile(file, `${before}\n\n${table}\n\n${text.slice(end)}`)
}
