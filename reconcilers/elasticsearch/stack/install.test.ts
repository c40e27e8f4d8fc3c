import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { parseChecksums } from '../../../src/stack/checksums.ts'
import { type ElasticsearchVersion, versionFile } from './versions.ts'

const cases: readonly (readonly [ElasticsearchVersion, string, readonly string[]])[] = [
  ['8.19.21', 'home', ['elasticsearch-8.19.21.zip']],
  ['7.17.29', 'home', ['elasticsearch-7.17.29.zip']],
  ['7.17.29', 'reindex', ['reindex-client-7.17.29.jar', 'elasticsearch-rest-client-7.17.29.jar']],
  ['9.5.3', 'lib', ['elasticsearch-9.5.3.jar', 'log4j-core-2.26.1.jar']],
  ['9.5.3', 'transport-netty4', ['transport-netty4-9.5.3.jar']],
]

describe('the installation of Elasticsearch', () => {
  for (const [version, part, names] of cases) {
    it(`locks every file of ${part} of version ${version}`, async () => {
      const locked = parseChecksums(await readFile(versionFile(version, part, 'files.sha256'), 'utf8'))
      assert.ok([...locked.values()].every((checksum) => /^[0-9a-f]{64}$/.test(checksum)))
      for (const name of names) assert.ok(locked.has(name), name)
    })
  }

  it('brings no jar into a module that lib has too: the server refuses to start with both', async () => {
    const names = async (version: ElasticsearchVersion, part: string): Promise<readonly string[]> => [
      ...parseChecksums(await readFile(versionFile(version, part, 'files.sha256'), 'utf8')).keys(),
    ]
    const lib = new Set(await names('9.5.3', 'lib'))
    const both = (await names('9.5.3', 'transport-netty4')).filter((name) => lib.has(name))
    assert.deepEqual(both, [])
    assert.ok(!(await names('7.17.29', 'reindex')).some((name) => name.startsWith('elasticsearch-core')))
  })
})
