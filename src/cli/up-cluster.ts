import { awaitAnswers } from '../cluster/answer.ts'
import type { UpChoice } from '../cluster/choice.ts'
import type { Facts } from '../cluster/facts.ts'
import { kubectlCommand } from '../cluster/kubectl-command.ts'
import { missingPrograms } from '../cluster/prerequisites.ts'
import { expectationsOf } from '../cluster/reach.ts'
import { refusalsOfUp } from '../cluster/refusals.ts'
import { runPlan } from '../cluster/run-plan.ts'
import { planUp } from '../cluster/up-plan.ts'
import { runCommand } from '../stack/command.ts'
import { type ClusterContext, factsFor, mentionStop, refuse, showOnly } from './cluster-place.ts'
import { nextText } from './cluster-next.ts'
import { headline } from './cluster-plan-text.ts'
import { line } from './context.ts'

export interface UpClusterOptions extends ClusterContext {
  readonly choice: UpChoice
  readonly dryRun: boolean
}

/**
 * The stack of an environment on a cluster of the user’s. 0: everything runs and everything desired is Ready (or nobody waited
 * for it). 2: something is not, or a dry run met what would stand in the way. Throws ExitError 1 for what was refused or failed.
 */
export async function upCluster(options: UpClusterOptions): Promise<0 | 2> {
  const { choice, out } = options
  const missing = await missingPrograms(choice, options)
  const facts = await factsFor(choice, options, missing)
  const refusals = [...missing, ...refusalsOfUp(choice, facts)]
  const plan = planUp(choice, facts)
  line(out, headline(choice, facts))
  const expected = expectationsOf(facts.environment)
  if (expected.length > 0)
    line(
      out,
      `It does not bring ${expected.join(', ')}, and pods wait for them: environments/README.md says what is in them.`,
    )
  if (options.dryRun) return showOnly(plan, refusals, options)
  refuse(refusals)
  await mentionStop(options, async () => runPlan(plan, options))
  const good = !choice.wait || (await mentionStop(options, async () => settle(options, facts)))
  line(out, nextText(choice, facts))
  return good ? 0 : 2
}

/** True when everything desired is Ready. */
async function settle(options: UpClusterOptions, facts: Facts): Promise<boolean> {
  const { choice, env, signal, out } = options
  const [program = '', ...first] = kubectlCommand(choice, facts)
  line(out, 'Waiting until everything desired is there …')
  const all = await awaitAnswers({
    desired: facts.environment.desired,
    stamp: facts.stamp,
    deadlineMs: choice.timeoutMs,
    signal,
    say: (text) => line(out, `  ${text}`),
    ask: async (args) => runCommand(program, [...first, ...args], { env, signal, deadlineMs: 30_000 }),
  })
  const silent = all.filter(({ ready }) => ready === undefined).map(({ name }) => name)
  if (silent.length > 0)
    line(out, `  no reconciler has answered for ${silent.join(', ')}: read the logs of its Deployment`)
  return all.every(({ ready }) => ready === 'True')
}
