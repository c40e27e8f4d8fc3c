import type { BareBroker } from '../bare-broker.ts'
import type { Bench } from '../bench.ts'
import type { Component } from '../component.ts'
import { content, desired } from '../desired.ts'
import { topicSpecs, topicsDocument } from '../topics.ts'
import { ratioOf, sayRatio, sayRuns, saySpread, type Row } from '../row.ts'
import { spreadOf } from '../statistics.ts'
import { inParallel } from '../../../src/client/parallel.ts'
import { inTurn, timed } from '../waiting.ts'

const count = 1_000
const partitions = 3
/** Requests of the benchmark to the API server at a time. */
const width = 16

interface Figures {
  readonly create: number[]
  readonly remove: number[]
  readonly many: number[]
}

const drained = 'each begun when the broker had done all it was told before'

/** Create and delete 1,000 topics, in one ConfigMap and in a thousand. */
export async function bulk(bench: Bench): Promise<readonly Row[]> {
  const kafka = await bench.kafka()
  const broker = await bench.broker(kafka)
  const ours: Figures = { create: [], remove: [], many: [] }
  const bare: Figures = { create: [], remove: [], many: [] }
  await warmUp(broker)
  for (let run = 0; run < bench.pick({ quick: 1, default: 3, full: 5 }); run += 1) {
    await inTurn(
      run,
      () => bareRun(bench, kafka, broker, `bare-${run}`, bare),
      () => ourRun(bench, kafka, broker, `ours-${run}`, ours),
    )
  }
  return [createRow(ours, bare), manyRow(ours, bare), deleteRow(ours, bare)]
}

async function warmUp(broker: BareBroker): Promise<void> {
  await broker.createTopics(topicSpecs('warm', 200, partitions))
  await broker.deleteTopics(await broker.ids('warm-'))
}

async function bareRun(
  bench: Bench,
  kafka: Component,
  broker: BareBroker,
  prefix: string,
  figures: Figures,
): Promise<void> {
  const topics = topicSpecs(prefix, count, partitions)
  await broker.drain()
  figures.create.push(await timed(() => broker.createTopics(topics)))
  const ids = await broker.ids(prefix)
  await broker.drain()
  figures.remove.push(await timed(() => broker.deleteTopics(ids)))
  const namespace = await bench.namespace(kafka)
  const many = topicSpecs(`${prefix}-many`, count, partitions)
  const create = async (suffix: string): Promise<unknown> =>
    inParallel(many, width, async (topic) => {
      const { metadata, ...rest } = desired(topic.name, topicsDocument([topic]))
      await bench.desk.create(namespace, { metadata: { ...metadata, name: topic.name + suffix }, ...rest })
    })
  await broker.drain()
  figures.many.push(
    await timed(async () => {
      await Promise.all([create(''), broker.createTopics(many)])
      await create('-status')
    }),
  )
  await broker.deleteTopics(await broker.ids(`${prefix}-many`))
}

async function ourRun(
  bench: Bench,
  kafka: Component,
  broker: BareBroker,
  prefix: string,
  figures: Figures,
): Promise<void> {
  await ourSingle(bench, kafka, broker, prefix, figures)
  await ourMany(bench, kafka, broker, `${prefix}-many`, figures)
}

async function ourSingle(
  bench: Bench,
  kafka: Component,
  broker: BareBroker,
  prefix: string,
  figures: Figures,
): Promise<void> {
  const { desk } = bench
  const namespace = await bench.namespace(kafka)
  const view = await bench.view(namespace)
  const reconciler = await bench.reconciler({ namespace, component: kafka })
  // An empty document deletes nothing, so one topic stays.
  const keeper = topicSpecs(`keep-${prefix}`, 1, 1)
  const topics = topicSpecs(prefix, count, partitions)
  const name = 'topics'
  const object = desired(name, topicsDocument([...keeper, ...topics]), {
    policy: 'sync',
    'max-deletes': '2000',
  })
  await broker.drain()
  figures.create.push(
    await timed(async () => {
      await desk.create(namespace, object)
      await view.until('the topics to be ready', () => view.ready(name) === 'True')
      await broker.awaitLeaders(topics)
    }),
  )
  const before = view.observedHash(name)
  await broker.drain()
  figures.remove.push(
    await timed(async () => {
      await desk.patch(namespace, name, content(topicsDocument(keeper)))
      await view.until('the topics to be deleted', () => view.readyAfter(before, name))
      await broker.awaitGone(new Set(topics.map((topic) => topic.name)))
    }),
  )
  await reconciler.stop()
  view.close()
  await broker.deleteTopics(await broker.ids(`keep-${prefix}`))
}

async function ourMany(
  bench: Bench,
  kafka: Component,
  broker: BareBroker,
  prefix: string,
  figures: Figures,
): Promise<void> {
  const { desk } = bench
  const namespace = await bench.namespace(kafka)
  const view = await bench.view(namespace)
  const reconciler = await bench.reconciler({ namespace, component: kafka })
  const topics = topicSpecs(prefix, count, partitions)
  await broker.drain()
  figures.many.push(
    await timed(async () => {
      await inParallel(topics, width, async (topic) =>
        desk.create(namespace, desired(topic.name, topicsDocument([topic]))),
      )
      const ready = (): boolean => topics.every((topic) => view.ready(topic.name) === 'True')
      await view.until('a thousand ConfigMaps to be ready', ready)
      await broker.awaitLeaders(topics)
    }),
  )
  await reconciler.stop()
  view.close()
  await broker.deleteTopics(await broker.ids(prefix))
}

function createRow({ create }: Figures, bare: Figures): Row {
  return {
    what: 'create 1,000 topics × 3 partitions, one ConfigMap, all with leaders, status written',
    measured: saySpread(create, 's'),
    bare: saySpread(bare.create, 's'),
    ratio: sayRatio(create, bare.create),
    target: '≤ 1.5 × bare',
    met: ratioOf(create, bare.create) <= 1.5,
    how: `${sayRuns(create)}, ${drained}. From sending the ConfigMap until its status is Ready and Metadata shows every leader. Bare: one CreateTopics, then Metadata of one topic every 5 ms, then of all, until every partition has a leader.`,
  }
}

function manyRow({ many }: Figures, bare: Figures): Row {
  return {
    what: 'the same as 1,000 ConfigMaps of one topic',
    measured: saySpread(many, 's'),
    bare: saySpread(bare.many, 's'),
    ratio: sayRatio(many, bare.many),
    target: '≤ 12 s',
    met: spreadOf(many).median <= 12_000,
    how: `${sayRuns(many)}, ${drained}. From sending the first ConfigMap (${width} requests at a time) until all 1,000 statuses are Ready. Bare: 1,000 creations of ConfigMaps beside one CreateTopics, then 1,000 creations of statuses.`,
  }
}

function deleteRow({ remove }: Figures, bare: Figures): Row {
  return {
    what: 'delete 1,000 topics × 3 partitions (policy sync)',
    measured: saySpread(remove, 's'),
    bare: saySpread(bare.remove, 's'),
    ratio: sayRatio(remove, bare.remove),
    target: '≤ 1.5 × bare',
    met: ratioOf(remove, bare.remove) <= 1.5,
    how: `${sayRuns(remove)}, ${drained}. From sending the change until status is Ready again and Metadata shows none of them; ours first asks whether they hold records or have readers. Bare: one DeleteTopics by id, then Metadata of one topic every 5 ms, then of all, until all are gone.`,
  }
}
