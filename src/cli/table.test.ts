import assert from 'node:assert/strict'
import { it } from 'node:test'
import { table } from './table.ts'

it('a table looks as kubectl prints it: no borders, three spaces, no trailing ones', () => {
  const text = table(
    ['NAME', 'READY'],
    [
      ['kafka-topics-desired', 'True'],
      ['x', ''],
    ],
  )
  assert.equal(text, 'NAME                   READY\nkafka-topics-desired   True\nx')
})

it('a table without rows is its head', () => assert.equal(table(['NAME', 'READY'], []), 'NAME   READY'))
