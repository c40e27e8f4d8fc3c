import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { parseChecksums, verifyFiles } from './checksums.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

describe('locked files', () => {
  let directory: string
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'infometis-jars-'))
    await writeFile(join(directory, 'a.jar'), 'a')
    await writeFile(join(directory, 'b.jar'), 'b')
  })
  after(async () => rm(directory, { recursive: true }))

  const good = (): Map<string, string> => new Map(['a', 'b'].map((name) => [`${name}.jar`, sha256(name)]))

  it('are accepted when they are exactly those of the lock', async () => {
    const text = [...good()].map(([name, checksum]) => `${checksum}  ${name}\n`).join('')
    assert.deepEqual(parseChecksums(text), good())
    await verifyFiles(directory, parseChecksums(text))
  })

  const cases: readonly {
    readonly says: string
    readonly expected: () => Map<string, string>
    readonly message: RegExp
  }[] = [
    {
      says: 'another checksum',
      expected: () => good().set('a.jar', sha256('x')),
      message: /a\.jar has another checksum/,
    },
    {
      says: 'a file too few',
      expected: () => good().set('c.jar', sha256('c')),
      message: /c\.jar is missing/,
    },
    {
      says: 'a file too many',
      expected: () => new Map([...good()].slice(1)),
      message: /a\.jar is not expected/,
    },
  ]
  for (const { says, expected, message } of cases) {
    it(`are refused with ${says}`, async () => assert.rejects(verifyFiles(directory, expected()), message))
  }
})
