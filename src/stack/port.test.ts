import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, it } from 'node:test'
import { ReconcileError } from '../errors.ts'
import { accepts, assertFree, freePorts, isFree, portOwner } from './port.ts'

async function listening(): Promise<{ readonly port: number; readonly close: () => void }> {
  const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return { port: address.port, close: () => server.close() }
}

describe('ports', () => {
  it('gives distinct free ports below the ephemeral range', async () => {
    const ports = await freePorts(20)
    assert.equal(new Set(ports).size, 20)
    assert.ok(ports.every((port) => port >= 20_000 && port < 32_768))
    assert.ok((await Promise.all(ports.map(isFree))).every(Boolean))
  })

  it('knows an occupied port, and who holds it', async () => {
    const { port, close } = await listening()
    assert.equal(await isFree(port), false)
    assert.equal(await accepts(port), true)
    assert.equal((await portOwner(port))?.pid, process.pid)
    close()
  })

  it('says which port is taken, by whom, and which option chooses another', async () => {
    const { port, close } = await listening()
    await assert.rejects(assertFree(port, 'Kafka', '--kafka-port'), (error) => {
      assert.ok(error instanceof ReconcileError)
      assert.equal(error.reason, 'MissingPrerequisite')
      const expected = `port ${port}, wanted by Kafka, is taken by `
      assert.ok(error.message.startsWith(expected), error.message)
      assert.ok(error.message.includes(`(pid ${process.pid})`))
      assert.ok(error.message.endsWith('choose another port with --kafka-port'))
      return true
    })
    close()
  })

  it('knows nobody behind a free port', async () => {
    const [port = 0] = await freePorts(1)
    assert.equal(await portOwner(port), undefined)
    assert.equal(await accepts(port), false)
    await assertFree(port, 'Kafka', '--kafka-port')
  })
})
