import { readFile } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import { text } from 'node:stream/consumers'
import type { Keys } from './keys.ts'
import { addresses, ports } from './plan.ts'

/** Reads one object of the API as the administrator; undefined when it is not there or the API does not answer. */
export type Look = (path: string, signal: AbortSignal) => Promise<unknown>

export async function lookAt(keys: Keys): Promise<Look> {
  const [ca, cert, key] = await Promise.all(
    [keys.authority.certificate, keys.admin.certificate, keys.admin.key].map(async (file) => readFile(file)),
  )
  const agent = new Agent({ ca, cert, key, keepAlive: true })
  return async (path, signal) => {
    const { promise, resolve } = Promise.withResolvers<unknown>()
    const asked = request(
      { host: addresses.node, port: ports.api, path, agent, signal, timeout: 5_000 },
      (response) => {
        void text(response).then(
          (body) => resolve(response.statusCode === 200 ? parsed(body) : undefined),
          () => resolve(undefined),
        )
      },
    )
    asked.once('timeout', () => asked.destroy())
    asked.once('error', () => resolve(undefined))
    asked.end()
    return promise
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}
