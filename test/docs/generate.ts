import { writeFile } from 'node:fs/promises'
import { generatedTables, readProjectFile, withTable } from './tables.ts'

/** `npm run docs`: puts every table that is made from the code into its file. */
for (const table of generatedTables) {
  const { file, name } = table
  const before = await readProjectFile(file)
  const after = before === undefined ? undefined : withTable(before, table)
  if (after !== undefined && after !== before)
    await writeFile(new URL(`../../${file}`, import.meta.url), after)
  const became = after === undefined ? 'no place for' : after === before ? 'as it was' : 'rewritten'
  process.stdout.write(`${became}: ${name} in ${file}\n`)
}
