import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isAllowed } from './allowed-url.ts'

const allows = (allowed: string, url: string) => isAllowed(url, new Set([allowed]))

describe('an allowed address', () => {
  it('covers itself and what is below it', () => {
    assert.ok(allows('https://prometheus:9090', 'https://prometheus:9090/'))
    assert.ok(allows('https://prometheus:9090/', 'https://prometheus:9090/api/v1'))
    assert.ok(allows('https://a.example.com/team', 'https://A.example.com/team/one'))
    assert.ok(allows('https://a.example.com:443', 'https://a.example.com'))
    assert.ok(allows('db:5432', 'db:5432'))
    assert.ok(isAllowed('https://x', 'any'))
  })

  it('covers no other scheme, host, port or path', () => {
    assert.ok(!allows('https://prometheus:9090', 'http://prometheus:9090'))
    assert.ok(!allows('https://prometheus', 'https://prometheus.evil.example'))
    assert.ok(!allows('https://prometheus:9090', 'https://prometheus:9091'))
    assert.ok(!allows('https://a/team', 'https://a/team2'))
    assert.ok(!allows('https://a/team', 'https://a/team/../other'))
    assert.ok(!allows('db:5432', 'db:5433'))
    assert.ok(!isAllowed('https://x', new Set()))
  })

  it('covers nothing that a server may read as another path, and of an address without a scheme only itself', () => {
    for (const path of ['..%2Fother', '..%5cother', 'a/..%2f..%2fother'])
      assert.ok(!allows('https://a/team', `https://a/team/${path}`))
    assert.ok(allows('https://a/team%2Fone', 'https://a/team%2Fone/'))
    assert.ok(allows('https://a/team%2Fone', 'https://a/team%2Fone/below'))
    for (const more of ['/;server=evil', '?;server=evil', '#;server=evil', ' '])
      assert.ok(!allows('db:1433', `db:1433${more}`))
  })

  it('does not take a user for a host', () => {
    assert.ok(!allows('https://prometheus', 'https://prometheus@evil.example'))
    assert.ok(!allows('https://prometheus', 'https://prometheus:x@evil.example'))
  })
})
