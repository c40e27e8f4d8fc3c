import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { serverArguments } from './server-arguments.ts'

/** Reads what org.elasticsearch.common.io.stream.StreamInput would. */
class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  byte(): number {
    return this.#bytes.readUInt8(this.#at++)
  }

  size(): number {
    const byte = this.byte()
    return byte < 128 ? byte : (byte & 127) + 128 * this.size()
  }

  raw(length: number): Buffer {
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  /** ASCII, where units of UTF-16 and bytes of UTF-8 are the same. */
  text(): string {
    return this.raw(this.size()).toString()
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }
}

describe('what 8.19 reads from standard input', () => {
  it('holds every setting and secure setting, short and long, and nothing after the directories', () => {
    const long = '/data/'.repeat(60)
    const made = new Reader(
      serverArguments({
        settings: { 'path.home': long, 'http.port': '9200' },
        secureSettings: { 'keystore.seed': 'abc' },
        configDirectory: '/config',
        logsDirectory: long,
      }),
    )
    const [daemonize, quiet, pidFile] = [made.byte(), made.byte(), made.byte()]
    assert.deepEqual([daemonize, quiet, pidFile], [1, 0, 0])
    assert.equal(made.text(), 'org.elasticsearch.common.settings.KeyStoreWrapper')
    assert.equal(made.raw(4).readInt32BE(), 7)
    assert.deepEqual([made.byte(), made.byte(), made.size()], [0, 0, 1])
    assert.deepEqual([made.text(), made.text(), made.raw(made.size()).length], ['keystore.seed', 'abc', 32])
    assert.equal(made.byte(), 0)
    const settings = Array.from({ length: made.size() }, () => [made.text(), made.byte(), made.text()])
    assert.deepEqual(settings, [
      ['path.home', 0, long],
      ['http.port', 0, '9200'],
    ])
    assert.deepEqual([made.text(), made.text(), made.left], ['/config', long, 0])
  })
})
