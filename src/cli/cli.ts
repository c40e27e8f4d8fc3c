import { CommanderError } from 'commander'
import { ExitError, ReconcileError, reasons, toReconcileError } from '../errors.ts'
import { type Context, line } from './context.ts'
import { buildProgram } from './program.ts'

/** argv (without node and script) → exit code. Never throws: this is the one place where an error becomes a code. */
export async function cli(argv: readonly string[], context: Context): Promise<number> {
  let code = 0
  const program = buildProgram(context, (result) => (code = result))
  try {
    if (argv.length === 0) {
      program.outputHelp({ error: true })
      return 1
    }
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.code === 'commander.unknownCommand') {
        const known = program.commands.map((command) => command.name()).sort()
        line(context.err, `Known commands: ${known.join(', ')}`)
      }
      return error.exitCode === 0 ? 0 : 1
    }
    return explain(error, context)
  }
}

/** An error in words, with its way out. What nobody foresaw keeps its stack, for the report. */
function explain(thrown: unknown, { err }: Context): number {
  if (thrown instanceof ExitError) {
    if (thrown.message !== '') line(err, `error: ${thrown.message}`)
    return thrown.code
  }
  const error = toReconcileError(thrown)
  if (error.reason === 'Aborted') return 1
  line(err, `error: ${error.message}`)
  if (error.reason === 'InternalError') line(err, stackOf(thrown))
  else line(err, `  → ${reasons[error.reason].advice}`)
  return 1
}

function stackOf(thrown: unknown): string {
  const cause = thrown instanceof ReconcileError ? thrown.cause : thrown
  return cause instanceof Error ? (cause.stack ?? '') : ''
}
