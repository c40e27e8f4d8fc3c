import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

/** How long it may take: fewer runs and samples, or more and larger ones. */
export type Size = 'quick' | 'default' | 'full'

export interface Options {
  readonly size: Size
  /** Names of row groups; empty for all. */
  readonly only: readonly string[]
  /** True: put the table into README.md. */
  readonly write: boolean
  /** What the table says of when it was measured. */
  readonly date: string
  /** Where the reconciler leaves CPU profiles, if anywhere. */
  readonly profile: string | undefined
  readonly help: boolean
}

export const usage = `npm run bench -- [--quick | --full] [--only NAME]… [--write] [--date TEXT] [--profile DIR]

  --quick         a few minutes: fewer runs and samples
  --full          more of them, 20,000 topics, a longer soak, a dead watch
  --only NAME     only this group of rows; may be given several times
  --write         put the table into README.md
  --date TEXT     the date that the table shows (default: today)
  --profile DIR   every reconciler leaves a CPU profile there`

/** Throws with a sentence for an option that is not known. */
export function readOptions(words: readonly string[], today: string): Options {
  const flag = { type: 'boolean', default: false } as const
  const { values } = parseArgs({
    args: [...words],
    options: {
      quick: flag,
      full: flag,
      write: flag,
      help: flag,
      only: { type: 'string', multiple: true, default: [] },
      date: { type: 'string', default: today },
      profile: { type: 'string' },
    },
  })
  if (values.quick && values.full) throw new Error('--quick and --full exclude each other')
  const { only, write, date, help } = values
  const profile = values.profile === undefined ? undefined : resolve(values.profile)
  return { size: sizeOf(values), only, write, date, profile, help }
}

function sizeOf({ quick, full }: { readonly quick: boolean; readonly full: boolean }): Size {
  if (quick) return 'quick'
  return full ? 'full' : 'default'
}
