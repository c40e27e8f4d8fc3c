import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ExitError } from '../errors.ts'
import type { Say } from '../stack/cache.ts'
import { type CommandOptions, type CommandResult, runCommand } from '../stack/command.ts'
import { waitUntil } from '../stack/deadline.ts'
import { type Out, runSteps } from '../stack/steps.ts'
import type { Plan, PlanStep } from './plan.ts'
import { podTroubles } from './pod-trouble.ts'
import { lastLine } from './prerequisites.ts'

export interface PlanRun extends Pick<CommandOptions, 'env'> {
  readonly out: Out
  readonly signal: AbortSignal
}

const undoMs = 120_000
const lookMs = 30_000
const retryMs = 2_000

/**
 * Does what a plan says, with progress. Throws ExitError 1 with the step that failed, the command’s own words and the way out;
 * what the signal stopped is thrown as its reason, after what was half done is taken back.
 */
export async function runPlan(plan: Plan, run: PlanRun): Promise<void> {
  const groups = plan.map((group) =>
    group.map((step) => ({
      title: step.title,
      run: async (say: Say, signal: AbortSignal): Promise<void> => perform(step, run, say, signal),
    })),
  )
  await runSteps(groups, run.out, run.signal)
}

async function perform(step: PlanStep, run: PlanRun, say: Say, signal: AbortSignal): Promise<void> {
  try {
    if (step.write !== undefined) await writeTo(step.write.file, step.write.text)
    const stdout = await execute(step, run, say, signal)
    if (step.output !== undefined) await writeTo(step.output, stdout)
  } catch (error) {
    await undo(step, error, run, say)
    if (signal.aborted) throw error
    throw new ExitError(1, await failure(step, error, run))
  }
}

/** A kubeconfig may be among them: nobody else reads it. */
async function writeTo(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await writeFile(file, text, { mode: 0o600 })
}

/** Its stdout. Throws an Error with the command’s words. */
async function execute(step: PlanStep, run: PlanRun, say: Say, signal: AbortSignal): Promise<string> {
  if (step.retry === true) return persist(step, run, say, signal)
  const { deadlineMs, stdin, output } = step
  // What goes to a file is told to nobody.
  const progress = output === undefined ? { onLine: say } : {}
  return stdoutOf(await command(step.command, { env: run.env, signal, deadlineMs, ...progress }, stdin))
}

/** Asks until the answer is a good one, and says each bad one once. */
async function persist(step: PlanStep, run: PlanRun, say: Say, signal: AbortSignal): Promise<string> {
  const { deadlineMs } = step
  let last: CommandResult | undefined
  let told = ''
  const wait = { what: step.title, deadlineMs, everyMs: retryMs, signal }
  await waitUntil(async (within) => {
    last = await command(step.command, { env: run.env, signal: within, deadlineMs })
    const words = lastLine(last.stderr)
    if (last.code !== 0 && words !== told) say(words)
    told = words
    return last.code === 0
  }, wait).catch((error: unknown) => {
    // At the deadline the last answer says more than the time that it took.
    if (signal.aborted || last === undefined) throw error
  })
  signal.throwIfAborted()
  return last === undefined ? '' : stdoutOf(last)
}

async function command(
  [name = '', ...args]: readonly string[],
  options: CommandOptions,
  stdin?: string,
): Promise<CommandResult> {
  return runCommand(name, args, { ...options, ...(stdin === undefined ? {} : { stdin }) })
}

function stdoutOf({ code, stdout, stderr }: CommandResult): string {
  if (code === 0) return stdout
  const words = (stderr.trim() || stdout.trim()).split('\n').slice(-20).join('\n').slice(-4_000)
  throw new Error(words === '' ? `exit code ${code}` : words)
}

/** Also after Ctrl-C: what is taken back has a deadline of its own. What somebody else made meanwhile stays. */
async function undo(step: PlanStep, error: unknown, { env }: PlanRun, say: Say): Promise<void> {
  if (step.undo === undefined || /already exist/.test(String(error))) return
  say(`taking back: ${step.undo.join(' ')}`)
  await command(step.undo, { env, deadlineMs: undoMs }).catch(() => undefined)
}

async function failure(step: PlanStep, error: unknown, run: PlanRun): Promise<string> {
  const words = error instanceof Error ? error.message : String(error)
  const troubles = step.pods === undefined ? [] : await troublesOf(step.pods, run)
  return [
    `${step.title}: ${words}`,
    ...troubles.map((each) => `  ${each}`),
    `  command: ${step.command.join(' ')}`,
    `  → ${step.wayOut}`,
  ].join('\n')
}

async function troublesOf(pods: readonly string[], { env }: PlanRun): Promise<readonly string[]> {
  const { code, stdout } = await command(pods, { env, deadlineMs: lookMs }).catch(() => noAnswer)
  return code === 0 ? podTroubles(JSON.parse(stdout)) : []
}

const noAnswer: CommandResult = { code: 1, stdout: '', stderr: '' }
