import { mkdir, open, writeFile, type FileHandle } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { promisify } from 'node:util'
import { crc32, inflateRaw } from 'node:zlib'
import { ReconcileError } from '../errors.ts'

const inflate = promisify(inflateRaw)

/** One file of an archive, as the central directory at its end tells of it (PKWARE APPNOTE 4.3.12). */
interface Entry {
  readonly name: string
  readonly deflated: boolean
  readonly crc: number
  readonly compressedSize: number
  readonly offset: number
}

/**
 * Unpacks a zip archive below a directory: plain files, stored or deflated, up to 4 GiB; neither modes nor links are kept.
 * Throws StackFailed for any other archive and for one that is damaged.
 */
export async function unzip(archive: string, directory: string): Promise<void> {
  const file = await open(archive)
  try {
    for (const entry of await centralDirectory(file, archive)) {
      const target = join(directory, entry.name)
      if (normalize(entry.name).startsWith('..')) throw damaged(archive, `${entry.name} leads out of it`)
      if (entry.name.endsWith('/')) {
        await mkdir(target, { recursive: true })
        continue
      }
      await mkdir(dirname(target), { recursive: true })
      await writeFile(target, await contentOf(file, entry, archive))
    }
  } finally {
    await file.close()
  }
}

async function centralDirectory(file: FileHandle, archive: string): Promise<readonly Entry[]> {
  const { size } = await file.stat()
  // The end record is 22 bytes and a comment of at most 65,535.
  const tail = await bytes(file, Math.max(0, size - 65_557), Math.min(size, 65_557))
  const end = tail.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  if (end < 0) throw damaged(archive, 'it has no end record')
  const directory = await bytes(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12))
  const entries: Entry[] = []
  for (let at = 0; at < directory.length;) {
    if (directory.readUInt32LE(at) !== 0x02014b50) throw damaged(archive, 'its directory cannot be read')
    const nameLength = directory.readUInt16LE(at + 28)
    const [flags, method] = [directory.readUInt16LE(at + 8), directory.readUInt16LE(at + 10)]
    const name = directory.toString('utf8', at + 46, at + 46 + nameLength)
    if ((flags & 1) === 1 || ![0, 8].includes(method)) throw damaged(archive, `${name} is of a kind unknown`)
    entries.push({
      name,
      deflated: method === 8,
      crc: directory.readUInt32LE(at + 16),
      compressedSize: directory.readUInt32LE(at + 20),
      offset: directory.readUInt32LE(at + 42),
    })
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
  }
  return entries
}

async function contentOf(file: FileHandle, entry: Entry, archive: string): Promise<Buffer> {
  const header = await bytes(file, entry.offset, 30)
  const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28)
  const packed = await bytes(file, start, entry.compressedSize)
  const content = entry.deflated ? await inflate(packed).catch(() => undefined) : packed
  if (content === undefined || crc32(content) !== entry.crc)
    throw damaged(archive, `${entry.name} has another checksum`)
  return content
}

async function bytes(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await file.read(buffer, 0, length, position)
  return buffer.subarray(0, bytesRead)
}

function damaged(archive: string, what: string): ReconcileError {
  return new ReconcileError('StackFailed', `${archive} cannot be unpacked: ${what}`)
}
