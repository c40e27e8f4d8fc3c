import { freePorts } from '../../src/stack/port.ts'
import type { Bench } from './bench.ts'
import { startServing } from './reconciler.ts'

/** The least that Node can be and still answer /ready: what its memory and its start are compared with. */
const bareServer =
  "require('node:http').createServer((_, response) => response.end('ok')).listen(process.env.PORT, '127.0.0.1')"

/** Whoever starts it ends it. */
export async function startBareNode({ directory, signal }: Bench): ReturnType<typeof startServing> {
  const [port = 0] = await freePorts(1)
  const serving = { directory, env: { PORT: String(port) }, port, path: '/', signal }
  return startServing(['--eval', bareServer], serving)
}
