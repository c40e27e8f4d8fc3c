import assert from 'node:assert/strict'
import { it } from 'node:test'
import { inWords, reserve } from './disk.ts'

const gb = 2 ** 30

it('a watermark keeps a part of the disk, or so many bytes', () => {
  assert.equal(Math.round(reserve('85%', 100)), 15)
  assert.equal(Math.round(reserve('0.85', 100)), 15)
  assert.equal(reserve('20gb', 100 * gb), 20 * gb)
  assert.equal(reserve('500MB', 100 * gb), 500 * 2 ** 20)
  assert.equal(reserve(undefined, 100), 0)
  assert.equal(reserve('nonsense', 100), 0)
})

it('bytes are told in the largest unit that fits', () => {
  assert.equal(inWords(1.5 * gb), '1.5 GB')
  assert.equal(inWords(2_048), '2 kB')
  assert.equal(inWords(12), '12 bytes')
})
