import { Listr } from 'listr2'
import type { Say } from './cache.ts'

/** Where progress is written; a terminal gets spinners, anything else plain lines. */
export interface Out {
  write(text: string): unknown
  readonly isTTY?: boolean
  /** Width of a terminal; some say 0, where nothing can be drawn. */
  readonly columns?: number
}

/** One thing to do, shown under its title with what it says meanwhile. */
export interface Step {
  readonly title: string
  run(say: Say, signal: AbortSignal): Promise<void>
}

/**
 * Runs groups one after another and the steps of a group together. When one fails the others of its group are aborted and waited for,
 * so that nothing is still starting while the caller cleans up.
 */
export async function runSteps(
  groups: readonly (readonly Step[])[],
  out: Out,
  signal: AbortSignal,
): Promise<void> {
  for (const group of groups) {
    const failure = new AbortController()
    const either = AbortSignal.any([signal, failure.signal])
    const errors: unknown[] = []
    const run = async (step: Step, say: Say): Promise<void> => {
      try {
        await step.run(say, either)
      } catch (error) {
        errors.push(error)
        failure.abort(error)
        throw error
      }
    }
    await (isDrawable(out) ? inTerminal(group, run) : inLines(group, run, out))
    if (errors.length > 0) throw errors[0]
    signal.throwIfAborted()
  }
}

type Run = (step: Step, say: Say) => Promise<void>

async function inTerminal(group: readonly Step[], run: Run): Promise<void> {
  const tasks = group.map((step) => ({
    title: step.title,
    task: async (_: unknown, task: { output: string }): Promise<void> =>
      run(step, (line) => (task.output = line)),
  }))
  const options = { concurrent: true, exitOnError: false, registerSignalListeners: false } as const
  // A failure is told once, by whoever called us.
  await new Listr(tasks, {
    ...options,
    rendererOptions: { showErrorMessage: false, formatOutput: 'wrap' },
  }).run()
}

async function inLines(group: readonly Step[], run: Run, out: Out): Promise<void> {
  const one = async (step: Step): Promise<void> => {
    const say = (line: string): void => void out.write(`  ${line}\n`)
    out.write(`${step.title} …\n`)
    await run(step, say)
    out.write(`${step.title}: done\n`)
  }
  await Promise.allSettled(group.map(one))
}

function isDrawable({ isTTY, columns = 80 }: Out): boolean {
  return isTTY === true && columns >= 20
}
