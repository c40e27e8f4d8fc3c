import assert from 'node:assert/strict'
import { it } from 'node:test'
import { toJsonObject } from '../../../../src/core/json.ts'
import { drawerQuery, tellingFields } from './telling-field.ts'

const mappings = (properties: object) => toJsonObject({ properties })

it('what two mappings order alike can tell documents apart, dates first', () => {
  const one = mappings({
    n: { type: 'long' },
    at: { type: 'date' },
    text: { type: 'text' },
    user: { properties: { age: { type: 'integer' } } },
    lines: { type: 'nested', properties: { price: { type: 'double' } } },
    hidden: { type: 'long', doc_values: false },
    unsearchable: { type: 'long', index: false },
    changed: { type: 'long' },
  })
  const other = mappings({
    n: { type: 'long' },
    at: { type: 'date' },
    text: { type: 'text' },
    user: { properties: { age: { type: 'integer' } } },
    lines: { type: 'nested', properties: { price: { type: 'double' } } },
    hidden: { type: 'long' },
    unsearchable: { type: 'long' },
    changed: { type: 'double' },
  })
  assert.deepEqual(tellingFields(one, other), [
    { path: 'at', type: 'date' },
    { path: 'n', type: 'long' },
    { path: 'user.age', type: 'integer' },
  ])
})

it('a drawer’s query holds rather more than the drawer', () => {
  assert.deepEqual(drawerQuery({ path: 'n', type: 'long' }, 10, 20.5), {
    range: { n: { gte: 9, lte: 21 } },
  })
  assert.deepEqual(drawerQuery({ path: 'at', type: 'date' }, 1_000, 2_000), {
    range: { at: { gte: 990, lte: 2_010, format: 'epoch_millis' } },
  })
  const decimal = drawerQuery({ path: 'x', type: 'double' }, 0, 0.1)
  assert.deepEqual(decimal, { range: { x: { gte: -0.001, lte: 0.101 } } })
})
