import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { z } from 'zod'
import { documentSchema } from './schema.ts'

const inline = z.looseObject({ title: z.string() })
const entry = z.strictObject({ size: z.int(), definition: inline })
const forms = {
  'one form': entry,
  'two forms': z.union([entry, z.strictObject({ definition: inline.optional() })]),
}

describe('the JSON Schema of a document with definitions', () => {
  for (const [what, schema] of Object.entries(forms)) {
    const type = { name: 'boards', entryName: z.string(), schema, definition: 'definition' }
    const valid = new Ajv2020({ strict: false }).compile(documentSchema(type))
    const isValid = (definition: unknown): boolean => valid({ orders: { size: 1, definition } })

    it(`takes one that stands in its entry, and one under a key: ${what}`, () => {
      assert.ok(isValid({ title: 'Orders', any: 'more' }))
      assert.ok(isValid({ key: 'orders.json' }))
    })

    it(`takes nothing else for the name of a key: ${what}`, () => {
      assert.deepEqual([{ key: '' }, { key: 5 }, { key: 'orders.json', more: 1 }, {}].map(isValid), [
        false,
        false,
        false,
        false,
      ])
    })
  }

  it('leaves a member of that name further inside alone', () => {
    const deep = z.strictObject({ inside: z.strictObject({ definition: z.int() }) })
    const type = { name: 'boards', entryName: z.string(), schema: deep, definition: 'definition' }
    const valid = new Ajv2020({ strict: false }).compile(documentSchema(type))
    assert.ok(!valid({ a: { inside: { definition: { key: 'x' } } } }))
  })
})
