import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { desiredStatus, isSettled, statusLine } from './desired-status.ts'

const labels = { 'infometis.component': 'kafka', 'infometis.config-type': 'topics' }
const item = (name: string, more: object = {}, data: object = {}): object => ({
  metadata: { name, ...more },
  data,
})

describe('what is said of desired state', () => {
  const list = {
    items: [
      item('z-desired', { labels }),
      item('a-desired', { labels }),
      item('base', { labels: { ...labels, 'infometis.io/kind': 'base' } }),
      item('kube-root-ca.crt'),
      item(
        'a-desired-status',
        { labels: { 'infometis.io/kind': 'status' } },
        { ready: 'True', reason: 'Succeeded', summary: '3 ready' },
      ),
    ],
  }

  it('is read for every desired ConfigMap and nothing else, by name', () => {
    assert.deepEqual(desiredStatus(list).map(statusLine), [
      'a-desired: ready True, Succeeded: 3 ready',
      'z-desired: not looked at yet',
    ])
  })

  it('is settled when each has been looked at and none is at work', () => {
    assert.equal(isSettled(desiredStatus(list)), false)
    assert.equal(isSettled(desiredStatus({ items: list.items.slice(1) })), true)
  })

  it('carries the message where a person is needed', () => {
    const status = {
      name: 'a',
      ready: 'False',
      reason: 'ChangesHeld',
      message: '1 change held',
      summary: '2 ready, 1 held',
    }
    assert.equal(statusLine(status), 'a: ready False, ChangesHeld: 1 change held; 2 ready, 1 held')
  })
})
