import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { crc32, deflateRawSync } from 'node:zlib'
import { unzip } from './unzip.ts'

interface Packed {
  readonly name: string
  readonly content: string
  readonly stored?: boolean
  readonly crc?: number
}

function header(signature: number, length: number): Buffer {
  const made = Buffer.alloc(length)
  made.writeUInt32LE(signature)
  return made
}

/** An archive as PKWARE's APPNOTE describes it. */
function zip(files: readonly Packed[]): Buffer {
  const [parts, directory]: [Buffer[], Buffer[]] = [[], []]
  for (const { name, content, stored = false, crc = crc32(content) } of files) {
    const packed = stored ? Buffer.from(content) : deflateRawSync(content)
    const local = header(0x04034b50, 30)
    local.writeUInt16LE(name.length, 26)
    const entry = header(0x02014b50, 46)
    entry.writeUInt16LE(stored ? 0 : 8, 10)
    entry.writeUInt32LE(crc, 16)
    entry.writeUInt32LE(packed.length, 20)
    entry.writeUInt16LE(name.length, 28)
    entry.writeUInt32LE(Buffer.concat(parts).length, 42)
    parts.push(local, Buffer.from(name), packed)
    directory.push(entry, Buffer.from(name))
  }
  const end = header(0x06054b50, 22)
  end.writeUInt32LE(Buffer.concat(directory).length, 12)
  end.writeUInt32LE(Buffer.concat(parts).length, 16)
  return Buffer.concat([...parts, ...directory, end])
}

describe('unzip', () => {
  let root: string
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'infometis-unzip-'))
  })
  after(async () => rm(root, { recursive: true }))

  const unpack = async (content: Buffer): Promise<string> => {
    const directory = await mkdtemp(join(root, 'case-'))
    await writeFile(join(directory, 'a.zip'), content)
    await unzip(join(directory, 'a.zip'), join(directory, 'out'))
    return join(directory, 'out')
  }

  it('unpacks files that are deflated and files that are stored, with their folders', async () => {
    const long = 'abc'.repeat(50_000)
    const files = [
      { name: 'home/', content: '', stored: true },
      { name: 'home/lib/long.txt', content: long },
      { name: 'home/short.txt', content: 'x', stored: true },
    ]
    const directory = await unpack(zip(files))
    assert.equal(await readFile(join(directory, 'home', 'lib', 'long.txt'), 'utf8'), long)
    assert.equal(await readFile(join(directory, 'home', 'short.txt'), 'utf8'), 'x')
  })

  const cases: readonly (readonly [string, Buffer, RegExp])[] = [
    ['what is no archive', Buffer.from('no archive'), /a\.zip cannot be unpacked: it has no end record/],
    ['an empty file', Buffer.alloc(0), /it has no end record/],
    ['a damaged file', zip([{ name: 'a', content: 'abc', crc: 1 }]), /a has another checksum/],
    ['a path that leads out', zip([{ name: '../a', content: 'x' }]), /\.\.\/a leads out of it/],
  ]
  for (const [what, content, message] of cases)
    it(`refuses ${what}`, async () => assert.rejects(unpack(content), message))
})
