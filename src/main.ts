import { cli } from './cli/cli.ts'
import { environment } from './config.ts'

const abort = new AbortController()
/** The first signal asks every command to finish; a second one does not wait for it. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (abort.signal.aborted) process.exit(1)
    abort.abort(new DOMException(`stopped by ${signal}`, 'AbortError'))
  })
}
/** Whoever reads us may stop reading (`infometis plan … | head`): that is no error of ours. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

const code = await cli(process.argv.slice(2), {
  out: process.stdout,
  err: process.stderr,
  input: process.stdin,
  cwd: process.cwd(),
  env: environment(),
  signal: abort.signal,
  now: Date.now,
})
process.exit(code)
