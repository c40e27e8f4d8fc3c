import pkg from '../../package.json' with { type: 'json' }
import { type DownChoice, needsEnvironment, type UpChoice } from '../cluster/choice.ts'
import type { Facts } from '../cluster/facts.ts'
import { gather } from '../cluster/gather.ts'
import type { Plan } from '../cluster/plan.ts'
import { hasProgram } from '../cluster/prerequisites.ts'
import { readSettings } from '../config.ts'
import { ExitError } from '../errors.ts'
import { projectFile } from '../stack/project.ts'
import { stackPlaces, stackSettings } from '../stack/settings.ts'
import { planText } from './cluster-plan-text.ts'
import { type Context, line } from './context.ts'

export interface ClusterContext extends Pick<Context, 'out' | 'err' | 'env' | 'signal' | 'now'> {
  /** The checkout. Default: the one that this program is of. */
  readonly root?: string
}

/** Throws ExitError 1 where what is missing is needed for asking already. */
export async function factsFor(
  choice: UpChoice | DownChoice,
  context: ClusterContext,
  missing: readonly string[],
): Promise<Facts> {
  const { env, signal, now } = context
  const has = (name: string): boolean => hasProgram(name, env['PATH'])
  if (needsEnvironment(choice) && !has('kubectl') && !(choice.on === 'k0s' && has('k0s'))) refuse(missing)
  return gather(choice, {
    root: context.root ?? projectFile(),
    cache: stackPlaces(readSettings(stackSettings, env)).cache,
    version: pkg.version,
    stamp: new Date(now()).toISOString(),
    isRoot: process.getuid?.() === 0,
    env,
    signal,
  })
}

/** Throws ExitError 1 with every reason not to begin; returns where there is none. */
export function refuse(reasons: readonly string[]): void {
  if (reasons.length > 0) throw new ExitError(1, beginWith(reasons))
}

function beginWith(reasons: readonly string[]): string {
  const [only = ''] = reasons
  if (reasons.length === 1) return `not begun: ${only}`
  return ['not begun:', ...reasons.map((each) => `  - ${each}`)].join('\n')
}

/** A dry run: the plan as text. 2: it could not begin. */
export function showOnly(
  plan: Plan,
  refusals: readonly string[],
  { out }: Pick<ClusterContext, 'out'>,
): 0 | 2 {
  line(out, '\nNothing was done. These are the commands:\n')
  line(out, plan.length === 0 ? '# none: there is nothing to do' : planText(plan))
  if (refusals.length === 0) return 0
  line(out, `\n${beginWith(refusals)}`)
  return 2
}

/** Says what a Ctrl-C left, which everything else is silent about. */
export async function mentionStop<T>(
  { signal, err }: Pick<ClusterContext, 'signal' | 'err'>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (signal.aborted)
      line(err, 'Stopped. What was done stays; running the same command again goes on from there.')
    throw error
  }
}
