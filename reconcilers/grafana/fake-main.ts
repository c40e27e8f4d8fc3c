import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { serveFakeGrafana } from './fake-server.ts'

/**
 * The simulated Grafana API as a program, for a stack without a Grafana: its arguments are a port of the loopback, and the directory of
 * its file `token`, in which it keeps what it is told.
 */
const [port = '', directory = ''] = process.argv.slice(2)
const token = (await readFile(join(directory, 'token'), 'utf8')).trim()
const running = await serveFakeGrafana({ host: '127.0.0.1', port: Number(port), directory, token })
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void running.close())
process.stdout.write(`the simulated Grafana API serves on ${running.url}\n`)
