import { Bench } from './bench.ts'
import { desired, topicSpecs } from './desired.ts'
import { inParallel, timed } from './waiting.ts'
import { cpuOf, memoryOf } from './process-figures.ts'
import { execSync } from 'node:child_process'
const bench = await Bench.open(
  { size: 'quick', only: [], write: false, date: '', profile: process.argv[2], help: false },
  new AbortController().signal,
)
try {
  const kafka = await bench.kafka()
  const broker = await bench.broker(kafka)
  const namespace = await bench.namespace()
  const view = await bench.view(namespace)
  const rec = await bench.reconciler({
    namespace,
    kafka,
    environment: { LOG_LEVEL: 'debug', CONCURRENCY: process.argv[3] ?? '32' },
  })
  const topics = topicSpecs('x', 1000, 3)
  const kids = execSync(`pgrep -P ${process.pid} -a`)
    .toString()
    .trim()
    .split('\n')
    .map((l) => l.split(' '))
    .map(([pid, cmd, ...r]) => [Number(pid), `${cmd} ${r.slice(0, 1).join(' ')}`] as const)
  const before = await Promise.all(kids.map(async ([pid]) => cpuOf(pid).catch(() => 0)))
  const me = process.cpuUsage()
  let posted = 0
  console.log(
    'total',
    await timed(async () => {
      posted = await timed(() =>
        inParallel(topics, 16, async (t) => bench.desk.create(namespace, desired(t.name, [t]))),
      )
      console.log('posted', posted, 'ready', topics.filter((t) => view.ready(t.name) === 'True').length)
      await view
        .until('ready', () => topics.every((t) => view.ready(t.name) === 'True'), 75_000)
        .catch((e) => console.log(String(e)))
    }),
  )
  for (const [i, [pid, name]] of kids.entries())
    console.log(name, (await cpuOf(pid).catch(() => 0)) - (before[i] ?? 0), 'ms cpu')
  const u = process.cpuUsage(me)
  console.log('harness', (u.user + u.system) / 1000)
  for (const s of await rec.metrics())
    if (
      /rest_client_requests|infometis_changes|reconcile_total|reconcile_time_seconds_(sum|count)|adds_total|restarts|duration_seconds_(sum|count)/.test(
        s.name,
      )
    )
      console.log(s.name, [...s.labels.values()].join(' '), s.value)
  console.log(await memoryOf(rec.pid))
  const java = kids.find(([, n]) => n.startsWith('java'))?.[0]
  console.log(
    execSync(
      `for t in /proc/${java}/task/*; do set -- $(sed 's/.*) //' $t/stat); echo "$(( \${12} + \${13} ))0 ms $(cat $t/comm)"; done | sort -rn | head -12`,
      { shell: '/bin/bash' },
    ).toString(),
  )
  const lines = await rec.log.reconciled()
  console.log(
    'reconciles',
    lines.length,
    'distinct',
    new Set(lines.map((l) => l.key)).size,
    'slowest',
    Math.max(...lines.map((l) => l.ms)),
  )
  execSync(`cp ${rec.logFile} /tmp/benchx/many.log`)
} finally {
  await bench.close()
}
