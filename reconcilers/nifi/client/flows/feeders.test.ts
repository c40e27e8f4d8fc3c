import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { connection, definitionOf, funnel, processor } from '../../../../test/support/nifi-definition.ts'
import { feedersOf, standingFor, withFunnels } from './feeders.ts'

const only = (...identifiers: readonly string[]) => new Set(identifiers)
const sorted = (identifiers: ReadonlySet<string>) => [...identifiers].toSorted()

/** a → b → d, and b back to itself. */
const chain = definitionOf({
  processors: [processor('a'), processor('b'), processor('d')],
  connections: [connection('ab', 'a', 'b'), connection('bb', 'b', 'b'), connection('bd', 'b', 'd')],
})

describe('what stands still so that connections become empty', () => {
  it('is the first of a chain as long as the next one has work, and all of it then', () => {
    const both = only('ab', 'bd')
    assert.deepEqual(sorted(standingFor(chain, both, only('ab', 'bd'))), ['a'])
    assert.deepEqual(sorted(standingFor(chain, both, only('bd'))), ['a', 'b'])
    assert.deepEqual(sorted(standingFor(chain, both, only())), ['a', 'b'])
  })

  it('is not what alone can empty a connection to itself', () => {
    assert.deepEqual(sorted(standingFor(chain, only('bb'), only('bb'))), [])
    assert.deepEqual(sorted(standingFor(chain, only('bb'), only())), ['b'])
  })

  it('is nothing that only takes from them', () => {
    assert.deepEqual(sorted(feedersOf(chain, only('ab'))), ['a'])
  })
})

describe('connections that come from funnels', () => {
  const [p, q] = [processor('p'), processor('q')]
  const from = (id: string) => ({ id, type: 'FUNNEL' })
  /** p → f → g → q, both in the middle funnels. */
  const through = definitionOf({
    processors: [p, q],
    funnels: [funnel('f'), funnel('g')],
    connections: [
      connection('pf', 'p', from('f')),
      connection('fg', from('f'), from('g')),
      connection('gq', from('g'), 'q'),
    ],
  })

  it('are empty only when all ahead of the funnels is, too', () => {
    assert.deepEqual(sorted(withFunnels(through, only('gq'))), ['fg', 'gq', 'pf'])
    assert.deepEqual(sorted(withFunnels(through, only('pf'))), ['pf'])
  })

  it('are fed by what is ahead of all funnels', () => {
    assert.deepEqual(sorted(feedersOf(through, only('gq'))), ['p'])
  })

  it('end in a ring of funnels as well', () => {
    const ring = definitionOf({
      funnels: [funnel('f'), funnel('g')],
      connections: [connection('fg', from('f'), from('g')), connection('gf', from('g'), from('f'))],
    })
    assert.deepEqual(sorted(withFunnels(ring, only('fg'))), ['fg', 'gf'])
    assert.deepEqual(sorted(feedersOf(ring, only('fg'))), [])
  })
})
