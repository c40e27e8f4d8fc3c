import { Bench } from './bench.ts'
import { desired, topicSpecs } from './desired.ts'
import { inParallel } from './waiting.ts'
import { memoryOf, cpuOf } from './process-figures.ts'
const bench = await Bench.open(
  { size: 'quick', only: [], write: false, date: '', profile: undefined, help: false } as never,
  new AbortController().signal,
)
try {
  const kafka = await bench.kafka()
  const namespace = await bench.namespace()
  const view = await bench.view(namespace)
  const topics = topicSpecs('x', 1000, 1)
  const rec = await bench.reconciler({
    namespace,
    kafka,
    environment: { NODE_OPTIONS: process.argv[2] ?? '' },
  })
  const t = Date.now()
  await inParallel(topics, 16, async (x) => bench.desk.create(namespace, desired(x.name, [x])))
  console.log('posted', Date.now() - t)
  await view.until('ready', () => topics.every((x) => view.ready(x.name) === 'True'), 90_000)
  console.log('ready', Date.now() - t, await memoryOf(rec.pid))
  await new Promise((r) => setTimeout(r, 15000))
  const c = await cpuOf(rec.pid)
  await new Promise((r) => setTimeout(r, 45000))
  console.log('later', await memoryOf(rec.pid), 'cpu ms in 45 s', (await cpuOf(rec.pid)) - c)
  for (const s of await rec.metrics())
    if (/nodejs_heap|rest_client_requests_total|process_resident|nodejs_external/.test(s.name))
      console.log(s.name, [...s.labels.values()].join(' '), s.value)
} finally {
  await bench.close()
}
