import assert from 'node:assert/strict'
import { readFile, readdir } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { parseDocument } from '../../src/kube/document.ts'
import { issuesOf } from './schema-issues.ts'

/** A service’s example documents: one for each of `schemas`, which are called by the names of the files. */
export function describeExamples(folder: URL, schemas: Readonly<Record<string, z.ZodType>>): void {
  describe('the examples', () => {
    it('are valid', async () => {
      const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml'))
      assert.deepEqual(names.sort(), Object.keys(schemas).sort())
      for (const name of names) {
        const { entries, issues } = parseDocument(await readFile(new URL(name, folder), 'utf8'), name)
        assert.deepEqual(issues, [])
        assert.ok(entries !== undefined && entries.size > 0)
        for (const entry of entries.values())
          assert.deepEqual(issuesOf(schemas[name] ?? z.never(), entry), [])
      }
    })
  })
}
