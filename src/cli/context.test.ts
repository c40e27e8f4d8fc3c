import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { painter, type Writer } from './context.ts'

const terminal: Writer = { write: () => true, isTTY: true }
const pipe: Writer = { write: () => true }
const green = '\u001b[32m+\u001b[39m'

describe('colours', () => {
  const cases: readonly { name: string; writer: Writer; env: Record<string, string>; expected: string }[] = [
    { name: 'are on a terminal', writer: terminal, env: {}, expected: green },
    { name: 'are not in a pipe', writer: pipe, env: {}, expected: '+' },
    { name: 'are off with NO_COLOR', writer: terminal, env: { NO_COLOR: '1' }, expected: '+' },
    {
      name: 'stay on with an empty NO_COLOR, as no-color.org says',
      writer: terminal,
      env: { NO_COLOR: '' },
      expected: green,
    },
    { name: 'are off on a dumb terminal', writer: terminal, env: { TERM: 'dumb' }, expected: '+' },
  ]
  for (const { name, writer, env, expected } of cases) {
    it(name, () => assert.equal(painter(writer, env)('create', '+'), expected))
  }
})
