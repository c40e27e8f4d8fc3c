import { spawn } from 'node:child_process'
import { ReconcileError } from '../errors.ts'
import { within } from './deadline.ts'
import { sendSignal } from './process-identity.ts'

export interface CommandOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly deadlineMs: number
  readonly cwd?: string
  readonly stdin?: string
  readonly signal?: AbortSignal | undefined
  /** Is told each line of either stream as it comes: progress for whoever waits. */
  readonly onLine?: (line: string) => void
}

/** What a finished command said. Each stream keeps its last 16 MiB. */
export interface CommandResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const keptBytes = 16 * 1024 * 1024

/**
 * Runs a command to its end; a non-zero exit is a result. On abort and at the deadline the command and everything it started are
 * killed. Throws MissingPrerequisite when it cannot be started.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const signal = within(options.deadlineMs, options.signal)
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<CommandResult>()
  const child = spawn(command, args, { cwd: options.cwd, env: { ...options.env }, detached: true })
  const [stdout, stderr] = [collect(child.stdout, options.onLine), collect(child.stderr, options.onLine)]
  const killGroup = (): void => {
    if (child.pid !== undefined && child.exitCode === null) sendSignal(-child.pid, 'SIGKILL')
  }
  signal.addEventListener('abort', killGroup, { once: true })
  child.stdin.on('error', () => undefined)
  child.stdin.end(options.stdin ?? '')
  child.once('error', (cause) => {
    reject(new ReconcileError('MissingPrerequisite', `cannot run ${command}: ${cause.message}`, { cause }))
  })
  child.once('close', (code) => {
    signal.removeEventListener('abort', killGroup)
    if (options.signal?.aborted === true) reject(toError(options.signal.reason))
    else if (signal.aborted) reject(late(command, options.deadlineMs))
    else resolve({ code: code ?? 1, stdout: stdout(), stderr: stderr() })
  })
  return promise
}

function late(command: string, deadlineMs: number): ReconcileError {
  return new ReconcileError('StackFailed', `${command} did not end in ${deadlineMs / 1000} s`)
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}

/** As `runCommand`, giving its stdout. Throws StackFailed with the command's own words when it fails. */
export async function runOrThrow(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<string> {
  const result = await runCommand(command, args, options)
  if (result.code === 0) return result.stdout
  const words = (result.stderr.trim() || result.stdout.trim()).slice(-4_000)
  throw new ReconcileError(
    'StackFailed',
    `${command} ${args[0] ?? ''} failed with exit code ${result.code}: ${words}`,
  )
}

function collect(stream: NodeJS.ReadableStream, onLine?: CommandOptions['onLine']): () => string {
  let text = ''
  let begun = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    text = (text + chunk).slice(-keptBytes)
    if (onLine === undefined) return
    // Some programs write over their own line, and end it with a carriage return.
    const lines = (begun + chunk).split(/[\r\n]+/)
    begun = lines.pop() ?? ''
    for (const line of lines.filter((each) => each.trim() !== '')) onLine(line)
  })
  return () => text
}
