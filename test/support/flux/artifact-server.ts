import { createReadStream } from 'node:fs'
import { createServer } from 'node:http'
import { basename, join } from 'node:path'

/**
 * `node artifact-server.ts <directory> <address>`: serves the files of a directory, as source-controller does its artifacts. A
 * program of its own, because it may have to run in another network namespace than the test.
 */
const [directory = '.', address = '127.0.0.1'] = process.argv.slice(2)

const server = createServer((request, response) => {
  const name = basename(new URL(request.url ?? '/', 'http://artifacts').pathname)
  const file = createReadStream(join(directory, name))
  file.once('error', () => response.writeHead(404).end())
  file.once('open', () => file.pipe(response))
})
server.listen(0, address, () => {
  const bound = server.address()
  const port = bound === null || typeof bound === 'string' ? 0 : bound.port
  process.stdout.write(`serving at http://${address}:${port}\n`)
})
