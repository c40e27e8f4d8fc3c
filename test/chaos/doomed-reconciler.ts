import { KafkaReconciler } from '../../reconcilers/kafka/reconciler.ts'
import { openSurroundings } from '../../src/cli/run-surroundings.ts'
import { readSettings, runSettings } from '../../src/config.ts'
import type { StateStore } from '../../src/reconcile/state.ts'
import { systemClock } from '../../src/reconcile/clock.ts'
import { createLogger } from '../../src/runtime/logger.ts'
import { Metrics } from '../../src/runtime/metrics.ts'
import { ReconcilerProcess } from '../../src/runtime/reconciler-process.ts'

/** The real reconciler, as `infometis run kafka` composes it, that kills itself at the nth moment around an await. */
const doom = Number(process.argv[2])
let moments = 0

function moment(): void {
  moments += 1
  if (moments === doom) process.kill(process.pid, 'SIGKILL')
}

async function around<T>(run: () => Promise<T>): Promise<T> {
  moment()
  const result = await run()
  moment()
  return result
}

const service = new KafkaReconciler()
const settings = readSettings(runSettings)
const log = createLogger({ level: settings.LOG_LEVEL, pretty: false }, (line) => process.stdout.write(line))
const metrics = new Metrics(service.kind, '0')
const { surroundings } = await openSurroundings({ service, settings, metrics, log })
const client = service.connect(readSettings(service.settings))

const mortalClient: typeof client = {
  ping: (signal) => client.ping(signal),
  list: (type, signal) => around(() => client.list(type, signal)),
  observe: (type, names, signal, sought) => around(() => client.observe(type, names, signal, sought)),
  validate: (changes, signal) => around(async () => client.validate?.(changes, signal) ?? []),
  apply: (changes, signal) => around(() => client.apply(changes, signal)),
  close: () => client.close(),
}

const { store } = surroundings
const mortalStore: StateStore = {
  read: (key) => store.read(key),
  keys: () => store.keys(),
  save: (key, state, signal) => around(() => store.save(key, state, signal)),
  remove: (key, signal) => around(() => store.remove(key, signal)),
  summarize: (written, state, signal) => around(() => store.summarize(written, state, signal)),
  keep: (key, resource, original, signal) => around(() => store.keep(key, resource, original, signal)),
  announce: (written, transitions) => store.announce(written, transitions),
}

const doomed = new ReconcilerProcess({
  service,
  client: mortalClient,
  surroundings: {
    source: surroundings.source,
    store: mortalStore,
    secrets: surroundings.secrets,
    suspended: () => surroundings.suspended(),
    start: (listeners) => surroundings.start(listeners),
    watch: () => surroundings.watch(),
    stop: () => surroundings.stop(),
  },
  settings,
  metrics,
  log,
  clock: systemClock,
})
await doomed.start()
