import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { ReconcileError } from '../errors.ts'

/** The lines of sha256sum: file name → lower-case hex. */
export function parseChecksums(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').filter((line) => line !== '')
  return new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]))
}

/** Throws StackFailed unless the directory holds exactly the files named, each with the checksum named. */
export async function verifyFiles(directory: string, expected: ReadonlyMap<string, string>): Promise<void> {
  const present = new Set(await readdir(directory))
  const unknown = [...present].filter((name) => !expected.has(name))
  const missing = [...expected.keys()].filter((name) => !present.has(name))
  const wrong: string[] = []
  for (const [name, checksum] of expected) {
    if (present.has(name) && (await sha256OfFile(join(directory, name))) !== checksum) wrong.push(name)
  }
  const faults = [
    ...unknown.map((name) => `${name} is not expected`),
    ...missing.map((name) => `${name} is missing`),
    ...wrong.map((name) => `${name} has another checksum`),
  ]
  if (faults.length === 0) return
  throw new ReconcileError('StackFailed', `what was brought is not what is locked: ${faults.join('; ')}`)
}

async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
