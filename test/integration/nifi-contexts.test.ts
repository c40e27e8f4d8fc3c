import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { AxiosWire } from '../../reconcilers/nifi/client/axios-wire.ts'
import { nifiSettings } from '../../reconcilers/nifi/settings.ts'
import { pause } from '../../src/client/abort.ts'
import { readSettings } from '../../src/config.ts'
import { type Site, describeContexts } from '../support/nifi-context-suite.ts'
import { type TestNifi, startNifi } from '../support/nifi.ts'

const deadline = () => AbortSignal.timeout(60_000)

/** A real NiFi, and a server that InvokeHTTP calls: only what a sensitive parameter is used for shows what it holds. */
async function openSite(): Promise<Site> {
  const passwords = new Map<string, string>()
  const sink = createServer((request, response) => {
    const [, basic = ''] = /^Basic (.*)$/.exec(request.headers.authorization ?? '') ?? []
    const password = Buffer.from(basic, 'base64')
      .toString()
      .replace(/^[^:]*:/, '')
    passwords.set(request.url ?? '', password)
    response.end()
  })
  sink.listen(0, '127.0.0.1')
  await once(sink, 'listening')
  const address = sink.address()
  assert.ok(address !== null && typeof address === 'object')
  // Longer than usual, so that a kill comes before it on any machine.
  const nifi = await startNifi({ settings: { 'nifi.flowservice.writedelay.interval': '5 sec' } })
  return {
    rootId: nifi.clusterId,
    options: {},
    wire: () => new AxiosWire(readSettings(nifiSettings, { NIFI_URL: nifi.url })),
    ask: async (method, path, body) => nifi.ask(method, path, body, { signal: deadline() }),
    restart: async () => {
      await nifi.node.stop()
      await nifi.start(AbortSignal.timeout(180_000))
    },
    kill: async () => {
      await nifi.kill()
      await nifi.start(AbortSignal.timeout(180_000))
    },
    writtenDown: async (text) => {
      const signal = deadline()
      while (!(await flowOnDisk(nifi)).includes(text)) await pause(50, signal)
    },
    purge: async () => {
      const path = '/controller/history?endDate=12%2F31%2F2099%2000:00:00'
      assert.equal((await nifi.ask('DELETE', path)).status, 200)
    },
    urlOf: (path) => `http://127.0.0.1:${String(address.port)}${path}`,
    passwordAt: async (path) => {
      passwords.delete(path)
      const signal = deadline()
      for (;;) {
        const password = passwords.get(path)
        if (password !== undefined) return password
        await pause(20, signal)
      }
    },
    stop: async () => {
      sink.close()
      sink.closeAllConnections()
      await nifi.stop()
    },
  }
}

/** Empty while it is being written. */
async function flowOnDisk({ directory }: TestNifi): Promise<string> {
  try {
    return gunzipSync(await readFile(join(directory, 'node', 'conf', 'flow.json.gz'))).toString()
  } catch {
    return ''
  }
}

describeContexts('parameter contexts on NiFi 2.3.0', openSite)
