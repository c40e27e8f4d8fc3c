import { cli } from './cli/cli.ts'
import { flushed } from './cli/flushed.ts'
import { environment } from './config.ts'

const abort = new AbortController()
let first = 0
/** The first signal asks every command to finish; another does not wait for it, unless it is the same one by a second way (npm). */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (abort.signal.aborted && Date.now() - first > 1_000) process.exit(1)
    if (first === 0) first = Date.now()
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
await Promise.all([process.stdout, process.stderr].map(flushed))
process.exit(code)
