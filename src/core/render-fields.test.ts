import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { changeOf, field } from '../../test/support/resources.ts'
import { fieldLines } from './render-fields.ts'
import type { FieldChange } from './resource.ts'

const named = (title: string, change: FieldChange): FieldChange => ({ ...change, title })

describe('the fields of a change as text', () => {
  it('calls things by their names, on one line', () => {
    const change = changeOf('update', 'a', [
      named('timer "Ti\nck": every', field('box.1.every', '1 s', '2 s')),
    ])
    assert.deepEqual(fieldLines(change), ['    ~ timer "Ti ck": every: "1 s" → "2 s"'])
  })

  it('has one line for what comes or goes as a whole', () => {
    const fields = [
      named('timer "Tick"', field('box.1', undefined, 'Timer')),
      field('box.1.every', undefined, '2s'),
      named('timer "Tock"', field('box.2', 'Timer')),
      field('box.2.every', '2s'),
      field('box.3.every', '1s', '2s'),
    ]
    assert.deepEqual(fieldLines(changeOf('update', 'a', fields)), [
      '    + timer "Tick": Timer (with 1 field)',
      '    - timer "Tock": Timer (with 1 field)',
      '    ~ box.3.every: 1s → 2s',
    ])
  })

  it('shows what stands behind digests in their place', () => {
    const within = [
      { path: 'targets.0.expr', before: 'up', after: 'sum(up)' },
      { path: 'unit', after: 's' },
    ]
    const added = {
      ...field('panels.2', undefined, 'sha:2'),
      title: 'panel "B"',
      within: [{ path: '', after: 'x y' }],
    }
    const changed = { ...field('panels.1', 'sha:0', 'sha:1'), title: 'panel "A"', within }
    assert.deepEqual(fieldLines(changeOf('update', 'a', [changed, added])), [
      '    ~ panel "A": targets.0.expr: up → sum(up)',
      '    + panel "A": unit: s',
      '    + panel "B": "x y"',
    ])
  })

  it('shows sixty, and says how many more there are', () => {
    const fields = Array.from({ length: 75 }, (_, n) => field(`x.${n}`, undefined, n))
    const lines = fieldLines(changeOf('create', 'a', fields))
    assert.equal(lines.length, 61)
    assert.equal(lines.at(-1), '    … and 15 fields more')
  })
})
