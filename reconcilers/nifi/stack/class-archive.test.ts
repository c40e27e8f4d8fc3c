import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { archivable } from './class-archive.ts'

const kept = [
  '# a comment',
  'java/lang/Object id: 0',
  'org/example/Base id: 1 super: 0 source: /nars/a.jar',
  'org/example/Face id: 2 super: 0 source: /nars/a.jar',
  'org/example/Whole id: 3 super: 1 interfaces: 2 source: /nars/a.jar',
  '@lambda-proxy java/lang/Object run ()V',
]
const left = [
  'org/example/web/Resource id: 4 super: 0 source: /node/work/jetty/api.war/webapp/WEB-INF/classes/',
  'org/example/web/Library id: 5 super: 0 source: /node/work/jetty/api.war/webapp/WEB-INF/lib/b.jar',
  'org/example/Child id: 6 super: 4 source: /nars/a.jar',
  'org/example/Grandchild id: 7 super: 6 source: /nars/a.jar',
  'org/example/Implementation id: 8 super: 0 interfaces: 2 5 source: /nars/a.jar',
]

describe('the list of classes for an archive', () => {
  it('leaves out classes of web applications, and every class that builds on one', () => {
    assert.deepEqual(archivable([...kept, ...left].join('\n')).split('\n'), kept)
  })

  it('does not take the id of one class for that of another', () => {
    const line = 'org/example/Late id: 44 super: 0 source: /nars/a.jar'
    assert.equal(archivable([...left, line].join('\n')), line)
  })
})
