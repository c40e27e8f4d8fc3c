import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { createFake, type FakeServer } from '../../reconcilers/kafka/fake.ts'
import type { Topic } from '../../reconcilers/kafka/normalize.ts'
import { KafkaReconciler } from '../../reconcilers/kafka/reconciler.ts'
import { Desk } from '../../test/support/desk.ts'
import { makePlan, type Planned } from '../reconcile/planner.ts'
import type { Resource } from '../core/resource.ts'
import type { DesiredDocument } from './desired.ts'
import { assumedStanding, knownStanding, type Standing } from './standing.ts'

const service = new KafkaReconciler()
let server: FakeServer
let desk: Desk<Topic>

beforeEach(() => {
  server = createFake().server
  desk = new Desk(service, () => createFake({ server }).client)
})

function documentOf(name: string): DesiredDocument {
  const written = desk.documents.get(`team/${name}`)
  const [type] = service.types
  assert.ok(written !== undefined && type !== undefined)
  return { service, type, written, instance: '', base: false, file: 'x.yaml', line: 1, firstLine: 1 }
}

/** The standing of files that hold these ConfigMaps as they are now, with what the operator keeps. */
function standingOf(name: string, files: readonly string[] = [name]): Standing {
  return knownStanding(files.map(documentOf), desk.states)(documentOf(name))
}

async function planOf(name: string, standing: Standing): Promise<Planned<Resource>> {
  const { type, written } = documentOf(name)
  const { client } = createFake({ server })
  const facts = { ...standing, kind: service.kind, secrets: desk.secrets, now: 0 }
  return makePlan<Resource>(type, written, client, facts, new AbortController().signal)
}

describe('the standing of a file among what the operator keeps', () => {
  it('gives held changes the operator’s own hash', async () => {
    server.create('found', { config: { 'retention.ms': '1' } })
    desk.write('a', 'topics', { made: { partitions: 1 }, found: { config: { 'retention.ms': '2' } } })
    await desk.converge('a')
    const planned = await planOf('a', standingOf('a'))
    assert.match(planned.hash ?? '', /^[0-9a-f]{12}$/)
    assert.equal(planned.hash, desk.state('a').plan?.hash)
  })

  it('shows an orphan that the file no longer names', async () => {
    desk.write('a', 'topics', { kept: { partitions: 1 }, dropped: { partitions: 1 } })
    await desk.converge('a')
    desk.write('a', 'topics', { kept: { partitions: 1 } })
    const { plan } = await planOf('a', standingOf('a'))
    assert.deepEqual([plan.changes, plan.orphans], [[], ['topics/dropped']])
  })

  it('leaves what another ConfigMap holds to it, also when that one is not in the files', async () => {
    desk.write('owner', 'topics', { shared: { partitions: 1 } })
    await desk.converge('owner')
    desk.write('late', 'topics', { shared: { partitions: 9 } })
    const standing = standingOf('late')
    assert.deepEqual(standing.conflicts, [{ resource: 'topics/shared', owner: 'team/owner' }])
    assert.deepEqual((await planOf('late', standing)).plan.changes, [])
  })

  it('takes over what the other ConfigMap in the files no longer names', async () => {
    desk.write('first', 'topics', { moved: { partitions: 1 } })
    await desk.converge('first')
    desk.write('first', 'topics', { rest: { partitions: 1 } })
    desk.write('second', 'topics', { moved: { partitions: 2 } })
    const standing = standingOf('second', ['first', 'second'])
    assert.deepEqual([standing.conflicts, [...standing.inventory.keys()]], [[], ['topics/moved']])
    const [planned] = (await planOf('second', standing)).plan.changes
    assert.deepEqual([planned?.change.cause, planned?.judgement.verdict], ['written', 'apply'])
  })

  it('knows drift from a written change, as the operator does', async () => {
    desk.write('a', 'topics', { t: { config: { 'retention.ms': '1000' } } })
    await desk.converge('a')
    server.setConfigs('t', new Map([['retention.ms', '9000']]))
    const [planned] = (await planOf('a', standingOf('a'))).plan.changes
    assert.equal(planned?.change.cause, 'drift')
  })
})

describe('the standing that is assumed where nobody knows', () => {
  it('takes what is written as owned, never to be deleted', async () => {
    server.create('t', { partitions: 1 })
    desk.write('a', 'topics', { t: { partitions: 2 } }, { controls: { policy: 'sync' } })
    const standing = assumedStanding(documentOf('a'))
    assert.deepEqual(
      [...standing.inventory.values()].map(({ deletable }) => deletable),
      [false],
    )
    const [planned] = (await planOf('a', standing)).plan.changes
    assert.deepEqual([planned?.change.action, planned?.judgement.verdict], ['update', 'apply'])
  })
})
