import { dirname } from 'node:path'
import { readSettings } from '../config.ts'
import { isHeld } from '../stack/claim.ts'
import { stackPlaces, stackSettings } from '../stack/settings.ts'
import { readRecord } from '../stack/stack-record.ts'
import { type Context, line } from './context.ts'

export type EnvOptions = Pick<Context, 'out' | 'err' | 'env'>

/** Export lines for a POSIX shell: `eval "$(infometis env)"`. 2: there is no stack to point at. */
export async function env({ out, err, env: settings }: EnvOptions): Promise<0 | 2> {
  const places = stackPlaces(readSettings(stackSettings, settings))
  const record = await readRecord(places.runDirectory)
  if (record === undefined || !(await isHeld(record))) {
    line(err, 'No stack runs: start one with `infometis up --detach`.')
    return 2
  }
  if (record.environment === undefined) {
    line(err, 'The stack is still starting: run this again when `infometis up` says that it is up.')
    return 2
  }
  for (const [name, value] of Object.entries(record.environment))
    line(out, `export ${name}=${shellQuoted(value)}`)
  if (record.kubectl !== undefined) line(out, `export PATH=${shellQuoted(dirname(record.kubectl))}:"$PATH"`)
  return 0
}

/** One word for a POSIX shell, whatever is in it. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
