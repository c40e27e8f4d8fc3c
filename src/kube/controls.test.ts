import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultControls, parseControls } from './controls.ts'

const parse = (name: string, value: string): ReturnType<typeof parseControls> =>
  parseControls({ [`infometis.io/${name}`]: value })

const good: readonly (readonly [string, string, object])[] = [
  ['policy', 'sync', { policy: 'sync' }],
  ['policy', 'observe-only', { policy: 'observe-only' }],
  ['suspend', 'true', { suspend: true }],
  ['suspend', 'false', { suspend: false }],
  ['adopt', ' true ', { adopt: true }],
  ['approve', '0123456789ab', { approve: '0123456789ab' }],
  ['allow', 'TopicHoldsRecords, FewerReplicas', { allow: new Set(['TopicHoldsRecords', 'FewerReplicas']) }],
  ['interval', '10s', { interval: 10_000 }],
  ['interval', '24h', { interval: 86_400_000 }],
  ['reconcile-at', '2026-11-20T10:00:00Z', { reconcileAt: '2026-11-20T10:00:00Z' }],
  [
    'ignore',
    'config.retention.ms, user-events:partitions',
    { ignore: ['config.retention.ms', 'user-events:partitions'] },
  ],
  ['max-deletes', '0', { maxDeletes: 0 }],
  ['extends', 'kafka-topics-base', { extends: 'kafka-topics-base' }],
]

for (const [name, value, expected] of good) {
  test(`the control ${name} may be "${value}"`, () => {
    assert.deepEqual(parse(name, value), { controls: { ...defaultControls, ...expected }, issues: [] })
  })
}

const bad: readonly (readonly [string, string, RegExp])[] = [
  ['policy', 'Sync', /"Sync" but must be upsert-only, sync or observe-only/],
  ['suspend', 'yes', /must be "true" or "false"/],
  ['suspend', '', /is empty/],
  ['adopt', '1', /must be "true" or "false"/],
  ['approve', '0123', /12 hex/],
  ['approve', '0123456789AB', /12 hex/],
  ['allow', 'a b', /commas/],
  ['interval', '0s', /from 1s to 24h/],
  ['interval', '500ms', /from 1s to 24h/],
  ['interval', '25h', /from 1s to 24h/],
  ['interval', '30', /from 1s to 24h/],
  ['reconcile-at', 'x'.repeat(300), /256/],
  ['ignore', 'a b', /field paths/],
  ['max-deletes', '-1', /whole number/],
  ['max-deletes', '1.5', /whole number/],
  ['extends', 'a/b', /the name of one ConfigMap/],
  ['extends', 'Base', /the name of one ConfigMap/],
  ['depends-on', 'kafka/orders', /not supported by this version/],
  ['rollback-to', '3', /not supported by this version/],
  ['windows', 'x', /not supported by this version/],
  ['max-delete', '3', /is not a control; there are policy, suspend/],
]

for (const [name, value, says] of bad) {
  test(`the control ${name} is refused with a sentence when it is "${value.slice(0, 20)}"`, () => {
    const { controls, issues } = parse(name, value)
    assert.deepEqual(controls, defaultControls)
    assert.equal(issues.length, 1)
    assert.equal(issues[0]?.path, `infometis.io/${name}`)
    assert.match(issues[0].message, says)
  })
}

test('our own summary and the annotations of others are passed over', () => {
  const annotations = {
    'infometis.io/ready': 'True',
    'infometis.io/reason': 'Succeeded',
    'infometis.io/message': 'as written',
    'infometis.io/observed-hash': 'x',
    'infometis.io/observed-applied': '2026-11-20T10:00:00Z',
    'kustomize.toolkit.fluxcd.io/prune': 'disabled',
    policy: 'sync',
  }
  assert.deepEqual(parseControls(annotations), { controls: defaultControls, issues: [] })
})
