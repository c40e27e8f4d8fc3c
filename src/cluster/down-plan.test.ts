import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  downOf,
  factsOf,
  liveFacts,
  localContext,
  newK0s,
  newKind,
  oldKind,
  ourK0s,
} from '../../test/support/cluster-facts.ts'
import { planDown } from './down-plan.ts'
import type { ClusterFacts } from './facts.ts'

const commandsOf = (...given: Parameters<typeof planDown>): readonly string[] =>
  planDown(...given)
    .flat()
    .map(({ command }) => command.join(' '))

describe('the plan of down', () => {
  const cases: readonly (readonly [string, ClusterFacts, readonly string[]])[] = [
    ['deletes a kind cluster', oldKind, ['kind delete cluster --name infometis']],
    ['has nothing to do where there is none', newKind, []],
    ['stops and resets k0s', ourK0s, ['k0s stop', 'k0s reset']],
    ['resets a k0s that does not run', { ...ourK0s, isRunning: false }, ['k0s reset']],
    ['leaves a machine without k0s alone', newK0s, []],
  ]
  for (const [what, cluster, commands] of cases)
    it(what, () => assert.deepEqual(commandsOf(downOf({ on: cluster.on }), factsOf({ cluster })), commands))

  const kubectl = 'kubectl --context laptop'
  const current = downOf({ on: 'current' })
  const live = liveFacts({
    claims: ['data-kafka-0', 'data-kafka-1', 'data-kafka-old', 'pictures', 'theirs'].map((name) => ({
      namespace: 'infometis-dev',
      name,
    })),
    statuses: [
      { namespace: 'infometis-dev', name: 'topics-status', desired: 'infometis-dev/topics' },
      { namespace: 'infometis-dev', name: 'others-status', desired: 'infometis-dev/others' },
    ],
  })
  const facts = factsOf({ cluster: localContext, live })

  it('deletes the workloads, waits for their pods, then the rest by name, and keeps what holds data', () => {
    assert.deepEqual(commandsOf(current, facts), [
      `${kubectl} delete --ignore-not-found -f -`,
      `${kubectl} wait pods --for=delete --namespace infometis-dev -l app=kafka --timeout=290s`,
      `${kubectl} wait pods --for=delete --namespace infometis-dev -l app=infometis-kafka --timeout=290s`,
      `${kubectl} delete --ignore-not-found -f -`,
    ])
    const deleted = planDown(current, facts)
      .flat()
      .flatMap(({ stdin }) =>
        stdin === undefined ? [] : [stdin.matchAll(/"kind":"(\w+)","metadata":\{"name":"([^"]+)/g)],
      )
      .map((found) => [...found].map(([, kind, name]) => `${kind ?? ''}/${name ?? ''}`))
    assert.deepEqual(deleted, [
      ['Deployment/infometis-kafka', 'StatefulSet/kafka'],
      [
        'Service/infometis-kafka',
        'Service/kafka',
        'ConfigMap/routes',
        'ConfigMap/topics-base',
        'ConfigMap/topics',
      ],
    ])
  })

  it('hands on names alone', () => {
    const given = planDown(current, facts).flatMap((group) => group.map(({ stdin = '' }) => stdin))
    assert.ok(given.some((each) => each.includes('topics')))
    assert.ok(!given.some((each) => each.includes('partitions')))
  })

  it('deletes the environment’s own data when told to, and nobody else’s', () => {
    assert.deepEqual(commandsOf({ ...current, deleteData: true }, facts).slice(-2), [
      `${kubectl} delete persistentvolumeclaim --namespace infometis-dev --ignore-not-found data-kafka-0 data-kafka-1 pictures`,
      `${kubectl} delete configmap --namespace infometis-dev --ignore-not-found topics-status`,
    ])
  })
})
