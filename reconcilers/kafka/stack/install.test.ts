import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { parseChecksums } from '../../../src/stack/checksums.ts'
import { versionFile } from './install.ts'

describe('the installation of Kafka', () => {
  for (const version of ['4.3.1', '3.9.2'] as const) {
    it(`locks every jar of version ${version}, Kafka and its tools among them`, async () => {
      const locked = parseChecksums(await readFile(versionFile(version, 'files.sha256'), 'utf8'))
      assert.ok([...locked.values()].every((checksum) => /^[0-9a-f]{64}$/.test(checksum)))
      for (const name of [`kafka_2.13-${version}.jar`, `kafka-tools-${version}.jar`])
        assert.ok(locked.has(name), name)
    })
  }
})
