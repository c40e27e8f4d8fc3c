import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'

/** A tool's own verdict as a test: its output is the failure's message. */
function passes(command: string, ...args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(`node_modules/.bin/${command}`, args, { encoding: 'utf8' })
  assert.equal(status, 0, `${command} ${args.join(' ')}\n${stdout}${stderr}`)
}

describe('the project as a whole', () => {
  it('has types that hold', () => passes('tsc', '--noEmit', '-p', '.'))
  it('follows its lint rules', () => passes('eslint', '.'))
  it('is formatted', () => passes('prettier', '--check', '--log-level', 'warn', '.'))
})
