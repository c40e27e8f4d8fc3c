import { readFile } from 'node:fs/promises'
import { order, type Report } from './messages.ts'
import { Parts } from './parts.ts'
import { plan as planSchema } from './plan.ts'
import { startParts } from './start-parts.ts'

const tell = (report: Report): void => {
  process.send?.(report)
}
const tellFailure = (error: unknown): void =>
  tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })

/**
 * The program inside a cluster’s namespaces: it starts every part, restarts the API server when told to, and ends with its owner.
 * When it ends, the first process of the namespace ends, and with that everything in it.
 */
async function main(file = ''): Promise<void> {
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  const plan = planSchema.parse(JSON.parse(await readFile(file, 'utf8')))
  const parts = new Parts((message) => tell({ kind: 'ended', message }))
  const { api, snapshotter } = await parts.unlessLost(startParts(plan, parts))
  process.on('message', (message) => {
    order.parse(message)
    parts.restart(api).then((ms) => tell({ kind: 'restarted', ms }), tellFailure)
  })
  tell({ kind: 'ready', timings: parts.timings, snapshotter })
}

await main(process.argv[2]).catch(tellFailure)
